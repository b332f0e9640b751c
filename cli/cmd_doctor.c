/*
 * cmd_doctor.c: `exeunt doctor`: what can be observed here, and whether CMD can. CMD itself is not run; /bin/true is.
 */
#include "cmd.h"

#include "args.h"
#include "doctor.h"
#include "launch.h"
#include "library.h"
#include "say.h"
#include "settings.h"
#include "wire.h"

#include <dirent.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const level_texts[] = {"ok", "note", "missing"};

static void help(void)
{
	puts("usage: exeunt doctor [OPTION]... [--] [CMD [ARG]...]\n"
	     "\n"
	     "Lists what works here: library, libc, kernel, limits, and with CMD what kind of program\n"
	     "it is. Does not run CMD.\n"
	     "\n"
	     "  -j, --json           as JSON\n"
	     "      --host-mappings  in a gVisor sandbox: measure how many mappings the host allows one\n"
	     "                       process; takes some seconds\n"
	     "  -h, --help           this text\n"
	     "\n"
	     "example: exeunt doctor -- ./app\n"
	     "\n"
	     "exit status: 0 when CMD can be observed, else what exeunt run would exit with: 125,\n"
	     "126 or 127");
}

void ex_doctor_add(struct ex_doctor *doctor, enum ex_finding_level level, const char *name, const char *format, ...)
{
	char *text;
	va_list args;
	if (doctor->count == sizeof(doctor->findings) / sizeof(*doctor->findings))
		return;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	doctor->findings[doctor->count++] = (struct ex_finding){level, name, text};
}

static void check_install(struct ex_doctor *doctor)
{
	char exe[4096];
	ssize_t bytes = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	exe[bytes > 0 ? bytes : 0] = '\0';
	ex_doctor_add(doctor, EX_FINDING_OK, "exeunt", "%s, %s", EXEUNT_VERSION, exe);
	int status = 0;
	const char *path = ex_library_or_fail("", &status);
	if (path)
		ex_doctor_add(doctor, EX_FINDING_OK, "library", "%s, %s", EXEUNT_VERSION, path);
	else
		ex_doctor_add(doctor, EX_FINDING_MISSING, "library", "%s: not found, or it does not fit",
			      ex_library_places());
	doctor->status = status;
	ex_doctor_add(doctor, EX_FINDING_OK, "profiles", "%s", ex_settings_profiles());
}

/* takes the trial's trace away; returns whether process pid has a stream in it */
static int sweep(const char *dir, pid_t pid)
{
	char prefix[32];
	int is_there = 0;
	struct dirent *entry;
	DIR *handle = opendir(dir);
	snprintf(prefix, sizeof(prefix), "s.%d.", (int)pid);
	while (handle && (entry = readdir(handle))) {
		is_there |= !strncmp(entry->d_name, prefix, strlen(prefix));
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(handle), entry->d_name, 0);
	}
	if (handle)
		closedir(handle);
	rmdir(dir);
	return is_there;
}

static void check_trial(struct ex_doctor *doctor)
{
	static char name[] = "true";
	char *const argv[] = {name, NULL};
	const char *parent = getenv("TMPDIR");
	char *dir;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct ex_launch launch = {.argv = argv,
				   .settings = "",
				   .in_fd = null,
				   .out_fd = null,
				   .err_fd = null,
				   .timeout_s = 10,
				   .own_group = 1};
	struct ex_ending ending;
	if (asprintf(&dir, "%s/exeunt.XXXXXX", parent && *parent ? parent : "/tmp") < 0)
		abort();
	launch.dir = mkdtemp(dir);
	if (!launch.dir) {
		ex_doctor_add(doctor, EX_FINDING_NOTE, "trial", "not done: no directory can be made as %s; set TMPDIR",
			      dir);
		return;
	}
	int status = ex_launch(&launch, &ending);
	if (!status)
		ex_doctor_detours(doctor, dir);
	int is_there = sweep(dir, status ? 0 : ending.pid);
	if (status)
		ex_doctor_add(doctor, EX_FINDING_MISSING, "trial", "%s could not be run under the library", name);
	else if (ending.timed_out)
		ex_doctor_add(doctor, EX_FINDING_MISSING, "trial", "%s hung under the library", name);
	else if (ending.wait_status)
		ex_doctor_add(doctor, EX_FINDING_MISSING, "trial", "%s ended with wait status 0x%x under the library",
			      name, (unsigned)ending.wait_status);
	else if (!is_there)
		ex_doctor_add(doctor, EX_FINDING_MISSING, "trial", "%s ran, but the library wrote no trace", name);
	else
		ex_doctor_add(doctor, EX_FINDING_OK, "trial", "%s ran under the library and left its trace", name);
	if (!doctor->status && (status || ending.timed_out || ending.wait_status || !is_there))
		doctor->status = status ? status : 125;
}

static void print_text(const struct ex_doctor *doctor)
{
	static const char *const colours[] = {"\033[32m", "\033[33m", "\033[31m"};
	int is_coloured = ex_colour(STDOUT_FILENO);
	for (unsigned i = 0; i < doctor->count; i++) {
		const struct ex_finding *f = &doctor->findings[i];
		printf("%s%-7s%s  %-16s  %s\n", is_coloured ? colours[f->level] : "", level_texts[f->level],
		       is_coloured ? "\033[m" : "", f->name, f->text);
	}
}

void ex_doctor_emit(struct ex_emit *emit, const struct ex_doctor *doctor)
{
	for (unsigned i = 0; i < doctor->count; i++) {
		const struct ex_finding *f = &doctor->findings[i];
		ex_emit_object(emit, NULL);
		ex_emit_text(emit, "name", f->name);
		ex_emit_text(emit, "level", level_texts[f->level]);
		ex_emit_bytes(emit, "text", f->text, strlen(f->text));
		ex_emit_end(emit);
	}
}

static void print_json(const struct ex_doctor *doctor, const char *command)
{
	struct ex_emit emit;
	ex_emit_begin(&emit, stdout);
	ex_emit_object(&emit, NULL);
	ex_emit_text(&emit, "schema", "exeunt.doctor/1");
	ex_emit_text(&emit, "version", EXEUNT_VERSION);
	ex_emit_text(&emit, "command", command);
	ex_emit_bool(&emit, "observable", !doctor->status);
	ex_emit_int(&emit, "status", doctor->status);
	ex_emit_array(&emit, "findings");
	ex_doctor_emit(&emit, doctor);
	ex_emit_end(&emit);
	ex_emit_end(&emit);
}

int ex_cmd_doctor(int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{"host-mappings", no_argument, NULL, 'm'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	static struct ex_doctor doctor;
	int c, is_json = 0, measures_mappings = 0;
	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:jh", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			is_json = 1;
			break;
		case 'm':
			measures_mappings = 1;
			break;
		case 'h':
			help();
			return 0;
		default:
			return ex_args_fail(c, argv, "doctor");
		}
	}
	check_install(&doctor);
	ex_doctor_host(&doctor, measures_mappings);
	/* a library that is not there has been told already */
	if (!doctor.status)
		check_trial(&doctor);
	if (optind < argc)
		ex_doctor_program(&doctor, argv[optind]);
	if (is_json)
		print_json(&doctor, argv[optind]);
	else
		print_text(&doctor);
	return doctor.status;
}
