/*
 * counters.h: how often each function of the malloc family was called, and for how much. One set of counters a thread,
 * which lies in the trace file itself: nobody has to be there at the end to write it.
 */
#ifndef EX_HEAP_COUNTERS_H
#define EX_HEAP_COUNTERS_H

#include "arch/arch.h"
#include "table.h"
#include "wire.h"

/* the layout is part of the trace: event COUNTERS */
struct ex_counters {
	uint64_t calls[EX_HEAP_ROWS];
	uint64_t class_calls[EX_SIZE_CLASSES], class_bytes[EX_SIZE_CLASSES];
};

/* where this thread counts, when ex_self.counters does not say so yet; never NULL */
struct ex_counters *ex_counters_begin(void);

static inline __attribute__((always_inline)) void ex_counters_call(struct ex_counters *c, enum ex_heap_row row)
{
	ex_arch_add(&c->calls[row], 1);
}

static inline __attribute__((always_inline)) void ex_counters_size(struct ex_counters *c, size_t bytes)
{
	unsigned bits = 63 ^ (unsigned)__builtin_clzl(bytes << 1 | 1);
	/* what no address space holds asked for nothing: two of these would make any sum meaningless */
	if (__builtin_expect(bytes >> (EX_SIZE_CLASSES - 1) != 0, 0)) {
		bits = EX_SIZE_CLASSES - 1;
		bytes = 0;
	}
	ex_arch_add(&c->class_calls[bits], 1);
	ex_arch_add(&c->class_bytes[bits], bytes);
}

#endif
