/*
 * blocks.h: what treatment guard found: blocks of the malloc family that were written beyond, used after they had been given
 * back, or given back twice; who had asked for them, and who gave them back. Out of the events SITE, DAMAGED, FREED_TWICE,
 * GUARD_BLOCK and GUARD_CALL.
 */
#ifndef EX_BLOCKS_H
#define EX_BLOCKS_H

#include "symbols.h"

#define EX_SITE_FRAMES_MAX 16

struct ex_site {
	uint32_t n;  /* 0: not known */
	uint64_t id; /* what guard=site: takes */
	struct ex_place frames[EX_SITE_FRAMES_MAX];
	int frame_count;
};

enum ex_finding_kind {
	EX_FINDING_BEHIND, /* written behind its end, or it was about to be */
	EX_FINDING_BEFORE,
	EX_FINDING_MARK,   /* how long it was, and who had asked for it, is lost with the last word of the block */
	EX_FINDING_HEADER, /* the allocator's word below it */
	EX_FINDING_FREED,  /* used after it had been given back */
	EX_FINDING_TWICE,
	EX_FINDING_INSIDE, /* an address was given back that is no block's */
	EX_FINDING_OTHER,  /* a fault in a guarded block in use, by a right that no guard took */
};

struct ex_finding_of_block {
	const struct ex_event *event;
	enum ex_finding_kind kind;
	int is_caught; /* at the very instruction: the crash's place is who did it */
	int is_certain;
	uint64_t block, asked; /* asked: bytes, 0 = not known */
	uint64_t first; /* BEHIND, BEFORE, FREED: how far behind the end (BEFORE: before the beginning; FREED: in it) */
	uint64_t changed;		       /* bytes, 0 = not known */
	struct ex_text bytes;		       /* what stands there now, "" */
	uint64_t bytes_from;		       /* offset of those in the block */
	struct ex_site owner, freed_by, below; /* below: nearest block below one whose mark or header is lost */
	uint64_t below_block, below_asked;
	struct ex_place found[EX_SITE_FRAMES_MAX]; /* the call that it was found in */
	int found_count;
	const char *when; /* "when it was given back" */
	const char *call; /* "read": the kernel was to write there for it, and did not; found says who made it. NULL */
	uint64_t length;  /* bytes that the call was to write */
};

struct ex_blocks {
	int is_guarded;			  /* the treatment was on in this image */
	struct ex_finding_of_block *list; /* in order of time */
	size_t count;
	const struct ex_event *full; /* GUARD_FULL, NULL */
};

void ex_blocks_find(struct ex_blocks *blocks, const struct ex_image *image, struct ex_symbols *symbols);
/* one sentence: "4 bytes behind the 80 of the block at 0x… were written over" */
const char *ex_block_text(const struct ex_finding_of_block *finding);
/* of the stack of a process that a guard stopped: the first frame that is the program's, since a second free ends in the library's
 * own; and how many there are up to main, what libc does before it tells nothing */
int ex_block_stack_begin(const struct ex_finding_of_block *finding, const struct ex_place *stack, int count);
int ex_block_stack_end(const struct ex_place *stack, int count);
/* "memcpy+0x… (libc…), called by f+0x12 …" for one that begins in libc or in a standard library of C++ or Rust */
const char *ex_block_culprit_text(const struct ex_place *stack, int count);
/* the first frame that is not the allocator's, C++'s or Rust's own: "f (module+0x12) file.c:3"; NULL */
const char *ex_site_text(const struct ex_site *site);
const char *ex_site_id_text(const struct ex_site *site); /* "1f3a…", 16 digits; "" */

#endif
