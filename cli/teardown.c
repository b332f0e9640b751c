/*
 * teardown.c: the rows of the teardown timeline. Owns which events make up a row and of which kind it is; must never
 * number rows itself: #n is what the library counted, so that skip=#n means the same thing in the next run.
 */
#include "teardown.h"

#include "row_origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STACK_MAX 64

static struct ex_row *add_row(struct ex_teardown *teardown, struct ex_row row)
{
	if ((teardown->count & (teardown->count - 1)) == 0) {
		size_t room = teardown->count ? teardown->count * 2 : 1;
		teardown->rows = realloc(teardown->rows, room * sizeof(row));
		if (!teardown->rows)
			abort();
	}
	row.outcome = row.alive_after = -1;
	row.place.module_name = row.place.module_name ? row.place.module_name : "";
	row.registered_by.module_name = "";
	teardown->rows[teardown->count] = row;
	return &teardown->rows[teardown->count++];
}

/* the last row of handler id, running or not; 0 has none */
static struct ex_row *row_of(struct ex_teardown *teardown, uint32_t id)
{
	for (size_t n = teardown->count; id && n-- > 0;)
		if (teardown->rows[n].id == id && !teardown->rows[n].is_early_flush)
			return &teardown->rows[n];
	return NULL;
}

static struct ex_row *early_flush_of(struct ex_teardown *teardown, uint32_t id)
{
	for (size_t n = teardown->count; n-- > 0;)
		if (teardown->rows[n].is_early_flush && teardown->rows[n].id == id)
			return &teardown->rows[n];
	return NULL;
}

static void take(struct ex_row *row, const struct ex_ev_release *release)
{
	row->took = realloc(row->took, (row->took_count + 1) * sizeof(*row->took));
	if (!row->took)
		abort();
	row->took[row->took_count++] = (struct ex_took){.begin = release->begin,
							.end = release->end,
							.how = release->how,
							.held = release->held,
							.caller = release->caller};
}

static void point(struct ex_row *row, const struct ex_image *image, const struct ex_ev_points *points)
{
	struct ex_pointers one = {.begin = points->begin, .end = points->end, .words = points->count};
	for (size_t n = 0; n < image->module_count; n++)
		if (image->modules[n].n == points->module)
			one.module = &image->modules[n];
	row->pointers = realloc(row->pointers, (row->pointer_count + 1) * sizeof(*row->pointers));
	if (!row->pointers)
		abort();
	row->pointers[row->pointer_count++] = one;
}

static void probe(struct ex_teardown *teardown, const struct ex_ev_probe *probe, uint64_t *last_block)
{
	struct ex_row *row = row_of(teardown, probe->id);
	if (probe->id == 0) {
		teardown->alive_before = probe->alive;
		teardown->block_before = probe->block;
	} else if (row) {
		row->alive_after = probe->alive;
		row->probe_signal = probe->signo;
		row->probe_block = *last_block;
	}
	*last_block = probe->block;
}

static struct ex_row handler_row(const struct ex_teardown *teardown, const struct ex_event *event)
{
	const struct ex_ev_handler_begin *begin = EX_EVENT(event, handler_begin);
	struct ex_row row = {
		.n = begin->row,
		.kind = EX_ROW_HANDLER,
		.handler_kind = begin->kind,
		.id = begin->id,
		.depth = begin->depth,
		.tid = event->tid,
		.begin_ns = event->time_ns,
		.begin = event,
	};
	switch (begin->kind) {
	case EX_handler_TLS_DTOR:
		row.kind = EX_ROW_TLS_DTOR;
		break;
	case EX_handler_KEY_DTOR:
		row.kind = EX_ROW_KEY_DTOR;
		break;
	case EX_handler_FINI_ARRAY:
	case EX_handler_DT_FINI:
	case EX_handler_RTLD_FINI:
		row.kind = EX_ROW_FINI;
		break;
	default:
		break;
	}
	if (ex_image_is_writer(teardown->image, begin->id))
		row.kind = EX_ROW_PROFILE_WRITE;
	row.registration = ex_image_registration(teardown->image, begin->id);
	ex_symbols_at(teardown->symbols, event->time_ns);
	row.place = ex_symbols_place(teardown->symbols, begin->fn, 0);
	return row;
}

static struct ex_row main_row(const struct ex_teardown *teardown, const struct ex_event *event)
{
	struct ex_row row = {
		.n = EX_EVENT(event, main_end)->row,
		.kind = EX_ROW_MAIN_END,
		.handler_kind = -1,
		.tid = event->tid,
		.begin_ns = event->time_ns,
		.end_ns = event->time_ns,
		.begin = event,
	};
	for (size_t n = 0; n < teardown->image->event_count; n++)
		if (teardown->image->events[n]->meta->id == EX_EV_MAIN_BEGIN)
			row.place = ex_symbols_place(teardown->symbols,
						     EX_EVENT(teardown->image->events[n], main_begin)->fn, 0);
	return row;
}

