/*
 * refusal.c: see refusal.h. Allocators try in several ways: a refused brk that an mmap made good harmed nobody, and must
 * never count.
 */
#include "refusal.h"

#include "keyed.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE_BYTES 4096 /* sizes are rounded up to pages here and there; a smaller difference is none */

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

enum { OF_ALLOCATORS, OF_OTHERS, KINDS };

struct thread {
	struct ex_refusal open[KINDS]; /* calls 0: none */
	size_t closed[KINDS];	       /* index + 1 of the last one that ended without being made good */
};

struct search {
	struct ex_refusals *result;
	struct ex_keyed threads;
	int has_fail; /* the setting */
};

static const struct {
	int error;
	const char *name;
} errors[] = {{ENOMEM, "ENOMEM"}, {EAGAIN, "EAGAIN"}, {EPERM, "EPERM"}};

/* the system's way of saying that there is no more; other errors are about the call */
static const char *error_name(int error)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (errors[i].error == error)
			return errors[i].name;
	return NULL;
}

/* room that glibc makes around what was asked for: as large as a heap whatever the request */
static int is_overhead(const struct ex_ev_growth *growth)
{
	return growth->class == EX_growth_HEAP_RESERVE || growth->class == EX_growth_HEAP_FIRST_COMMIT;
}

/* memory as an allocator or a thread's stack takes it; not a file, not a try at a place */
static int is_anonymous_map(const struct ex_ev_growth *growth)
{
	const uint32_t must = MAP_PRIVATE | MAP_ANONYMOUS, must_not = MAP_FIXED | MAP_FIXED_NOREPLACE;
	return growth->call == EX_memory_call_MMAP && (growth->flags & must) == must && !(growth->flags & must_not);
}

static int is_release(const struct ex_ev_growth *growth)
{
	switch (growth->class) {
	case EX_growth_BRK_TRIM:
	case EX_growth_HEAP_SHRINK:
	case EX_growth_HEAP_DELETE:
	case EX_growth_MUNMAP_CHUNK:
	case EX_growth_OTHER_SHRINK:
		return !growth->error;
	default:
		return 0;
	}
}

static void append(struct search *search, struct thread *thread, int kind)
{
	struct ex_refusals *r = search->result;
	if ((r->count & (r->count - 1)) == 0) { /* full at every power of two */
		r->list = realloc(r->list, (r->count ? r->count * 2 : 1) * sizeof(*r->list));
		if (!r->list)
			abort();
	}
	r->list[r->count++] = thread->open[kind];
	thread->closed[kind] = r->count;
	thread->open[kind].calls = 0;
}

static void refuse(struct search *search, struct thread *thread, int kind, const struct ex_event *event)
{
	struct ex_refusal *open = &thread->open[kind];
	const struct ex_ev_growth *growth = EX_EVENT(event, growth);
	(void)search;
	if (!open->calls)
		*open = (struct ex_refusal){.tid = event->tid, .first = event, .is_allocators = kind == OF_ALLOCATORS};
	open->calls++;
	open->last = event;
	const struct ex_ev_growth *least = open->least ? EX_EVENT(open->least, growth) : NULL;
	if (!least || (is_overhead(least) && !is_overhead(growth)) ||
	    (is_overhead(least) == is_overhead(growth) && growth->bytes < least->bytes))
		open->least = event;
}

static void grant(struct search *search, struct thread *thread, int kind, const struct ex_event *event)
{
	struct ex_refusal *open = &thread->open[kind];
	const struct ex_ev_growth *growth = EX_EVENT(event, growth);
	if (thread->closed[kind])
		search->result->list[thread->closed[kind] - 1].went_on = 1;
	if (!open->calls)
		return;
	const struct ex_ev_growth *least = EX_EVENT(open->least, growth);
	if (is_overhead(least) || growth->bytes + PAGE_BYTES >= least->bytes) {
		search->result->made_good += open->calls;
		open->calls = 0;
		return;
	}
	open->went_on = 1;
	append(search, thread, kind);
}

static void note(struct search *search, const struct ex_event *event)
{
	const struct ex_ev_growth *growth = EX_EVENT(event, growth);
	struct thread *thread = ex_keyed(&search->threads, event->tid);
	int kind = growth->n ? OF_ALLOCATORS : OF_OTHERS;
	/* without a system call there was nobody to refuse but ourselves */
	if (growth->error && search->has_fail && !growth->duration) {
		search->result->by_setting++;
		return;
	}
	if (is_release(growth)) {
		if (thread->open[OF_ALLOCATORS].calls)
			thread->open[OF_ALLOCATORS].gave_back = 1;
		else if (thread->closed[OF_ALLOCATORS])
			search->result->list[thread->closed[OF_ALLOCATORS] - 1].gave_back = 1;
		return;
	}
	if (kind == OF_OTHERS && !is_anonymous_map(growth))
		return;
	if (!growth->error)
		grant(search, thread, kind, event);
	else if (error_name(growth->error))
		refuse(search, thread, kind, event);
}

static int by_last(const void *a, const void *b)
{
	const struct ex_refusal *x = a, *y = b;
	return x->last->time_ns < y->last->time_ns ? -1 : x->last->time_ns > y->last->time_ns;
}

void ex_refusals_find(struct ex_refusals *result, const struct ex_image *image, uint64_t end_ns)
{
	struct search search = {.result = result, .threads = {.record_bytes = sizeof(struct thread)}};
	*result = (struct ex_refusals){.list = NULL};
	search.has_fail = image->options && (!strncmp(image->options, "fail=", 5) || strstr(image->options, " fail="));
	for (size_t i = 0; i < image->event_count && image->events[i]->time_ns <= end_ns; i++)
		if (image->events[i]->meta->id == EX_EV_GROWTH)
			note(&search, image->events[i]);
	for (size_t i = 0; i < search.threads.count; i++)
		for (int kind = 0; kind < KINDS; kind++) {
			struct thread *thread = ex_keyed_at(&search.threads, i);
			if (thread->open[kind].calls)
				append(&search, thread, kind);
		}
	if (result->count)
		qsort(result->list, result->count, sizeof(*result->list), by_last);
	ex_keyed_free(&search.threads);
}

int ex_refusals_reach(const struct ex_processes *processes, uint64_t bytes)
{
	int reaches = 0;
	for (size_t i = 0; i < processes->count && !reaches; i++) {
		struct ex_refusals refusals;
		ex_refusals_find(&refusals, &processes->images[i], UINT64_MAX);
		for (size_t n = 0; n < refusals.count && !reaches; n++)
			reaches = EX_EVENT(refusals.list[n].least, growth)->bytes <= bytes;
		free(refusals.list);
	}
	return reaches;
}

const char *ex_refusal_text(const struct ex_event *event)
{
	const struct ex_ev_growth *growth = EX_EVENT(event, growth);
	const char *error = error_name(growth->error);
	return ex_format("%s of %s (%s): %s", EX_KIND_TEXT(memory_call, growth->call), ex_bytes_text(growth->bytes),
			 EX_KIND_TEXT(growth, growth->class), error ? error : ex_format("errno %d", growth->error));
}
