/*
 * detour.h: libc's own calls of memory functions, exit and abort, seen by patching the functions' first bytes. Once, at the start of an
 * image; fork children inherit it, exec ends it.
 */
#ifndef EX_DETOUR_H
#define EX_DETOUR_H

#include <stddef.h>
#include <stdint.h>

/* what the patched functions did: callable; NULL where no detour was placed */
struct ex_original {
#define DETOUR(symbol, group, ret, params, doc) ret(*symbol) params;
#include "detours.def"
#undef DETOUR
};
extern struct ex_original ex_original __attribute__((visibility("hidden")));

/* where a detoured function leads, with libc's caller as its own: hooks_memory.c, contention.c, hooks_exit.c */
#define DETOUR(symbol, group, ret, params, doc) ret ex_on_##symbol params;
#include "detours.def"
#undef DETOUR

/* places all, or all but those of group growth; alone: no other thread can be inside these functions */
void ex_detour_place(int is_alone, int with_growth);
/* tells by events what became of each */
void ex_detour_tell(void);
/* whether a function that somebody calls is a detoured one: its own hook will see the call */
int ex_detour_is_at(const void *fn);

/* the C library: its address range, its writable part; 0 when there is none */
struct ex_libc {
	uintptr_t begin, end, data, data_end;
	uintptr_t *break_now;	    /* __curbrk, NULL when it is not exported */
	const char **abort_message; /* __abort_msg, the same */
};
extern struct ex_libc ex_libc __attribute__((visibility("hidden")));
static inline int ex_is_libc(uintptr_t address)
{
	return address - ex_libc.begin < ex_libc.end - ex_libc.begin;
}

#endif
