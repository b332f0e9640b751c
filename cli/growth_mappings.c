/*
 * growth_mappings.c: what the growth of an image costs a sandbox's host in mappings. Owns the model:
 *
 * gVisor backs memory when it is touched, with the next free range of one file for the whole sandbox, and maps that
 * range into the process on the host. The host joins two mappings only where both the addresses and the ranges of the
 * file follow each other. So a growth that follows a growth of the same heap makes that heap's last mapping longer, and
 * any other growth makes a new one; a large block is one, however large. What is unmapped takes its mappings along;
 * what madvise discards comes back in one piece. The result is the largest number at a time.
 *
 * Measured under runsc, ptrace platform, blocks of 64 to 240 bytes, mappings counted on the host while it ran: 4 threads,
 * 100 MiB together: 24738, this model says 24872 of the same run's trace (28584 growths, 87 % after one of another arena);
 * 2 threads: 24512, model 24324; one thread, 128 MiB: 49, all that the sandbox itself needs, model 4. In steps of 2 MiB
 * 740 MiB took 555. At 65530 (vm.max_map_count of the host) the next touch is a SIGSEGV on a valid page.
 *
 * The same program may alternate less outside a sandbox (0.7 to 89 % were seen), because there a growth costs a
 * microsecond and a thread does many in its turn. So the worst case is told as well: every growth makes a new mapping
 * as long as at least two arenas are between their first and last growth (28352 and 28375 for the runs above).
 */
#include "growth.h"

#include <search.h>
#include <stdlib.h>

struct run { /* stretch of a heap that is one mapping on the host */
	uint64_t begin;
	size_t below; /* in the list; 0: none */
};

struct span { /* of an arena's growths, as indices of steps */
	uint64_t arena;
	size_t first, last;
};

struct model {
	const struct ex_steps *steps;
	int is_worst;
	void *spans;	  /* of tsearch */
	struct run *runs; /* the first is none */
	size_t run_count;
	size_t *tops; /* a heap's last run; the one after all heaps is the break's */
	uint64_t live, peak;
	uint64_t others;  /* of live: other allocators' */
	size_t last_heap; /* whose growth came last; SIZE_MAX - 2: no heap's */
	unsigned active;  /* arenas between their first and last growth */
};

#define NO_HEAP (SIZE_MAX - 2)

static int by_arena(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	return x->arena < y->arena ? -1 : x->arena > y->arena;
}

static int is_commit(const struct ex_step *step)
{
	const struct ex_ev_growth *growth = EX_EVENT(step->event, growth);
	return step->event->meta->id == EX_EV_GROWTH && growth->error == 0 && ex_step_is_arenas(step) &&
	       growth->class != EX_growth_HEAP_RESERVE;
}

static struct span *find_span(struct model *model, size_t index)
{
	struct span key = {.arena = ex_step_owner(model->steps, &model->steps->list[index])};
	struct span **found = tfind(&key, &model->spans, by_arena);
	return found ? *found : NULL;
}

static void find_spans(struct model *model)
{
	for (size_t n = 0; n < model->steps->count; n++) {
		if (!is_commit(&model->steps->list[n]))
			continue;
		struct span *span = find_span(model, n);
		if (!span) {
			span = malloc(sizeof(*span));
			if (!span)
				abort();
			*span = (struct span){ex_step_owner(model->steps, &model->steps->list[n]), n, n};
			tsearch(span, &model->spans, by_arena);
		}
		span->last = n;
	}
}

static size_t *top_of(struct model *model, const struct ex_step *step)
{
	return &model->tops[step->heap == EX_HEAP_MAIN ? model->steps->heap_count : step->heap];
}

static void push(struct model *model, size_t *top, uint64_t begin)
{
	model->runs[model->run_count] = (struct run){begin, *top};
	*top = model->run_count++;
	model->live++;
}

static void pop(struct model *model, size_t *top, uint64_t from)
{
	for (; *top && model->runs[*top].begin >= from; model->live--)
		*top = model->runs[*top].below;
}

static void grow(struct model *model, const struct ex_step *step, size_t index)
{
	const struct ex_ev_growth *growth = EX_EVENT(step->event, growth);
	const struct span *span = find_span(model, index);
	model->active += span->first == index;
	int is_alone = !model->is_worst || model->active < 2;
	if (step->heap != model->last_heap || growth->class == EX_growth_HEAP_FIRST_COMMIT || !is_alone)
		push(model, top_of(model, step), growth->begin);
	model->last_heap = step->heap;
	model->active -= span->last == index;
}

static void take(struct model *model, const struct ex_step *step, size_t index)
{
	const struct ex_ev_growth *growth = EX_EVENT(step->event, growth);
	if (step->event->meta->id != EX_EV_GROWTH || growth->error)
		return;
	if (is_commit(step)) {
		grow(model, step, index);
		return;
	}
	switch (growth->class) {
	case EX_growth_BRK_TRIM:
		pop(model, top_of(model, step), growth->begin);
		break;
	case EX_growth_HEAP_SHRINK:
		pop(model, top_of(model, step), growth->begin);
		if (growth->call == EX_memory_call_MADVISE)
			push(model, top_of(model, step), growth->begin);
		break;
	case EX_growth_HEAP_DELETE:
		if (step->heap != EX_HEAP_NONE)
			pop(model, top_of(model, step), 0);
		break;
	case EX_growth_MMAP_CHUNK:
		model->live++;
		model->last_heap = NO_HEAP;
		break;
	case EX_growth_MREMAP_CHUNK:
		model->last_heap = NO_HEAP;
		break;
	case EX_growth_MUNMAP_CHUNK:
		model->live -= model->live > 0;
		break;
	case EX_growth_OTHER_GROW:
		model->live++;
		model->others++;
		model->last_heap = NO_HEAP;
		break;
	case EX_growth_OTHER_SHRINK: /* parts of what was mapped, too: never more than there are */
		if (growth->call == EX_memory_call_MUNMAP && model->others) {
			model->others--;
			model->live--;
		}
		break;
	default:
		break;
	}
}

uint64_t ex_steps_mappings(const struct ex_steps *steps, int is_worst)
{
	struct model model = {.steps = steps, .is_worst = is_worst, .run_count = 1, .last_heap = NO_HEAP};
	model.runs = calloc(steps->count + 1, sizeof(*model.runs));
	model.tops = calloc(steps->heap_count + 1, sizeof(*model.tops));
	if (!model.runs || !model.tops)
		abort();
	find_spans(&model);
	for (size_t n = 0; n < steps->count; n++) {
		take(&model, &steps->list[n], n);
		if (model.live > model.peak)
			model.peak = model.live;
	}
	tdestroy(model.spans, free);
	free(model.runs);
	free(model.tops);
	return model.peak;
}
