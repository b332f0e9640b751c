/*
 * thread.h: what the library knows of the calling thread. One initial-exec variable, valid when zero: global-dynamic
 * TLS may allocate, and this is read inside allocators, in signal handlers and after the thread's destructors.
 */
#ifndef EX_THREAD_H
#define EX_THREAD_H

#include <stddef.h>
#include <stdint.h>

struct ex_counters;
struct ex_crash;
struct ex_handling;
struct ex_room;
struct ex_stream;

#define EX_RESCUED_PAGES 4
#define EX_TURNS 8 /* what is nested deeper is not looked after */

struct ex_thread {
	uintptr_t inside;	  /* frame of library code that runs: hooks pass through and record nothing; 0 = none */
	uintptr_t putting;	  /* frame that is writing an event right now, 0 */
	uint32_t tid;		  /* 0: not asked yet, or forked since */
	struct ex_stream *stream; /* leased, NULL */
	uint32_t running;	  /* innermost exit handler, 0 */
	uint16_t depth;		  /* handlers running */
	struct {
		uint32_t id;
		uintptr_t at;  /* the handler's own frames lie below */
	} turns[EX_TURNS];     /* of those, the outermost first */
	uintptr_t fault_sp;    /* where its stack pointer was at the fault whose handler ends the process, 0 */
	uint16_t finalizing;   /* calls of __cxa_finalize running: handlers inside do not mean that exit began */
	uint32_t flushing;     /* writer that an early flush is calling, 0 */
	int asked_for_sites;   /* the last getenv was LLVM's, so the next registration is its writer's */
	uintptr_t stack_top;   /* nothing of the stack lies above, 0 = not known */
	void *alternate;       /* signal stack that we gave it, NULL */
	struct ex_room *room;  /* of a child that runs in our memory, NULL */
	uintptr_t growing;     /* frame of the growing section, which ex_growth counts; 0 = in none */
	uint32_t sampled[2];   /* growths so far, [1] those refused, for the choice of those that carry a stack */
	uintptr_t sbrk_caller; /* who called the sbrk that runs, 0 = none does */
	uintptr_t reserved, reserved_end; /* heap that this thread is making: the reservation, 0 = none */
	uintptr_t new_heap;		  /* heap whose arena could not be told yet, 0 */
	uintptr_t in_heap;	      /* frame of the outermost call of the wrapped malloc family that runs, 0 = none */
	struct ex_counters *counters; /* where this thread counts them, in its trace file; NULL = not made yet */
	uintptr_t walked, walked_end; /* part of a stack that is known to be readable (cfi.c) */
	uint32_t
		until_guarded; /* allocations up to the next that guard=sample: guards, that one included; 0 = not drawn yet */
	uint64_t drawing;     /* what those distances are drawn from */
	uint8_t is_exit_told; /* EXIT_BEGIN is written, and libc's exit is what this thread calls next */
	struct {
		int signo, code, is_told; /* signo 0: none */
		uintptr_t address, pc, sp;
	} handled; /* the last fault whose handler has returned */
	struct ex_handling
		*handling; /* fault for which a handler of the program's own runs, NULL; it may have been left */
	const struct ex_crash *crash; /* what is to be told on another stack */
	uintptr_t aborting;	      /* frame that told of an abort and called libc's, 0 */
	uint8_t is_ending;    /* our own last word is said: what it still does goes to a stream leased for one event */
	uint8_t is_salvaging; /* a profile is being written here: signals that were sent are put off, faults are not */
	uint8_t rescues;      /* of the same pages, one after the other (rescue.c) */
	uint8_t rescued_next;
	uintptr_t rescued[EX_RESCUED_PAGES]; /* those pages */
	uint64_t rescued_ns;		     /* the last time */
	void *(*start)(void *);		     /* start routine, NULL: main or not seen */
};

extern __thread struct ex_thread ex_self __attribute__((tls_model("initial-exec"), visibility("hidden")));

#define EX_FRAME ((uintptr_t)__builtin_frame_address(0))
/* whether a frame that claimed inside or putting exists no more: a signal handler jumped out of it */
int ex_thread_has_left(uintptr_t claimed, uintptr_t here);

static inline __attribute__((always_inline)) int ex_is_inside(void)
{
	return ex_self.inside && !ex_thread_has_left(ex_self.inside, EX_FRAME);
}

/* library code that must not see its own hooks: if (ex_enter()) { ...; ex_leave(); } */
static inline __attribute__((always_inline)) int ex_enter(void)
{
	if (ex_is_inside())
		return 0;
	ex_self.inside = EX_FRAME;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	return 1;
}

static inline void ex_leave(void)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	ex_self.inside = 0;
}

/* code runs with that stack pointer: handlers whose frames would lie below it were left by longjmp */
void ex_thread_settle(uintptr_t sp);

uint32_t ex_thread_tid(void);

/* fn(arg) on a stack of the library's own, which one thread at a time may have: for handlers, which may have been given a
 * few KiB. Waits for it at most so long; 0 when it was not to be had */
int ex_thread_call_apart(void (*fn)(int arg), int arg, uint64_t patience_ns);

#define EX_SAMPLE_BYTES 1024 /* stack kept with a registration or a call that ends the process */
/* with code that comes or goes: between the system call and who decided it lie the JIT's own frames and its allocator's (LLVM's
 * and Cranelift's: more than 1 KiB). The first so many of an image have it, later ones 1 KiB, whatever a JIT does for hours */
#define EX_CODE_SAMPLE_BYTES 4096
#define EX_CODE_SAMPLES_WHOLE 4096
/* how much may be read from sp up, at most max */
size_t ex_thread_stack_above(uintptr_t sp, size_t max);

#endif
