/*
 * arms.c: one run of an arm, with everything of its own: folder, trace, temporary files, profile, input. See arms.h.
 * Must never run anything twice to get another outcome, and never change the working directory.
 */
#include "arms.h"

#include "dead_code.h"
#include "folders.h"
#include "launcher.h"
#include "say.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct {
	const char *text;
	int is_bad;
} outcomes[] = {
#define OUTCOME(NAME, text, is_bad, doc) {text, is_bad},
#include "outcomes.def"
#undef OUTCOME
};

double ex_bench_now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double ex_bench_left_s(const struct ex_bench *bench)
{
	return bench->budget_s > 0 ? bench->budget_s - (ex_bench_now_s() - bench->began_s) : 1e9;
}

static const char *inside(const char *dir, const char *name)
{
	return ex_format("%s/%s", dir, name);
}

static int run_setup(const struct ex_bench *bench)
{
	if (!bench->setup)
		return 0;
	/* stdout is for results, and standard input is the command's */
	int in = fcntl(0, F_DUPFD_CLOEXEC, 3), out = fcntl(1, F_DUPFD_CLOEXEC, 3);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	ex_progress(NULL);
	fflush(NULL);
	dup2(null, 0);
	dup2(2, 1);
	int status = system(bench->setup);
	dup2(in, 0);
	dup2(out, 1);
	close(null);
	close(in);
	close(out);
	if (status == 0)
		return 0;
	return ex_fail(EX_MSG_SETUP_FAILED, bench->setup,
		       WIFEXITED(status) ? ex_format("status %d", WEXITSTATUS(status)) : "a signal");
}

static int is_same_file(const char *a, const char *b)
{
	FILE *left = fopen(a, "re"), *right = fopen(b, "re");
	int x = 0, y = 0;
	while (left && right && x != EOF && x == y) {
		x = getc_unlocked(left);
		y = getc_unlocked(right);
	}
	int is_same = left && right && x == y;
	if (left)
		fclose(left);
	if (right)
		fclose(right);
	return is_same;
}

/* the last line is ended where the program did not: the verdict comes below it */
static void show(const char *path, FILE *out)
{
	char bytes[65536], last = '\n';
	size_t got;
	FILE *file = fopen(path, "re");
	while (file && (got = fread(bytes, 1, sizeof(bytes), file)) > 0) {
		fwrite(bytes, 1, got, out);
		last = bytes[got - 1];
	}
	if (file)
		fclose(file);
	if (last != '\n')
		fputc('\n', out);
	fflush(out);
}

static int has_fault(const struct ex_processes *processes)
{
	for (size_t i = 0; processes && i < processes->count; i++) {
		const struct ex_image *image = &processes->images[i];
		if (image->is_bad &&
		    (image->end == EX_END_SIGNAL || image->end == EX_END_ABORT || image->end == EX_END_VANISHED))
			return 1;
	}
	return 0;
}

/* a sandbox that came to its end with nothing of ours in it */
static int is_not_seen(const struct ex_run *run)
{
	return run->ending.sandbox && WIFEXITED(run->ending.wait_status) && !run->ending.timed_out &&
	       !run->ending.interrupted && (!run->processes || !run->processes->guest_root_pid);
}

static enum ex_outcome judge(const struct ex_run *run, const struct ex_bench *bench)
{
	const struct ex_ending *ending = &run->ending;
	if (ending->interrupted || is_not_seen(run))
		return EX_OUTCOME_LOST;
	if (ending->timed_out)
		return EX_OUTCOME_HANG;
	if (WIFSIGNALED(ending->wait_status) || has_fault(run->processes))
		return EX_OUTCOME_SIGNAL;
	if (!run->processes)
		return EX_OUTCOME_LOST;
	if (bench->expected_status >= 0 && WEXITSTATUS(ending->wait_status) != bench->expected_status)
		return EX_OUTCOME_STATUS;
	if (bench->expected_output && !is_same_file(inside(run->dir, "stdout"), bench->expected_output))
		return EX_OUTCOME_OUTPUT;
	return EX_OUTCOME_CLEAN;
}

static struct ex_processes *read_trace(const char *dir)
{
	struct ex_trace *trace = calloc(1, sizeof(*trace));
	struct ex_processes *processes = calloc(1, sizeof(*processes));
	if (!trace || !processes)
		abort();
	if (ex_trace_open(trace, dir, NULL) != EX_TRACE_OK)
		return NULL;
	ex_processes_build(processes, trace);
	return processes;
}

