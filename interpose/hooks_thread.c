/*
 * hooks_thread.c: threads begin and end. The end is seen by a key destructor of our own: after the thread's TLS
 * destructors, which glibc runs first, and after the first round of the program's key destructors.
 */
#include "growth.h"
#include "handler.h"
#include "image.h"
#include "live.h"
#include "os/os.h"
#include "place.h"
#include "real.h"
#include "sandbox.h"
#include "signals.h"
#include "stack_size.h"
#include "stream.h"
#include "thread.h"

#define EAGAIN_ 11
#define BLOCKS 256

struct start {
	void *(*fn)(void *);
	void *arg;
	uint32_t is_taken;
};

static struct start blocks[BLOCKS] EX_TABLE;
static unsigned end_key;
static int has_end_key; /* 0 no, 1 being made, 2 yes */

static void thread_ends(void *round)
{
	/* once more, behind those of the program that were created later than ours */
	if ((uintptr_t)round == 1 && !ex_real.pthread_setspecific(end_key, (void *)2))
		return;
	__atomic_fetch_sub(&ex_image.threads, 1, __ATOMIC_RELAXED);
	ex_growth_settle();
	EX_PUT(THREAD_END, thread_end, (.fn = (uintptr_t)ex_self.start), );
	ex_signals_stack_end();
	ex_stream_release();
	ex_self.is_ending = 1; /* malloc has yet to empty this thread's cache: waits and growth come still */
}

static void *run_thread(void *arg)
{
	struct start start = *(struct start *)arg;
	__atomic_store_n(&((struct start *)arg)->is_taken, 0, __ATOMIC_RELEASE);
	char here;
	ex_self.stack_top = ((uintptr_t)&here | 63) + 1;
	ex_self.start = start.fn;
	ex_signals_stack_begin(0);
	EX_PUT(THREAD_BEGIN, thread_begin, (.fn = (uintptr_t)start.fn, .caller = 0), );
	if (has_end_key == 2)
		ex_real.pthread_setspecific(end_key, (void *)1);
	return start.fn(start.arg);
}

static struct start *take_block(void)
{
	for (int i = 0; i < BLOCKS; i++)
		if (!blocks[i].is_taken && !__atomic_exchange_n(&blocks[i].is_taken, 1, __ATOMIC_ACQUIRE))
			return &blocks[i];
	return NULL; /* 256 threads between pthread_create and their first instruction */
}

/* the program must not fail for the want of a larger stack */
static int create(unsigned long *thread, const void *attr, void *(*fn)(void *), void *arg)
{
	pthread_attr_t larger;
	const void *sized = ex_image.is_started ? ex_stack_size_attr(attr, &larger) : attr;
	int error = ex_real.pthread_create(thread, sized, fn, arg);
	return error && sized != attr ? ex_real.pthread_create(thread, attr, fn, arg) : error;
}

EX_EXPORT int pthread_create(unsigned long *thread, const void *attr, void *(*fn)(void *), void *arg)
{
	ex_image_ready();
	if (!ex_real.pthread_create)
		ex_real_find_late();
	if (!ex_real.pthread_create)
		return EAGAIN_;
	struct start *start = ex_image.is_started && ex_real.pthread_setspecific ? take_block() : NULL;
	if (!start)
		return create(thread, attr, fn, arg);
	int none = 0;
	if (__atomic_compare_exchange_n(&has_end_key, &none, 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		__atomic_store_n(&has_end_key, ex_real.pthread_key_create(&end_key, thread_ends) ? 0 : 2,
				 __ATOMIC_RELEASE);
	ex_sandbox_prepare();
	start->fn = fn;
	start->arg = arg;
	__atomic_fetch_add(&ex_image.threads, 1, __ATOMIC_RELAXED);
	int error = create(thread, attr, run_thread, start);
	if (error) {
		__atomic_fetch_sub(&ex_image.threads, 1, __ATOMIC_RELAXED);
		__atomic_store_n(&start->is_taken, 0, __ATOMIC_RELEASE);
	}
	return error;
}

/* a plain call, with nothing behind it that would have to run: the unwinder passes our frame like any other of C */
EX_EXPORT void __attribute__((noreturn)) pthread_exit(void *value)
{
	ex_image_ready();
	if (!ex_real.pthread_exit)
		ex_real_find_late();
	if (!ex_image_is_borrowed()) {
		int is_main = ex_thread_tid() == ex_image.pid;
		EX_PUT(THREAD_EXIT, thread_exit,
		       (.caller = (uintptr_t)__builtin_return_address(0), .is_main = (uint8_t)is_main), );
		if (is_main)
			ex_live_main_leaves();
	}
	if (ex_real.pthread_exit)
		ex_real.pthread_exit(value);
	exit(0); /* as a libc without threads does */
	__builtin_unreachable();
}
