/*
 * contention.c: see contention.h. Threads that never waited do not count: a pool of idle ones would hide the busy.
 */
#include "contention.h"

#include "keyed.h"

struct thread {
	int is_known, is_alive;
	uint64_t begin_ns, end_ns;
	uint64_t life_ns; /* of those of this number that ended */
	uint64_t wait_ns;
	unsigned waits;
};

struct tally {
	struct ex_contention *result;
	struct ex_keyed threads, arenas;
	uint64_t main_arena;
	unsigned alive;
};

static void begin_thread(struct tally *tally, struct thread *thread, uint64_t time_ns)
{
	thread->begin_ns = time_ns;
	thread->is_known = thread->is_alive = 1;
	if (++tally->alive > tally->result->threads)
		tally->result->threads = tally->alive;
}

static void end_thread(struct tally *tally, struct thread *thread, uint64_t time_ns)
{
	thread->life_ns += time_ns - thread->begin_ns;
	thread->end_ns = time_ns;
	thread->is_alive = 0;
	tally->alive--;
}

/* a thread whose begin was not seen lives from its first event on. One that left may still wait once more: libc gives
 * its cached blocks back after everybody else's last word */
static struct thread *thread_at(struct tally *tally, const struct ex_event *event)
{
	struct thread *thread = ex_keyed(&tally->threads, event->tid);
	if (!thread->is_known) {
		begin_thread(tally, thread, event->time_ns);
	} else if (!thread->is_alive) {
		thread->life_ns += event->time_ns - thread->end_ns;
		thread->end_ns = event->time_ns;
	}
	return thread;
}

static void note_arena(struct tally *tally, uint64_t arena)
{
	if (arena && arena != tally->main_arena)
		ex_keyed(&tally->arenas, arena);
}

static void note_wait(struct tally *tally, const struct ex_event *event)
{
	const struct ex_ev_wait *wait = EX_EVENT(event, wait);
	struct thread *thread = thread_at(tally, event);
	if (wait->kind != EX_lock_ARENA)
		return;
	note_arena(tally, wait->arena);
	thread->waits++;
	thread->wait_ns += wait->duration;
	tally->result->waits++;
	tally->result->wait_ns += wait->duration;
	if (wait->duration > tally->result->longest_ns)
		tally->result->longest_ns = wait->duration;
}

static void note(struct tally *tally, const struct ex_event *event)
{
	switch (event->meta->id) {
	case EX_EV_THREAD_BEGIN: {
		struct thread *thread = ex_keyed(&tally->threads, event->tid);
		if (thread->is_alive) /* its end was lost, and the number given out again */
			end_thread(tally, thread, event->time_ns);
		begin_thread(tally, thread, event->time_ns);
		break;
	}
	case EX_EV_THREAD_END: {
		struct thread *thread = thread_at(tally, event);
		if (thread->is_alive)
			end_thread(tally, thread, event->time_ns);
		break;
	}
	case EX_EV_GROWTH:
		note_arena(tally, EX_EVENT(event, growth)->arena);
		break;
	case EX_EV_HEAP:
		note_arena(tally, EX_EVENT(event, heap)->arena);
		break;
	case EX_EV_WAIT:
		note_wait(tally, event);
		break;
	default:
		break;
	}
}

static uint64_t main_arena_of(const struct ex_image *image)
{
	for (size_t i = 0; i < image->event_count; i++)
		if (image->events[i]->meta->id == EX_EV_MAIN_ARENA)
			return EX_EVENT(image->events[i], main_arena)->arena;
	return 0;
}

static void measure(struct ex_contention *result, const struct ex_image *image)
{
	struct tally tally = {.result = result,
			      .threads = {.record_bytes = sizeof(struct thread)},
			      .arenas = {.record_bytes = 1},
			      .main_arena = main_arena_of(image)};
	*result = (struct ex_contention){.image = image};
	begin_thread(&tally, ex_keyed(&tally.threads, image->pid), image->begin_ns);
	for (size_t i = 0; i < image->event_count; i++)
		note(&tally, image->events[i]);
	for (size_t i = 0; i < tally.threads.count; i++) {
		struct thread *thread = ex_keyed_at(&tally.threads, i);
		if (thread->is_alive && image->end_ns > thread->begin_ns)
			thread->life_ns += image->end_ns - thread->begin_ns;
		result->waiters += thread->waits > 0;
		result->thread_ns += thread->waits ? thread->life_ns : 0;
	}
	result->arenas = (unsigned)tally.arenas.count + 1;
	result->share = result->thread_ns ? (double)result->wait_ns / (double)result->thread_ns : 0;
	ex_keyed_free(&tally.threads);
	ex_keyed_free(&tally.arenas);
}

int ex_contention_reaches(const struct ex_contention *c, double share)
{
	return c->waits >= EX_CONTENTION_WAITS && c->wait_ns >= EX_CONTENTION_NS && c->share >= share;
}

static int is_worse(const struct ex_contention *a, const struct ex_contention *b)
{
	int a_counts = ex_contention_reaches(a, 0), b_counts = ex_contention_reaches(b, 0);
	return a_counts != b_counts ? a_counts : a_counts ? a->share > b->share : a->wait_ns > b->wait_ns;
}

void ex_contention_find(struct ex_contention *worst, const struct ex_processes *processes)
{
	unsigned most_arenas = 0;
	*worst = (struct ex_contention){.image = NULL};
	for (size_t i = 0; i < processes->count; i++) {
		struct ex_contention one;
		measure(&one, &processes->images[i]);
		if (one.arenas > most_arenas)
			most_arenas = one.arenas;
		if (!worst->image || is_worse(&one, worst))
			*worst = one;
	}
	worst->most_arenas = most_arenas;
}
