/*
 * quarantine.h: treatment keep=exec|always: what is unmapped stays reserved without access, so that nobody gets its address
 * again, and a stale use of it faults at once, in every run. Its memory is given back. Bounded by option keep-limit.
 */
#ifndef EX_QUARANTINE_H
#define EX_QUARANTINE_H

#include "memory.h"

int ex_quarantine_is_on(void);
/* in munmap's place: what is not kept is unmapped by next. As munmap returns */
int ex_quarantine_unmap(uintptr_t begin, unsigned long length, uintptr_t caller, ex_munmap_function *next);
/* something of it was unmapped, and the system has it all the same: a call must be refused that would have been */
int ex_quarantine_has(const void *begin, unsigned long length);
/* the program has mapped something there by MAP_FIXED */
void ex_quarantine_taken(uintptr_t begin, unsigned long length);
/* mremap has moved it away: keeps where it was */
void ex_quarantine_moved(uintptr_t begin, unsigned long length, int is_code, uintptr_t caller);

/* the system has refused the program memory: what is kept may be the reason, by its address space or its mappings. All of it is
 * given back, and no more is kept. 1: the call is worth another try */
int ex_quarantine_yield(void);
/* a block of malloc is about to be freed: keeps what was executable of it. 1: then it must not be freed */
int ex_quarantine_freed(uintptr_t block, unsigned long bytes, uintptr_t caller);

#endif
