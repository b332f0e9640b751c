/*
 * image.h: this process image: who it is, where its trace goes, how far its life has come.
 */
#ifndef EX_IMAGE_H
#define EX_IMAGE_H

#include "expand.h"

#define EX_RERUN_BEGINS 1 /* it is about to become an image of its own, and goes on where the copy was made */
#define EX_RERUN_RUNS 2

struct ex_image {
	int is_started; /* options are read, events may be written */
	int is_first;	/* our constructor ran before libc's */
	uint32_t pid;
	uint64_t image_ns, parent_image_ns;
	uint64_t lost;
	int no_more_files, file_failures;
	int is_exiting; /* exit has begun */
	uint32_t rows;	/* rows of the teardown timeline so far */
	int is_fork_child;
	int threads;		       /* alive, those whose end we see */
	int is_loader_stuck;	       /* a fork child: a thread that it has not may have held the loader's lock */
	int is_rerun;		       /* a stopped copy that runs on (clone.c): EX_RERUN_*, 0 */
	int is_copy;		       /* a throw-away copy made by a probe: nothing it does may be told */
	char exe[EX_OPTION_MAX_BYTES]; /* path of the executable */
	char preload[4096];	       /* this library's own path */
};

extern struct ex_image ex_image __attribute__((visibility("hidden")));

/* from the constructor, or from the first hook when another object's constructor came before ours */
void ex_image_start(int argc, char **argv, char **envp, int is_constructor);
/* hooks that may run before the constructor call this; cheap */
void ex_image_ready(void);
/* makes a new image of a fork child, at its first event; nothing in a vfork child, which borrows its parent's */
void ex_image_check_fork(void);
/* whether this is a child that runs in its parent's memory (vfork, clone with CLONE_VM): nothing may be kept there */
int ex_image_is_borrowed(void);
/* where the program's environment hangs; NULL when libc has none */
char ***ex_image_environment(void);
/* the shared page of counters; a private one when it cannot be had */
struct ex_ledger *ex_image_ledger(void);
/* the trace is another one from now on, in a process that will be a new image there */
void ex_image_move(const char *dir);
/* next #n of the teardown timeline; 0 before exit begins */
uint32_t ex_image_row(void);

#endif
