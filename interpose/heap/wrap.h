/*
 * wrap.h: what every wrapper does around the real function: counts, and is one section for treatment serialize and for
 * the record of growth. A few instructions when nothing is asked for.
 */
#ifndef EX_HEAP_WRAP_H
#define EX_HEAP_WRAP_H

#include "counters.h"
#include "expand.h"
#include "growth.h"
#include "late.h"
#include "serial.h"
#include "table.h"
#include "thread.h"

#define EX_HEAP_AWAKE 1u
#define EX_HEAP_COUNTS 2u
#define EX_HEAP_SERIAL 4u
#define EX_HEAP_OWN 16u
#define EX_HEAP_LATE 8u
#define EX_HEAP_SCRIBBLE 32u
#define EX_HEAP_KEEP 64u
#define EX_HEAP_GUARD 128u /* slack */
#define EX_HEAP_PAGES 256u
#define EX_HEAP_SAMPLE 512u /* of those, few: what is not guarded goes straight on */
/* each of these and nothing else has a short way of its own */
#define EX_HEAP_SLACK_ONLY (EX_HEAP_AWAKE | EX_HEAP_GUARD)
#define EX_HEAP_SAMPLE_ONLY (EX_HEAP_AWAKE | EX_HEAP_PAGES | EX_HEAP_SAMPLE)

/* what is asked for; 0 as long as that is not known, and in a fork child until it knows that it is one */
extern volatile uint32_t *ex_heap_mode __attribute__((visibility("hidden")));
/* finds the real functions, makes a fork child known; returns the mode as it is then */
uint32_t ex_heap_wake(void) __attribute__((cold, visibility("hidden")));
/* whether in_heap is that of a call which a signal handler has left by longjmp */
int ex_heap_has_left(uintptr_t here) __attribute__((cold, visibility("hidden")));

#define EX_ALWAYS static inline __attribute__((always_inline))
/* whether a call asks for memory, and how much */
#define EX_SIZE(bytes) 1, bytes
#define EX_NO_SIZE 0, 0

/*
 * An exception that an allocator's operator new throws passes a wrapper without its noticing, as it must: code to catch and
 * go on would need the C++ runtime. Instead the unwinder is told to ask ex_heap_unwound as it comes by, which leaves in the
 * wrapper's stead. 0x1b: its address as a 4-byte distance.
 */
#define EX_TELL_UNWINDER __asm__ volatile(".cfi_personality 0x1b, ex_heap_unwound")

EX_ALWAYS struct ex_counters *ex_heap_count(uint32_t mode, enum ex_heap_row row)
{
	if (!(mode & EX_HEAP_COUNTS))
		return NULL;
	struct ex_counters *c = ex_self.counters;
	if (__builtin_expect(!c, 0))
		c = ex_counters_begin();
	ex_counters_call(c, row);
	return c;
}

EX_ALWAYS uint32_t ex_heap_now(void)
{
	uint32_t mode = *ex_heap_mode;
	return __builtin_expect(mode != 0, 1) ? mode : ex_heap_wake();
}

/* 1: this is the outermost call, to be left by ex_heap_leave */
EX_ALWAYS int ex_heap_enter(uint32_t mode, enum ex_heap_row row, int has_size, size_t bytes)
{
	EX_TELL_UNWINDER;
	struct ex_counters *c = ex_heap_count(mode, row);
	struct ex_thread *self = &ex_self;
	if (__builtin_expect(self->in_heap, 0) && !ex_heap_has_left(EX_FRAME))
		return 0;
	self->in_heap = EX_FRAME;
	if (c && has_size)
		ex_counters_size(c, bytes);
	if (__builtin_expect(mode & EX_HEAP_SERIAL, 0))
		ex_serial_enter();
	return 1;
}

/* of the wrapper itself: the caller that is told is the wrapper's. What takes a block tells it before the call, which may
 * be the last. */
EX_ALWAYS void ex_heap_tell_late(uint32_t mode, int is_outermost, int kind, const void *block, size_t bytes)
{
	if (__builtin_expect(mode & EX_HEAP_LATE, 0) && is_outermost)
		ex_late_call(kind, (uintptr_t)block, bytes, (uintptr_t)__builtin_return_address(0));
}

EX_ALWAYS void ex_heap_leave(int is_outermost)
{
	struct ex_thread *self = &ex_self;
	if (!is_outermost)
		return;
	if (__builtin_expect(self->growing, 0))
		ex_growth_section_end();
	if (__builtin_expect(*ex_heap_mode & EX_HEAP_SERIAL, 0))
		ex_serial_leave();
	self->in_heap = 0;
}

/* the same three for what nearly every call is: outermost, counted and nothing else. NULL when this one is not */
EX_ALWAYS struct ex_counters *ex_heap_is_plain(uint32_t mode)
{
	return mode == (EX_HEAP_AWAKE | EX_HEAP_COUNTS) && !ex_self.in_heap ? ex_self.counters : NULL;
}

EX_ALWAYS void ex_heap_enter_plain(struct ex_counters *c, enum ex_heap_row row, int has_size, size_t bytes)
{
	EX_TELL_UNWINDER;
	ex_counters_call(c, row);
	ex_self.in_heap = EX_FRAME;
	if (has_size)
		ex_counters_size(c, bytes);
}

EX_ALWAYS void ex_heap_leave_plain(void)
{
	if (__builtin_expect(ex_self.growing, 0))
		ex_growth_section_end();
	ex_self.in_heap = 0;
}

#define EX_GENERAL static __attribute__((noinline))

#endif
