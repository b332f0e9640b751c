/*
 * growth_steps.c: the growth events of an image in time order, each with the thread heap that it is about. Owns the
 * lives of heaps: a heap begins with its first pages, a later heap may lie at the same place, and which arena it
 * belongs to is often told after it has grown.
 */
#include "growth.h"

#include <search.h>
#include <stdlib.h>

#define HEAP_BYTES (64ull << 20) /* glibc's, where nothing was told */
#define BYTES_MOST (1ull << 47)	 /* of one call: more is damage, and must not overflow a sum */

struct slot { /* the heap that lies at a place now */
	uint64_t begin;
	size_t heap;
};

struct walk {
	struct ex_steps *steps;
	void *slots;		  /* of tsearch */
	size_t *tries, try_count; /* reservations and trims whose heap has not got its first pages yet */
};

static void *larger(void *list, size_t count, size_t bytes)
{
	if (count & (count - 1)) /* full at every power of two */
		return list;
	list = realloc(list, (count ? count * 2 : 1) * bytes);
	if (!list)
		abort();
	return list;
}

static int by_begin(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;
	return x->begin < y->begin ? -1 : x->begin > y->begin;
}

static struct slot *slot_at(struct walk *walk, uint64_t begin)
{
	struct slot key = {.begin = begin};
	struct slot **found = tfind(&key, &walk->slots, by_begin);
	return found ? *found : NULL;
}

static size_t open_heap(struct walk *walk, uint64_t begin, uint64_t from_ns)
{
	struct ex_steps *steps = walk->steps;
	struct slot *slot = slot_at(walk, begin);
	if (!slot) {
		slot = malloc(sizeof(*slot));
		if (!slot)
			abort();
		*slot = (struct slot){begin, EX_HEAP_NONE};
		tsearch(slot, &walk->slots, by_begin);
	} else {
		steps->heaps[slot->heap].is_replaced = 1;
	}
	steps->heaps = larger(steps->heaps, steps->heap_count, sizeof(*steps->heaps));
	steps->heaps[steps->heap_count] =
		(struct ex_heap){.begin = begin, .committed_end = begin, .from_ns = from_ns, .previous = slot->heap};
	return slot->heap = steps->heap_count++;
}

static size_t heap_of(struct walk *walk, uint64_t address, uint64_t time_ns)
{
	uint64_t begin = address & ~(walk->steps->heap_bytes - 1);
	struct slot *slot = slot_at(walk, begin);
	if (slot && !walk->steps->heaps[slot->heap].is_gone)
		return slot->heap;
	return open_heap(walk, begin, time_ns); /* from before the trace began, or its beginning was lost */
}

/* the first pages of a heap end the search of its thread for a place: each of its tries was for this heap */
static size_t begin_heap(struct walk *walk, const struct ex_event *event)
{
	const struct ex_ev_growth *growth = EX_EVENT(event, growth);
	struct ex_steps *steps = walk->steps;
	size_t kept = 0, heap = open_heap(walk, growth->begin & ~(steps->heap_bytes - 1), event->time_ns);
	for (size_t n = 0; n < walk->try_count; n++) {
		struct ex_step *step = &steps->list[walk->tries[n]];
		if (step->event->tid != event->tid) {
			walk->tries[kept++] = walk->tries[n];
			continue;
		}
		step->heap = heap;
		if (step->event->time_ns < steps->heaps[heap].from_ns &&
		    EX_EVENT(step->event, growth)->class == EX_growth_HEAP_RESERVE)
			steps->heaps[heap].from_ns = step->event->time_ns;
	}
	walk->try_count = kept;
	return heap;
}

/* A call is told when it returned, and by then another thread may have reserved the same place again: a call that began
 * before the heap there was reserved is about the heap before it. */