static int open_output(const char *dir, const char *name)
{
	return open(inside(dir, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

int ex_arm_run(struct ex_arm *arm, struct ex_bench *bench)
{
	arm->runs = realloc(arm->runs, (arm->count + 1) * sizeof(*arm->runs));
	if (!arm->runs)
		abort();
	struct ex_run *run = &arm->runs[arm->count];
	memset(run, 0, sizeof(*run));
	run->n = arm->count + 1;
	run->dir = ex_format("%s/%s/%u", bench->dir, arm->name, run->n);
	const char *profile = inside(run->dir, "profile"), *tmp = inside(run->dir, "tmp");
	if (ex_folders_make(profile) || ex_folders_make(tmp))
		return ex_fail(EX_MSG_TRACE_UNWRITABLE, run->dir, strerror(errno));
	struct ex_launcher launcher;
	int status = run_setup(bench);
	if (status)
		return status;
	ex_profraw_place_seed(bench->place, arm->is_stale);
	const char *profile_env = ex_profraw_place_begin(bench->place, profile);
	const char *set_env[3] = {ex_format("TMPDIR=%s", tmp), profile_env, NULL};
	/* runsc sets its sandbox up in there, as a user who may not enter folders of ours (20221219: "error setting up
	 * chroot") */
	if (ex_launcher_is(&launcher, bench->argv)) {
		set_env[0] = profile_env;
		set_env[1] = NULL;
	}
	double left_s = ex_bench_left_s(bench);
	struct ex_launch launch = {
		.argv = bench->argv,
		.dir = inside(run->dir, "trace"),
		.settings = arm->settings,
		.set_env = (char *const *)set_env,
		.in_fd = ex_stdin_begin(bench->input),
		.out_fd = open_output(run->dir, "stdout"),
		.err_fd = open_output(run->dir, "stderr"),
		/* the first run is worth its whole time: without it there is nothing to tell */
		.timeout_s = bench->first && left_s < bench->timeout_s ? (left_s > 1 ? left_s : 1) : bench->timeout_s,
		.own_group = 1,
		.preload = bench->preload,
	};
	status = ex_launch(&launch, &run->ending);
	ex_stdin_end(bench->input);
	close(launch.out_fd);
	close(launch.err_fd);
	if (!status)
		run->processes = read_trace(launch.dir);
	run->profiles = ex_profraw_place_end(bench->place, profile, run->processes);
	if (status)
		return status;
	if (!bench->first && is_not_seen(run)) {
		show(inside(run->dir, "stderr"), stderr);
		return ex_fail(EX_MSG_LAUNCHER_FAILED, run->ending.sandbox, WEXITSTATUS(run->ending.wait_status));
	}
	ex_run_find_profile(run);
	if (run->processes) {
		ex_contention_find(&run->contention, run->processes);
		run->is_treated = ex_run_is_treated(arm, run);
	}
	run->outcome = judge(run, bench);
	/* the budget's end is no hang of the program's */
	if (run->ending.timed_out && launch.timeout_s < bench->timeout_s)
		run->outcome = EX_OUTCOME_LOST;
	if (run->ending.interrupted)
		bench->was_interrupted = run->ending.interrupted;
	/* what a run that died has printed is cut short, and nothing to compare others with */
	if (bench->expects_same_output && !bench->expected_output && run->outcome == EX_OUTCOME_CLEAN)
		bench->expected_output = inside(run->dir, "stdout");
	arm->count++;
	if (!bench->first) {
		struct ex_run *first = malloc(sizeof(*first));
		if (!first)
			abort();
		*first = *run;
		bench->first = first;
		if (bench->shows_first) {
			ex_progress(NULL);
			show(inside(run->dir, "stdout"), stdout);
			show(inside(run->dir, "stderr"), stderr);
		}
	}
	return 0;
}

int ex_run_ended_badly(const struct ex_run *run)
{
	return outcomes[run->outcome].is_bad;
}

int ex_run_counts(const struct ex_arm *arm, const struct ex_run *run)
{
	return run->outcome != EX_OUTCOME_LOST && run->is_treated &&
	       !(arm->measure == EX_MEASURE_CONTENTION && ex_run_ended_badly(run));
}

static int has_unmapped_again(const struct ex_run *run)
{
	for (size_t i = 0; run->processes && i < run->processes->trace->count; i++)
		if (run->processes->trace->events[i].meta->id == EX_EV_STALE_UNMAP)
			return 1;
	return 0;
}

int ex_run_is_bad(const struct ex_arm *arm, const struct ex_run *run)
{
	uint64_t overflow_bytes;
	int lacks_profile = run->profiles == 0 || run->lost_profiles;
	if (arm->wants_all && (run->mismatch || (run->profiles >= 0 && run->profiles < run->profiles_due)))
		lacks_profile = 1;
	switch (arm->measure) {
	case EX_MEASURE_PROFILE:
		return lacks_profile;
	case EX_MEASURE_STALE:
		return !run->processes || !run->processes->judged || !ex_dead_code_used(run->processes->judged);
	case EX_MEASURE_GUARD:
		return !ex_run_was_stopped(run);
	case EX_MEASURE_STRAY:
		return !ex_run_was_stray(run);
	case EX_MEASURE_STACK:
		overflow_bytes = ex_run_overflow_bytes(run);
		return overflow_bytes ? overflow_bytes < arm->amount : ex_run_ended_badly(run);
	case EX_MEASURE_AGAIN:
		return ex_run_ended_badly(run) || !has_unmapped_again(run);
	case EX_MEASURE_CONTENTION:
		return ex_contention_reaches(&run->contention, arm->share);
	case EX_MEASURE_OUTCOME_PROFILE:
		return ex_run_ended_badly(run) || lacks_profile;
	default:
		return ex_run_ended_badly(run);
	}
}

unsigned ex_arm_counted(const struct ex_arm *arm)
{
	unsigned count = 0;
	for (unsigned i = 0; i < arm->count; i++)
		count += ex_run_counts(arm, &arm->runs[i]) != 0;
	return count;
}

unsigned ex_arm_bad(const struct ex_arm *arm)
{
	unsigned count = 0;
	for (unsigned i = 0; i < arm->count; i++)
		count += ex_run_counts(arm, &arm->runs[i]) && ex_run_is_bad(arm, &arm->runs[i]);
	return count;
}

const char *ex_role_text(enum ex_role role)
{
	static const char *const texts[] = {"baseline", "confirm", "control", "explore"};
	return texts[role];
}

const char *ex_outcome_text(enum ex_outcome outcome)
{
	return outcomes[outcome].text;
}
