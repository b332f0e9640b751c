/*
 * compare_run.c: one run of a comparison, and what is read of its trace. See compare_run.h.
 */
#include "compare_run.h"

#include "launch.h"
#include "say.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int ex_compare_read(struct ex_column *column)
{
	struct ex_trace *trace = calloc(1, sizeof(*trace));
	if (!trace)
		abort();
	int status = ex_trace_open_or_fail(trace, column->dir);
	if (status)
		return status;
	ex_processes_build(&column->processes, trace);
	const struct ex_image *image = column->processes.judged;
	if (image) {
		struct ex_symbols *symbols = ex_symbols_open(image, NULL);
		ex_teardown_build(&column->teardown, image, symbols);
		ex_growth_build(&column->growth, image, symbols, NULL, 0);
		ex_departure_build(&column->departure, &column->teardown);
		column->thread_count = ex_live_find(&column->teardown, &column->threads);
		ex_profiles_build(&column->profiles, image);
		column->took_bytes = ex_teardown_took_bytes(&column->teardown);
	}
	return 0;
}

int ex_compare_run(struct ex_column *column, const struct ex_compare_job *job, const char *treatment, int is_shown,
		   int *was_interrupted)
{
	struct ex_ending ending;
	const char *base = strrchr(column->name, '/') ? strrchr(column->name, '/') + 1 : column->name;
	const char *dir = ex_format("%s/%s", job->folder, base);
	for (int n = 2; access(dir, F_OK) == 0; n++)
		dir = ex_format("%s/%s-%d", job->folder, base, n);
	const char *profile = ex_format("%s.profile", dir);
	if (mkdir(profile, 0700))
		return ex_fail(EX_MSG_TRACE_UNWRITABLE, profile, strerror(errno));
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	const char *set_env[] = {ex_profraw_place_begin(job->place, profile), NULL};
	struct ex_launch launch = {
		.argv = job->argv,
		.dir = dir,
		.settings = ex_format("%s%s%s", job->settings, *job->settings && *treatment ? " " : "", treatment),
		.set_env = (char *const *)set_env,
		.in_fd = ex_stdin_begin(job->input),
		.out_fd = is_shown ? -1 : null,
		.err_fd = is_shown ? -1 : null,
		.timeout_s = job->timeout_s,
		.own_group = 1,
		.preload = column->preload,
	};
	int status = ex_launch(&launch, &ending);
	ex_stdin_end(job->input);
	close(null);
	if (!status) {
		column->dir = ending.dir ? ending.dir : dir;
		*was_interrupted = ending.interrupted;
		status = ex_compare_read(column);
	}
	ex_profraw_place_end(job->place, profile, status ? NULL : &column->processes);
	rmdir(profile); /* stays where there is a profile in it */
	return status;
}
