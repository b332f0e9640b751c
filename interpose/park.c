/*
 * park.c: see park.h. A thread is stopped by a real-time signal that the program has left alone; its handler never
 * returns. With all signals blocked meanwhile, those for the process still reach the thread that exits.
 */
#include "park.h"

#include "deadly.h"
#include "os/os.h"
#include "place.h"
#include "stream.h"
#include "thread.h"

#define THREADS 4096
#define ROUNDS 8 /* threads that were being made meanwhile */
#define PATIENCE_NS 1000000000u
#define PAUSE_NS 100000u

enum state { ASKED, STOPPED, NOT_THERE };

static struct asked {
	uint32_t tid, state;
} asked[THREADS] EX_TABLE;
static uint32_t asked_count;
static int signo;

/* of the thread that stops: nothing but system calls */
static void stop_here(int number)
{
	uint32_t self = ex_os_tid();
	(void)number;
	for (uint32_t i = 0; i < asked_count; i++)
		if (asked[i].tid == self)
			__atomic_store_n(&asked[i].state, STOPPED, __ATOMIC_RELEASE);
	ex_os_wait_for_end();
}

static void ask(void *arg, const struct ex_os_thread *thread)
{
	(void)arg;
	if (thread->tid == ex_thread_tid() || asked_count == THREADS)
		return;
	for (uint32_t i = 0; i < asked_count; i++)
		if (asked[i].tid == thread->tid)
			return;
	asked[asked_count] = (struct asked){thread->tid, ASKED};
	__atomic_store_n(&asked_count, asked_count + 1, __ATOMIC_RELEASE); /* before it looks for itself in there */
	if (ex_os_thread_signal(thread->tid, signo))
		asked[asked_count - 1].state = NOT_THERE;
}

static int is_answered(uint32_t from)
{
	for (uint32_t i = from; i < asked_count; i++) {
		if (__atomic_load_n(&asked[i].state, __ATOMIC_ACQUIRE) != ASKED)
			continue;
		if (ex_os_thread_lives(asked[i].tid))
			return 0;
		asked[i].state = NOT_THERE;
	}
	return 1;
}

static void tell(const struct asked *a)
{
	static const uint8_t results[] = {EX_parked_NO, EX_parked_YES, EX_parked_GONE};
	EX_PUT(PARKED, parked, (.thread = a->tid, .result = results[a->state]), );
}

void ex_park(void)
{
	static int is_done;
	/* two threads may exit at the same time: one stops the other, not each the other */
	if (ex_os_is_sealed() || __atomic_exchange_n(&is_done, 1, __ATOMIC_ACQ_REL))
		return;
	ex_deadly_withdraw(1); /* ours must not make it seem taken */
	signo = ex_os_free_signal(stop_here, 0);
	ex_deadly_withdraw(0);
	for (int round = 0; signo && round < ROUNDS; round++) {
		uint32_t from = asked_count;
		uint64_t begin_ns = ex_os_now_ns();
		ex_os_threads_each(ask, NULL);
		while (!is_answered(from) && ex_os_now_ns() - begin_ns < PATIENCE_NS)
			ex_os_sleep_ns(PAUSE_NS);
		for (uint32_t i = from; i < asked_count; i++)
			tell(&asked[i]);
		if (from == asked_count)
			break;
	}
}
