/*
 * table.h: heap.def as C: the wrappers under names that C code may use, and the functions behind them.
 */
#ifndef EX_HEAP_TABLE_H
#define EX_HEAP_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define EX_EXPORT __attribute__((visibility("default")))

/* EX_ROW_malloc, ...: rows of the table, and of the counters */
enum ex_heap_row {
#define HEAP(ret, name, params, kind, text) EX_ROW_##name,
#include "heap.def"
#undef HEAP
	EX_HEAP_ROWS
};

/* malloc is ex_wrap_malloc in here: ban.h bans the name, and compilers know too much about it */
#define HEAP(ret, name, params, kind, text) EX_EXPORT ret ex_wrap_##name params __asm__(#name);
#include "heap.def"
#undef HEAP

/* what is called where a function has no real one */
#define HEAP(ret, name, params, kind, text) ret ex_lack_##name params __attribute__((visibility("hidden")));
#include "heap.def"
#undef HEAP

/* the next definition behind us; none is NULL once they have been looked for */
struct ex_heap_real {
#define HEAP(ret, name, params, kind, text) ret(*p_##name) params;
#include "heap.def"
#undef HEAP
	/* whether it is one of an allocator's, which does the work itself: a C++ runtime's operators, and what stands in
	 * for a missing one, come back through other functions of the table */
	uint8_t is_allocator[EX_HEAP_ROWS];
	/* whether malloc_usable_size is of the same object, so that it may be asked about its blocks: jemalloc has no pvalloc,
	 * and libc's gives out libc's blocks */
	uint8_t is_sized[EX_HEAP_ROWS];
	int is_found;
};

extern struct ex_heap_real ex_heap_real __attribute__((visibility("hidden")));

/* looks for them; allocates nothing, so that nothing comes back in here */
void ex_heap_find(void);
/* once more for those that were missing, when objects have come since: a C++ runtime opened by the program */
void ex_heap_find_late(void);
/* events: who stands behind the wrappers, and who before them */
void ex_heap_tell_real(void);

#endif