static void flush_row(struct ex_teardown *teardown, const struct ex_event *event)
{
	uint32_t id = EX_EVENT(event, flush_begin)->id;
	struct ex_row row = {
		.kind = EX_ROW_PROFILE_WRITE,
		.handler_kind = -1,
		.id = id,
		.tid = event->tid,
		.begin_ns = event->time_ns,
		.is_early_flush = 1,
		.begin = event,
		.registration = ex_image_registration(teardown->image, id),
	};
	ex_symbols_at(teardown->symbols, event->time_ns);
	if (row.registration)
		row.place = ex_symbols_place(teardown->symbols, EX_EVENT(row.registration, register)->fn, 0);
	add_row(teardown, row);
}

static void read_rows(struct ex_teardown *teardown)
{
	const struct ex_image *image = teardown->image;
	uint64_t block = 0;
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		struct ex_row *row = NULL;
		switch (event->meta->id) {
		case EX_EV_MAIN_END:
			add_row(teardown, main_row(teardown, event));
			break;
		case EX_EV_HANDLER_BEGIN:
			if (EX_EVENT(event, handler_begin)->row)
				add_row(teardown, handler_row(teardown, event));
			break;
		case EX_EV_HANDLER_END:
			for (size_t r = teardown->count; r-- > 0 && !row;)
				if (teardown->rows[r].n == EX_EVENT(event, handler_end)->row &&
				    teardown->rows[r].id == EX_EVENT(event, handler_end)->id)
					row = &teardown->rows[r];
			if (row && row->n) {
				row->end_ns = event->time_ns;
				row->outcome = EX_EVENT(event, handler_end)->how;
			}
			break;
		case EX_EV_FLUSH_BEGIN:
			flush_row(teardown, event);
			break;
		case EX_EV_FLUSH_END:
			row = early_flush_of(teardown, EX_EVENT(event, flush_end)->id);
			if (row) {
				row->end_ns = event->time_ns;
				row->outcome = EX_outcome_of_handler_RAN;
			}
			break;
		case EX_EV_RELEASE:
			row = row_of(teardown, EX_EVENT(event, release)->id);
			if (row)
				take(row, EX_EVENT(event, release));
			break;
		case EX_EV_POINTS:
			row = row_of(teardown, EX_EVENT(event, points)->id);
			if (row)
				point(row, image, EX_EVENT(event, points));
			break;
		case EX_EV_PROBE:
			probe(teardown, EX_EVENT(event, probe), &block);
			break;
		default:
			break;
		}
	}
}

/* the crashing thread's next event, when that is more of its stack */
static const struct ex_event *more_stack(const struct ex_image *image)
{
	int is_behind = 0;
	for (size_t i = 0; i < image->event_count; i++) {
		const struct ex_event *event = image->events[i];
		if (is_behind && event->tid == image->crash->tid)
			return event->meta->id == EX_EV_STACK_MORE ? event : NULL;
		is_behind |= event == image->crash;
	}
	return NULL;
}

static void read_crash(struct ex_teardown *teardown)
{
	const struct ex_event *event = teardown->image->crash;
	if (!event)
		return;
	const struct ex_ev_crash *crash = EX_EVENT(event, crash);
	for (size_t n = teardown->count; n-- > 0 && !teardown->crash_row;) {
		struct ex_row *row = &teardown->rows[n];
		if (!row->end_ns && row->tid == event->tid && row->begin_ns <= event->time_ns &&
		    (row->is_early_flush ? crash->flushing == row->id : crash->id == row->id))
			teardown->crash_row = row;
	}
	teardown->crashed_in_flush = crash->flushing != 0;
	teardown->crash_stack = calloc(STACK_MAX, sizeof(*teardown->crash_stack));
	if (!teardown->crash_stack)
		abort();
	ex_symbols_at(teardown->symbols, event->time_ns);
	const struct ex_event *more = more_stack(teardown->image);
	if (more)
		ex_symbols_more_stack(teardown->symbols, EX_EVENT(more, stack_more)->begin, more->tail[0]);
	teardown->crash_frames = ex_symbols_unwind(teardown->symbols, event->tail[0], event->tail[1], 0,
						   teardown->crash_stack, STACK_MAX);
	ex_symbols_more_stack(teardown->symbols, 0, (struct ex_text){0});
	if (!teardown->crash_frames) {
		teardown->crash_stack[0] = ex_symbols_place(teardown->symbols, crash->pc, 0);
		teardown->crash_frames = 1;
	}
}

void ex_teardown_build(struct ex_teardown *teardown, const struct ex_image *image, struct ex_symbols *symbols)
{
	*teardown = (struct ex_teardown){.image = image, .symbols = symbols, .alive_before = -1};
	read_rows(teardown);
	unsigned last = 0;
	for (size_t n = 0; n < teardown->count; n++)
		if (teardown->rows[n].n > last)
			last = teardown->rows[n].n;
	if (image->end != EX_END_RUNNING)
		add_row(teardown, (struct ex_row){.n = last + 1,
						  .kind = EX_ROW_END,
						  .handler_kind = -1,
						  .tid = image->crash ? image->crash->tid : image->pid,
						  .begin_ns = image->end_ns,
						  .end_ns = image->end_ns});
	for (size_t n = 0; n < teardown->count; n++)
		ex_row_find_registrar(teardown, &teardown->rows[n]);
	ex_rows_find_allocators(teardown);
	read_crash(teardown);
	ex_symbols_at(symbols, UINT64_MAX - 1);
}
