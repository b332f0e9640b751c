/*
 * launch.h: runs one command under the library and waits for it. Used by run, diagnose, compare.
 */
#ifndef EX_LAUNCH_H
#define EX_LAUNCH_H

#include <stddef.h>
#include <sys/types.h>

struct ex_launch {
	char *const *argv;
	const char *dir;	   /* trace directory to make; NULL: exeunt.CMD.PID in the working directory */
	const char *settings;	   /* "key=value key=value" as in the EXEUNT variable, without out=; "" */
	const char *cwd;	   /* NULL: ours */
	char *const *set_env;	   /* "KEY=VALUE" or "KEY" (unset), NULL-terminated, or NULL */
	int in_fd, out_fd, err_fd; /* -1: ours */
	double timeout_s; /* 0: none. At the limit the command's process group is sent SIGTERM, 2 s later SIGKILL */
	int own_group; /* give the command a process group of its own (repeated runs: so that all of it can be ended) */
	int may_go_unobserved; /* run the command, after a note, when the disk takes no trace (full, read-only) */
	int keeps_clones;      /* copies of the process that treatment clone-at left are not ended with it */
	const char *preload;   /* further library to preload behind ours, or NULL (compare --allocators) */
};

struct ex_ending {
	pid_t pid;
	int wait_status;
	int timed_out;
	int interrupted; /* signal that asked us to stop meanwhile (SIGINT for Ctrl-C, SIGTERM, ...), 0 = none */
	double seconds;
	const char *dir;     /* the trace */
	const char *sandbox; /* name of the launcher of a sandbox that the command is, NULL */
};

/* resolves, checks (static, privileged, foreign, sanitizer, nested, library version) and runs.
 * Returns 0, or the exit status after ex_fail has said why nothing was run. */
int ex_launch(const struct ex_launch *launch, struct ex_ending *ending);

/* our own exit in the command's manner: same status, or death by the same signal (without a core file) */
void ex_exit_as(int wait_status) __attribute__((noreturn));

#endif
