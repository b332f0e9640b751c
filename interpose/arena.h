/*
 * arena.h: glibc's malloc as its system calls show it: heaps of thread arenas, the main arena, blocks with a mapping of
 * their own. Read only, and only memory that is known to be committed; libc's structures are never written.
 *
 * All functions may be called from any thread, inside malloc with an arena's lock held, and from signal handlers. What
 * finds no room in a table is forgotten: the calls about it are then classed as no allocator's.
 */
#ifndef EX_ARENA_H
#define EX_ARENA_H

#include <stddef.h>
#include <stdint.h>

#define EX_HEAP_BYTES (64ull << 20) /* HEAP_MAX_SIZE of malloc/arena.c on 64 bits, without huge pages */

/* the heap that would contain an address */
static inline uintptr_t ex_heap_base(uintptr_t address)
{
	return address & ~(EX_HEAP_BYTES - 1);
}

/* heaps: known from their first commit to their end */
void ex_heap_add(uintptr_t heap, uintptr_t committed_end);
void ex_heap_remove(uintptr_t heap);
int ex_heap_is(uintptr_t heap);
/* end of what is readable and writable; changed by the one thread that holds the arena's lock */
uintptr_t ex_heap_committed_end(uintptr_t heap);
void ex_heap_commit(uintptr_t heap, uintptr_t committed_end);
/* the arena of a heap, 0 = not known: heap_info.ar_ptr, its first word since glibc 2.0 */
uintptr_t ex_heap_arena(uintptr_t heap);
/* event HEAP for this one, if its arena is known by now and was not told; 0 when it is to be asked for again */
int ex_heap_tell(uintptr_t heap);
void ex_heap_tell_all(void);

/* the main arena, 0 = not found (yet); tells it by an event when it is */
uintptr_t ex_main_arena(void);
/* the arena whose lock this is, or 0: the lock is an arena's first word */
uintptr_t ex_arena_of_lock(uintptr_t lock);

/* blocks with a mapping of their own, by its first byte */
void ex_chunk_add(uintptr_t begin);
int ex_chunk_remove(uintptr_t begin); /* 1 when it was there */

/* in a fork child: what was told was told about the parent */
void ex_arena_forget(void);

#endif
