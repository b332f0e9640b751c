/*
 * growth.c: the numbers of a growth section: totals, failures, the course of time. Owns what counts as a growth and as
 * a switch; which heap an event is about is growth_steps.c's. See growth.h.
 */
#include "growth.h"

#include <stdlib.h>
#include <string.h>

struct tally {
	struct ex_growth *growth;
	const struct ex_steps *steps;
	int64_t committed_bytes, chunk_bytes; /* as of the step at hand; arenas and chunks, chunks */
	uint64_t last_owner;		      /* arena, or heap, that grew last */
	uint64_t begin_ns, bucket_ns;
};

static void *allocate(size_t count, size_t bytes)
{
	void *memory = calloc(count ? count : 1, bytes);
	if (!memory)
		abort();
	return memory;
}

static uint64_t at_least_zero(int64_t bytes)
{
	return bytes > 0 ? (uint64_t)bytes : 0;
}

/* bytes that a growth made accessible; a reservation makes none */
static uint64_t grown_bytes(const struct ex_step *step)
{
	const struct ex_ev_growth *event = EX_EVENT(step->event, growth);
	if (event->class != EX_growth_OTHER_GROW)
		return at_least_zero(step->delta);
	if (event->error || (event->call == EX_memory_call_MMAP && event->prot == 0))
		return 0;
	return event->bytes > event->old_bytes ? event->bytes - event->old_bytes : 0;
}

static void count_failure(struct ex_growth *growth, const struct ex_step *step, uint64_t at_ns)
{
	int error = EX_EVENT(step->event, growth)->error;
	if (!growth->failed++)
		growth->failed_first_ns = at_ns;
	growth->failed_by_errno[error > 0 && error < EX_GROWTH_ERRNOS ? error : 0]++;
}

static void count_growth(struct tally *tally, const struct ex_step *step, struct ex_growth_bucket *bucket)
{
	const struct ex_ev_growth *event = EX_EVENT(step->event, growth);
	struct ex_growth *growth = tally->growth;
	uint64_t bytes = grown_bytes(step), owner = ex_step_owner(tally->steps, step);
	growth->growths++;
	growth->grown_bytes += bytes;
	growth->overlap += event->overlap > 0;
	if (event->overlap > growth->overlap_max)
		growth->overlap_max = event->overlap;
	bucket->growths++;
	bucket->bytes += bytes;
	if (event->error) {
		count_failure(growth, step, step->event->time_ns - tally->begin_ns);
	} else if (ex_step_is_arenas(step)) {
		growth->switches += growth->arena_growths++ && owner != tally->last_owner;
		tally->last_owner = owner;
	}
}

static void take_growth(struct tally *tally, const struct ex_step *step, struct ex_growth_bucket *bucket)
{
	const struct ex_ev_growth *event = EX_EVENT(step->event, growth);
	struct ex_growth *growth = tally->growth;
	tally->committed_bytes += step->delta;
	tally->chunk_bytes += step->heap == EX_HEAP_NONE ? step->delta : 0;
	growth->chunk_live_bytes = at_least_zero(tally->chunk_bytes);
	if (growth->chunk_live_bytes > growth->chunk_peak_bytes)
		growth->chunk_peak_bytes = growth->chunk_live_bytes;
	if (step->is_inherited)
		return;
	if (ex_step_is_treated(step)) {
		growth->refused_by_treatment++;
	} else if (event->class < EX_GROWTH_CLASSES && event->call < EX_GROWTH_CALLS) {
		growth->by_class[event->class]++;
		growth->by_call[event->call]++;
	}
	growth->chunks += event->class == EX_growth_MMAP_CHUNK && !event->error;
	if (event->n)
		count_growth(tally, step, bucket);
}

static void make_buckets(struct tally *tally, const struct ex_image *image)
{
	const struct ex_steps *steps = tally->steps;
	struct ex_growth *growth = tally->growth;
	uint64_t last_ns = steps->count ? steps->list[steps->count - 1].event->time_ns : 0;
	uint64_t span_ns = (last_ns > image->end_ns ? last_ns : image->end_ns) - image->begin_ns;
	tally->begin_ns = image->begin_ns;
	tally->bucket_ns = span_ns / EX_GROWTH_BUCKETS + 1;
	growth->bucket_count = (size_t)(span_ns / tally->bucket_ns) + 1;
	growth->buckets = allocate(growth->bucket_count, sizeof(*growth->buckets));
	for (size_t n = 0; n < growth->bucket_count; n++)
		growth->buckets[n].to_ns = n + 1 < growth->bucket_count ? (n + 1) * tally->bucket_ns : span_ns;
}

static void walk(struct tally *tally)
{
	struct ex_growth *growth = tally->growth;
	size_t at = 0;
	for (size_t n = 0; n < tally->steps->count; n++) {
		const struct ex_step *step = &tally->steps->list[n];
		uint64_t time_ns = step->event->time_ns;
		size_t bucket = time_ns > tally->begin_ns ? (time_ns - tally->begin_ns) / tally->bucket_ns : 0;
		while (at < bucket)
			growth->buckets[at++].committed_bytes = at_least_zero(tally->committed_bytes);
		if (step->event->meta->id == EX_EV_GROWTH)
			take_growth(tally, step, &growth->buckets[bucket]);
		else if (!step->is_inherited && EX_EVENT(step->event, wait)->kind < EX_GROWTH_LOCKS)
			growth->waits[EX_EVENT(step->event, wait)->kind]++;
	}
	while (at < growth->bucket_count)
		growth->buckets[at++].committed_bytes = at_least_zero(tally->committed_bytes);
	if (!growth->growths)
		growth->bucket_count = 0;
}

/* the others of the table show the way out, not growth */
static int is_for_growth(const char *symbol)
{
	enum { of_growth = 1, of_exit = 0 };
	int is_one = 0;
#define DETOUR(name, group, ret, params, doc) is_one |= of_##group && !strcmp(symbol, #name);
#include "detours.def"
#undef DETOUR
	return is_one;
}

/* a fork child has its parent's text, detours and all */
static void find_hooks(struct ex_growth *growth, const struct ex_image *image)
{
	for (; image && !growth->hook_count; image = image->parent) {
		growth->hooks = allocate(image->event_count, sizeof(*growth->hooks));
		for (size_t n = 0; n < image->event_count; n++) {
			const struct ex_event *event = image->events[n];
			if (event->meta->id != EX_EV_DETOUR || !is_for_growth(event->tail[0].bytes))
				continue;
			int result = EX_EVENT(event, detour)->result;
			growth->hooks[growth->hook_count++] = (struct ex_growth_hook){event->tail[0].bytes, result};
			growth->is_observed |= result == EX_detour_PLACED;
		}
	}
}

void ex_growth_build(struct ex_growth *growth, const struct ex_image *image, struct ex_symbols *symbols,
		     const struct ex_allocator *allocators, size_t allocator_count)
{
	struct ex_steps steps;
	struct tally tally = {.growth = growth, .steps = &steps};
	memset(growth, 0, sizeof(*growth));
	ex_steps_build(&steps, image);
	find_hooks(growth, image);
	growth->is_observed |= steps.count > 0;
	make_buckets(&tally, image);
	walk(&tally);
	growth->arena_count = ex_steps_arenas(&steps, &growth->arenas);
	growth->host_mappings = ex_steps_mappings(&steps, 0);
	growth->host_mappings_worst = ex_steps_mappings(&steps, 1);
	growth->module_count = ex_steps_modules(&steps, symbols, allocators, allocator_count, &growth->modules);
}
