/*
 * history.h: what happened to one address of a process while it lived: every call that mapped, protected, moved or
 * unmapped it, with who and when. Out of the events GROWTH, QUARANTINED and STALE_UNMAP; a fork child begins with what
 * its parent had. What the dynamic linker and the kernel map themselves is no call of these.
 */
#ifndef EX_HISTORY_H
#define EX_HISTORY_H

#include "process.h"

enum ex_change_kind {
	EX_CHANGE_MAPPED, /* mmap, or mremap to here */
	EX_CHANGE_PROTECTED,
	EX_CHANGE_DISCARDED, /* madvise: the place stays, its contents do not */
	EX_CHANGE_UNMAPPED,
	EX_CHANGE_MOVED, /* mremap away from here */
	EX_CHANGE_KEPT,	 /* unmapped, and kept reserved by treatment keep */
	EX_CHANGE_AGAIN, /* unmapped once more, while it was kept */
};

struct ex_change {
	const struct ex_event *event; /* carries who: caller, regs, stack */
	enum ex_change_kind kind;
	uint64_t time_ns; /* when it took effect: an unmapping when its call began, all else when it returned */
	uint64_t begin, end;
	unsigned prot; /* MAPPED, PROTECTED */
};

/* from a mapping to its end; the address may have had several */
struct ex_life {
	const struct ex_change *mapped;	   /* NULL: before anything was seen */
	const struct ex_change *made_code; /* made executable last, NULL: it never was */
	const struct ex_change *prot;	   /* what decided its last protection, NULL */
	const struct ex_change *gone; /* UNMAPPED, MOVED, KEPT, or the next MAPPED in its place; NULL: still there */
};

struct ex_history {
	uint64_t address;
	struct ex_change *changes; /* in order of time_ns */
	size_t change_count;
	struct ex_life *lives; /* in order */
	size_t life_count;
};

/* until until_ns; memory lives as long as the process */
void ex_history_read(struct ex_history *history, const struct ex_image *image, uint64_t address, uint64_t until_ns);
/* the last life that has ended and was executable, NULL */
const struct ex_life *ex_history_dead_code(const struct ex_history *history);
/* where a range that a call was given ends: whole pages */
uint64_t ex_history_page_end(uint64_t begin, uint64_t bytes);
/* "unmapped by munmap" and the like */
const char *ex_change_text(const struct ex_change *change);

#endif
