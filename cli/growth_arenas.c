/*
 * growth_arenas.c: the rows of arenas: what each holds, who grew in it and waited for it, and for how long. Owns the
 * order of rows and the percentiles.
 */
#include "growth.h"

#include <search.h>
#include <stdlib.h>

struct place { /* of an arena in the list of rows */
	uint64_t arena;
	size_t row;
};

struct mark { /* something about a row, to be sorted: a thread, or how long a wait took */
	size_t row;
	uint64_t value;
};

struct marks {
	struct mark *list;
	size_t count;
};

struct rows {
	const struct ex_steps *steps;
	struct ex_arena *list;
	size_t count;
	int64_t *bytes; /* that each has accessible, as of the step at hand */
	void *places;	/* of tsearch */
	struct marks threads, waits;
};

static void *allocate(size_t count, size_t bytes)
{
	void *memory = calloc(count ? count : 1, bytes);
	if (!memory)
		abort();
	return memory;
}

static int by_arena(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	return x->arena < y->arena ? -1 : x->arena > y->arena;
}

static int by_mark(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;
	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	return x->value < y->value ? -1 : x->value > y->value;
}

static size_t row_of(struct rows *rows, uint64_t arena)
{
	struct place key = {.arena = arena}, **found = tfind(&key, &rows->places, by_arena), *place;
	if (found)
		return (*found)->row;
	place = allocate(1, sizeof(*place));
	*place = (struct place){arena, rows->count};
	tsearch(place, &rows->places, by_arena);
	rows->list[rows->count] = (struct ex_arena){.address = arena == EX_ARENA_MAIN ? rows->steps->main_arena : arena,
						    .is_main = arena == EX_ARENA_MAIN};
	return rows->count++;
}

static void add_mark(struct marks *marks, size_t row, uint64_t value)
{
	marks->list[marks->count++] = (struct mark){row, value};
}

static void take_growth(struct rows *rows, const struct ex_step *step)
{
	int is_growth = ex_step_is_arenas(step);
	if (step->heap == EX_HEAP_NONE && !is_growth)
		return;
	size_t row = row_of(rows, ex_step_arena(rows->steps, step));
	struct ex_arena *arena = &rows->list[row];
	rows->bytes[row] += step->delta;
	if (rows->bytes[row] > (int64_t)arena->peak_committed_bytes)
		arena->peak_committed_bytes = (uint64_t)rows->bytes[row];
	if (!is_growth || step->is_inherited)
		return;
	arena->growths++;
	arena->failed += EX_EVENT(step->event, growth)->error != 0;
	add_mark(&rows->threads, row, step->event->tid);
}

static void take_wait(struct rows *rows, const struct ex_step *step)
{
	const struct ex_ev_wait *event = EX_EVENT(step->event, wait);
	if (step->is_inherited || event->kind != EX_lock_ARENA)
		return;
	size_t row = row_of(rows, ex_step_arena(rows->steps, step));
	add_mark(&rows->waits, row, event->duration);
	add_mark(&rows->threads, row, step->event->tid);
}

/* of a sorted list: the smallest value that so many hundredths do not exceed */
static uint64_t nearest_rank(const struct mark *sorted, size_t count, unsigned hundredths)
{
	return sorted[(count * hundredths + 99) / 100 - 1].value;
}

static void count_marks(struct rows *rows)
{
	struct marks *threads = &rows->threads, *waits = &rows->waits;
	qsort(threads->list, threads->count, sizeof(*threads->list), by_mark);
	for (size_t n = 0; n < threads->count; n++)
		if (n == 0 || by_mark(&threads->list[n - 1], &threads->list[n]) != 0)
			rows->list[threads->list[n].row].threads++;
	qsort(waits->list, waits->count, sizeof(*waits->list), by_mark);
	for (size_t from = 0, to; from < waits->count; from = to) {
		const struct mark *sorted = &waits->list[from];
		struct ex_waits *of = &rows->list[sorted->row].waits;
		for (to = from; to < waits->count && waits->list[to].row == sorted->row; to++)
			of->total_ns += waits->list[to].value;
		of->count = to - from;
		of->p50_ns = nearest_rank(sorted, to - from, 50);
		of->p99_ns = nearest_rank(sorted, to - from, 99);
		of->max_ns = waits->list[to - 1].value;
	}
}

/* what is there at the end */
static void count_heaps(struct rows *rows)
{
	const struct ex_steps *steps = rows->steps;
	for (size_t n = 0; n < steps->heap_count; n++) {
		const struct ex_heap *heap = &steps->heaps[n];
		if (heap->is_gone || heap->is_replaced)
			continue;
		struct ex_arena *arena = &rows->list[row_of(rows, heap->arena)];
		arena->heaps++;
		arena->reserved_bytes += steps->heap_bytes;
		arena->committed_bytes += heap->committed_end - heap->begin;
	}
	for (size_t n = 0; n < rows->count; n++)
		if (rows->list[n].is_main) {
			rows->list[n].reserved_bytes += steps->break_last - steps->break_first;
			rows->list[n].committed_bytes += rows->bytes[n] > 0 ? (uint64_t)rows->bytes[n] : 0;
		}
}

size_t ex_steps_arenas(const struct ex_steps *steps, struct ex_arena **list)
{
	size_t most = steps->count + steps->heap_count, count = 0;
	struct rows rows = {.steps = steps,
			    .list = allocate(most, sizeof(struct ex_arena)),
			    .bytes = allocate(most, sizeof(int64_t)),
			    .threads.list = allocate(steps->count, sizeof(struct mark)),
			    .waits.list = allocate(steps->count, sizeof(struct mark))};
	for (size_t n = 0; n < steps->count; n++)
		if (steps->list[n].event->meta->id == EX_EV_GROWTH)
			take_growth(&rows, &steps->list[n]);
		else
			take_wait(&rows, &steps->list[n]);
	count_marks(&rows);
	count_heaps(&rows);
	*list = allocate(rows.count, sizeof(**list));
	for (int turn = 0; turn < 3; turn++) /* main, those that are known, what belongs to none */
		for (size_t n = 0; n < rows.count; n++) {
			const struct ex_arena *arena = &rows.list[n];
			int its_turn = arena->is_main ? 0 : arena->address ? 1 : 2;
			/* a parent may have had more than was left when it forked */
			int is_there = arena->growths || arena->waits.count || arena->committed_bytes || arena->heaps;
			if (turn == its_turn && is_there)
				(*list)[count++] = *arena;
		}
	tdestroy(rows.places, free);
	free(rows.list);
	free(rows.bytes);
	free(rows.threads.list);
	free(rows.waits.list);
	return count;
}
