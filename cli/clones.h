/*
 * clones.h: the stopped copies of processes that treatment clone-at left in a trace, as the pages tell that they share
 * with whoever asks them.
 */
#ifndef EX_CLONES_H
#define EX_CLONES_H

#include "launch.h"
#include "program.h"
#include "wire.h"

struct ex_clone {
	const char *trace; /* directory */
	const char *path;  /* of the page */
	struct ex_clones *page;
	struct ex_clone_slot *slot;
	int waits; /* its process is there, and is that copy */
};

struct ex_clone_list {
	struct ex_clone *list; /* by number */
	size_t count;
};

/* all copies that were made in a trace; none where it cannot be read */
void ex_clones_read(struct ex_clone_list *clones, const char *trace);
/* the copy that process pid is: 1, or 0 */
int ex_clones_of_pid(struct ex_clone *clone, pid_t pid);
/* clones_find.c: those that wait of what COPY names: TRACE:N, TRACE (all of it), or the number of a copy's process; the last is
 * the one to take where one is wanted. 0 with one at least, or the exit status after a message */
int ex_clones_find(struct ex_clone_list *clones, const char *copy);
/* all of its trace, those too that are gone; may be none. trace: the directory, absolute */
int ex_clones_all(struct ex_clone_list *clones, const char *copy, const char **trace);
/* looks again whether it waits, or runs */
int ex_clone_lives(struct ex_clone *clone);
/* has it do something (ex_clone_wish); what it answers is slot->answered == the result, some time later */
uint32_t ex_clone_ask(struct ex_clone *clone, enum ex_clone_wish wish);
/* ends it, and waits for it to be gone */
void ex_clone_end(struct ex_clone *clone);
/* until it is gone, for a while: it was told to end */
void ex_clone_wait(const struct ex_clone *clone);
/* "before entry 57 of call:fullGC"; "3 threads, 2 descriptors" that it has not, NULL when nothing is missing */
const char *ex_clone_where(const struct ex_clone *clone);
const char *ex_clone_missing(const struct ex_clone *clone);

/* clones_run.c: after a run: says on stderr which copies wait, or ends those of a process that ended well. point: the setting
 * as it was given. is_verbose: also when there is nothing to say but that */
void ex_clones_after(const struct ex_ending *ending, const char *point, int is_verbose);
/* ends all that were made in that trace */
void ex_clones_end_all(const char *trace);

/* clone_point.c: settings in the form of the EXEUNT variable, where clone-at=call: names the function by its place in a file.
 * *status: 0, or the exit status after a message */
const char *ex_clone_point(const char *settings, const struct ex_program *program, int *status);

#endif
