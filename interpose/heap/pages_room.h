/*
 * pages_room.h: where blocks with pages of their own are, and how many there may be. One reservation without access; runs of
 * pages are taken from it in order. guard=sample: is meant for programs that run for long: its reservation is smaller, and
 * when it is used up, what has been free for longest is used again. The others never use a place twice.
 */
#ifndef EX_HEAP_PAGES_ROOM_H
#define EX_HEAP_PAGES_ROOM_H

#include <stddef.h>
#include <stdint.h>

struct ex_pages_slot { /* of the first page of a block's run, or its second, where the first is the one without access */
	uint32_t bytes_low, next;
	uint16_t site, freed_site, at; /* at: where in its page the block begins */
	uint8_t bytes_high, state;
};
_Static_assert(sizeof(struct ex_pages_slot) == 16, "one for each page of the reservation");
enum { EX_PAGES_NEVER, EX_PAGES_LIVE, EX_PAGES_FREED };

extern uintptr_t ex_pages_begin __attribute__((visibility("hidden")));
extern uintptr_t ex_pages_end __attribute__((visibility("hidden")));

/* 1, or 0 when there is no address space for it */
int ex_pages_room_prepare(void);
struct ex_pages_slot *ex_pages_slot(uintptr_t n);
/* a block of so many pages, which is to have `bytes` of them, may be guarded: it counts as live, until ex_pages_room_leave. 0: a
 * budget is used up, which is told once */
int ex_pages_room_enter(size_t pages, size_t bytes);
void ex_pages_room_leave(size_t pages, size_t bytes);
/* pages + 1 of them without access; 0: there are no more, which is told. The number of the first */
uintptr_t ex_pages_room_take(size_t pages);
/* given back, and without access: n is what was taken */
void ex_pages_room_give(uintptr_t n, size_t pages);
/* from now on nothing is guarded. why: EX_guard_full_* */
void ex_pages_room_close(int why);

#endif
