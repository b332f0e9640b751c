/*
 * launcher.h: a command that starts another one in a sandbox, as schema/launchers.def knows it: runsc … do … CMD. The
 * processes of interest are then those inside, whose numbers and clocks are not ours.
 */
#ifndef EX_LAUNCHER_H
#define EX_LAUNCHER_H

#include <sys/types.h>

enum ex_launcher_how {
	EX_LAUNCHER_NONE,
	EX_LAUNCHER_HANDS_ON, /* CMD gets our environment */
	EX_LAUNCHER_BUNDLE,
	EX_LAUNCHER_ENGINE,
};

struct ex_launcher {
	enum ex_launcher_how how;
	const char *name; /* "runsc" */
	const char *what; /* "runsc do" */
	int verb;	  /* index of the argument that tells what it does */
	int command;	  /* HANDS_ON: index of CMD */
	int root;	  /* index of the flag that gives another root, 0 = none */
	int cwd;	  /* index of the working directory inside, 0 = ours */
	int writes;	  /* what is written inside stays */
};

/* whether argv is one; it may have been cut at its end */
int ex_launcher_is(struct ex_launcher *launcher, char *const *argv);
/* 0 when a trace can come out of it, else the exit status after a message; dir: where the trace is to be, NULL = here */
int ex_launcher_refuse(const struct ex_launcher *launcher, char *const *argv, const char *library, const char *dir);

/* launcher_end.c: what a launcher that was told to end leaves behind: processes that got away, its folder with a mount in it */
struct ex_launcher_rest;
/* its processes and its folder, while it lives */
struct ex_launcher_rest *ex_launcher_look(pid_t pid);
/* once it was reaped: they are ended, and the folder goes away; NULL is none */
void ex_launcher_sweep(struct ex_launcher_rest *rest);

/* launcher_pipe.c: a sandbox writes a regular file at an offset of its own, over what is there. A pipe in its place, and a
 * process that carries what comes through it into the file */
struct ex_launcher_pipe {
	pid_t pid; /* 0 = there is none */
	int fd;	   /* our end of it, -1 */
};
/* *fd: where the command is to write; becomes the pipe, where that is a regular file */
void ex_launcher_pipe_begin(struct ex_launcher_pipe *pipe, int *fd);
/* returns when all is in the file, or 3 s after the command's end: a process that got away may still hold the pipe */
void ex_launcher_pipe_end(struct ex_launcher_pipe *pipe);

#endif