static size_t end_heap(struct walk *walk, const struct ex_event *event)
{
	const struct ex_ev_growth *growth = EX_EVENT(event, growth);
	const struct slot *slot = slot_at(walk, growth->begin & ~(walk->steps->heap_bytes - 1));
	size_t heap = slot ? slot->heap : EX_HEAP_NONE;
	if (heap != EX_HEAP_NONE && walk->steps->heaps[heap].from_ns > event->time_ns - growth->duration)
		heap = walk->steps->heaps[heap].previous;
	return heap != EX_HEAP_NONE && !walk->steps->heaps[heap].is_gone ? heap : EX_HEAP_NONE;
}

static int64_t commit(const struct ex_steps *steps, struct ex_heap *heap, uint64_t end)
{
	if (end - heap->begin > steps->heap_bytes)
		return 0;
	int64_t delta = end > heap->committed_end ? (int64_t)(end - heap->committed_end) : 0;
	heap->committed_end += (uint64_t)delta;
	return delta;
}

static void follow_break(struct ex_steps *steps, const struct ex_ev_growth *growth)
{
	if ((growth->call != EX_memory_call_BRK && growth->call != EX_memory_call_SBRK) || growth->error ||
	    !growth->old)
		return;
	if (!steps->break_first)
		steps->break_first = growth->old;
	steps->break_last = growth->old == growth->begin ? growth->begin + growth->bytes : growth->begin;
}

static int64_t call_bytes(uint64_t bytes)
{
	return (int64_t)(bytes < BYTES_MOST ? bytes : BYTES_MOST);
}

static void place(struct walk *walk, struct ex_step *step)
{
	const struct ex_ev_growth *growth = EX_EVENT(step->event, growth);
	struct ex_steps *steps = walk->steps;
	int is_done = growth->error == 0;
	int64_t bytes = is_done ? call_bytes(growth->bytes) : 0;
	follow_break(steps, growth);
	switch (growth->class) {
	case EX_growth_BRK_EXTEND:
	case EX_growth_BRK_TRIM:
		step->heap = EX_HEAP_MAIN;
		step->delta = growth->class == EX_growth_BRK_EXTEND ? bytes : -bytes;
		break;
	case EX_growth_HEAP_RESERVE:
	case EX_growth_HEAP_ALIGN_TRIM:
		walk->tries = larger(walk->tries, walk->try_count, sizeof(*walk->tries));
		walk->tries[walk->try_count++] = (size_t)(step - steps->list);
		break;
	case EX_growth_HEAP_FIRST_COMMIT:
		if (!is_done)
			break;
		step->heap = begin_heap(walk, step->event);
		step->delta = commit(steps, &steps->heaps[step->heap], growth->begin + growth->bytes);
		break;
	case EX_growth_HEAP_EXTEND:
		step->heap = heap_of(walk, growth->begin, step->event->time_ns);
		if (is_done)
			step->delta = commit(steps, &steps->heaps[step->heap], growth->begin + growth->bytes);
		break;
	case EX_growth_HEAP_SHRINK:
		step->heap = heap_of(walk, growth->begin, step->event->time_ns);
		/* what madvise discards stays accessible, and comes back without a call */
		if (is_done && growth->call != EX_memory_call_MADVISE &&
		    growth->begin < steps->heaps[step->heap].committed_end) {
			step->delta = -(int64_t)(steps->heaps[step->heap].committed_end - growth->begin);
			steps->heaps[step->heap].committed_end = growth->begin;
		}
		break;
	case EX_growth_HEAP_DELETE:
		step->heap = end_heap(walk, step->event);
		if (is_done && step->heap != EX_HEAP_NONE) {
			struct ex_heap *heap = &steps->heaps[step->heap];
			step->delta = -(int64_t)(heap->committed_end - heap->begin);
			heap->is_gone = 1;
		}
		break;
	case EX_growth_MMAP_CHUNK:
		step->delta = bytes;
		break;
	case EX_growth_MUNMAP_CHUNK:
		step->delta = -bytes;
		break;
	case EX_growth_MREMAP_CHUNK:
		step->delta = is_done ? bytes - call_bytes(growth->old_bytes) : 0;
		break;
	default:
		break;
	}
	if (step->heap < EX_HEAP_MAIN && growth->arena && !steps->heaps[step->heap].arena)
		steps->heaps[step->heap].arena = growth->arena;
}

