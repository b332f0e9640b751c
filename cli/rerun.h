/*
 * rerun.h: `exeunt rerun`: a stopped copy of a process is made to run on, once or often, and what came of it.
 */
#ifndef EX_RERUN_H
#define EX_RERUN_H

#include "clones.h"
#include "symbols.h"

#include <stdio.h>

enum ex_rerun_how { EX_RERUN_ENDED, EX_RERUN_TIMED_OUT, EX_RERUN_INTERRUPTED, EX_RERUN_NONE };

struct ex_rerun {	       /* one of them */
	enum ex_rerun_how how; /* NONE: the copy could make no process, wait_status is -errno */
	uint32_t pid, n;       /* n: how many times the copy had been asked to */
	int wait_status, was_silent;
	double seconds;
	int signal, has_place; /* of a crash: where */
	struct ex_place place;
	const char *text; /* "signal 11 SIGSEGV at f+0x12 (app+0x34)" */
};

struct ex_reruns {
	struct ex_clone *clone;
	const char *dir; /* -o, absolute; NULL: the copy's own trace */
	int wanted;
	double timeout_s;
	int out_fd; /* where the standard output of the program goes */
	struct ex_rerun *list;
	int count, stopped_by; /* stopped_by: signal that asked us to stop, 0 */
};

/* 0, or the exit status after a message */
int ex_reruns_do(struct ex_reruns *reruns);
/* how each ended, from its trace */
void ex_reruns_read(struct ex_reruns *reruns);
/* rerun_print.c */
void ex_reruns_text(const struct ex_reruns *reruns, FILE *out);
void ex_reruns_json(const struct ex_reruns *reruns, FILE *out);
void ex_clones_text(const struct ex_clone_list *clones, FILE *out);
void ex_clones_json(const struct ex_clone_list *clones, const char *trace, FILE *out);

#endif
