/*
 * code_life.h: the whole life of memory that the program made executable: mapped, written, made code, made writable again, gone,
 * and who came after it. In one pass over the events, so that a trace of millions is read in seconds. What the dynamic linker maps
 * is told by module and is not in here.
 */
#ifndef EX_CODE_LIFE_H
#define EX_CODE_LIFE_H

#include "process.h"

enum ex_code_end {
	EX_CODE_LIVES,
	EX_CODE_DATA, /* still mapped, and no code any more */
	EX_CODE_UNMAPPED,
	EX_CODE_KEPT, /* unmapped, and kept reserved by treatment keep */
	EX_CODE_MOVED,
	EX_CODE_REPLACED, /* something else was mapped over it */
};

struct ex_code_life {
	uint64_t begin, end;
	const struct ex_event *mapped;	  /* GROWTH, NULL: before anything was seen */
	const struct ex_event *made;	  /* that made it executable first */
	const struct ex_event *made_last; /* and the last time */
	unsigned times_made;		  /* how often it became executable: W^X toggles */
	enum ex_code_end how;
	const struct ex_event *gone;   /* GROWTH or QUARANTINED; DATA: that took the right away; NULL: LIVES */
	const struct ex_event *reused; /* the first that got (a part of) its place afterwards, NULL */
};

struct ex_code_lives {
	struct ex_code_life *list; /* what is gone in order of its end, then what lives in order of address */
	size_t count, gone;
	size_t by_end[EX_CODE_REPLACED + 1];
};

void ex_code_lives_find(struct ex_code_lives *lives, const struct ex_image *image, uint64_t until_ns);

#endif
