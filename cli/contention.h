/*
 * contention.h: how much of their time the threads of a process waited for the locks of malloc's arenas. Out of the
 * events WAIT, THREAD_BEGIN and THREAD_END.
 */
#ifndef EX_CONTENTION_H
#define EX_CONTENTION_H

#include "process.h"

/*
 * What is worth a verdict. The share is what could be won at most: below 5 % it is lost in the noise of run times.
 * A hundred waits say the share to about a tenth (1/sqrt(100)); with fewer, one owner of a lock that lost its processor
 * decides it. 10 ms is what a scheduler may take away at once.
 */
#define EX_CONTENTION_SHARE 0.05
#define EX_CONTENTION_WAITS 100
#define EX_CONTENTION_NS 10000000u

struct ex_contention {
	const struct ex_image *image; /* NULL: there was no process */
	unsigned waits;
	uint64_t wait_ns, longest_ns;
	uint64_t thread_ns;   /* lives of the threads that waited, summed */
	unsigned waiters;     /* such threads */
	unsigned threads;     /* most threads at a time */
	unsigned arenas;      /* that grew or were waited for; the main arena always counts */
	double share;	      /* wait_ns of thread_ns */
	unsigned most_arenas; /* of any process */
};

/* of the process of a trace that waited most */
void ex_contention_find(struct ex_contention *contention, const struct ex_processes *processes);
/* waited enough to say something, and at least that share of its time */
int ex_contention_reaches(const struct ex_contention *contention, double share);

#endif