static void assign(struct walk *walk, const struct ex_event *event)
{
	const struct ex_ev_heap *told = EX_EVENT(event, heap);
	size_t heap = heap_of(walk, told->heap, event->time_ns);
	if (walk->steps->heaps[heap].arena && walk->steps->heaps[heap].arena != told->arena)
		heap = open_heap(walk, told->heap, event->time_ns); /* that it was replaced was lost */
	walk->steps->heaps[heap].arena = told->arena;
}

static void walk_image(struct walk *walk, const struct ex_image *image, uint64_t until_ns, int is_inherited)
{
	struct ex_steps *steps = walk->steps;
	if (image->parent)
		walk_image(walk, image->parent, image->begin_ns, 1);
	for (size_t n = 0; n < image->event_count && image->events[n]->time_ns <= until_ns; n++) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id == EX_EV_HEAP)
			assign(walk, event);
		if (event->meta->id != EX_EV_GROWTH && event->meta->id != EX_EV_WAIT)
			continue;
		steps->list = larger(steps->list, steps->count, sizeof(*steps->list));
		struct ex_step *step = &steps->list[steps->count++];
		*step = (struct ex_step){.event = event, .heap = EX_HEAP_NONE, .is_inherited = is_inherited};
		if (event->meta->id == EX_EV_GROWTH)
			place(walk, step);
	}
}

void ex_steps_build(struct ex_steps *steps, const struct ex_image *image)
{
	struct walk walk = {.steps = steps};
	*steps = (struct ex_steps){.image = image, .heap_bytes = HEAP_BYTES};
	for (const struct ex_image *from = image; from; from = from->parent)
		for (size_t n = 0; n < from->event_count && !steps->main_arena; n++)
			if (from->events[n]->meta->id == EX_EV_MAIN_ARENA) {
				const struct ex_ev_main_arena *told = EX_EVENT(from->events[n], main_arena);
				uint64_t bytes = told->heap_bytes;
				steps->main_arena = told->arena;
				steps->heap_bytes = bytes && (bytes & (bytes - 1)) == 0 ? bytes : HEAP_BYTES;
			}
	walk_image(&walk, image, UINT64_MAX, 0);
}

int ex_step_is_treated(const struct ex_step *step)
{
	const struct ex_ev_growth *growth = EX_EVENT(step->event, growth);
	return growth->error != 0 && growth->duration == 0;
}

int ex_step_is_arenas(const struct ex_step *step)
{
	const struct ex_ev_growth *growth = EX_EVENT(step->event, growth);
	return growth->n && (growth->class == EX_growth_BRK_EXTEND || growth->class == EX_growth_HEAP_RESERVE ||
			     growth->class == EX_growth_HEAP_FIRST_COMMIT || growth->class == EX_growth_HEAP_EXTEND);
}

uint64_t ex_step_arena(const struct ex_steps *steps, const struct ex_step *step)
{
	uint64_t arena;
	if (step->event->meta->id == EX_EV_WAIT) {
		const struct ex_ev_wait *wait = EX_EVENT(step->event, wait);
		arena = wait->arena ? wait->arena : wait->lock; /* an arena begins with its lock */
	} else if (step->heap == EX_HEAP_MAIN) {
		return EX_ARENA_MAIN;
	} else {
		uint64_t told = EX_EVENT(step->event, growth)->arena;
		arena = told ? told : step->heap == EX_HEAP_NONE ? EX_ARENA_UNKNOWN : steps->heaps[step->heap].arena;
	}
	return arena && arena == steps->main_arena ? EX_ARENA_MAIN : arena;
}

uint64_t ex_step_owner(const struct ex_steps *steps, const struct ex_step *step)
{
	uint64_t arena = ex_step_arena(steps, step);
	return arena == EX_ARENA_UNKNOWN && step->heap < EX_HEAP_MAIN ? steps->heaps[step->heap].begin : arena;
}
