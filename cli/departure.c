/*
 * departure.c: see departure.h. Must never guess: what libc does between the last handler and the kernel is told as a
 * span only where both ends were seen.
 */
#include "departure.h"

#include "ending.h"
#include "text.h"

#include <stdlib.h>

#define FRAMES_MAX 64

static void add_call(struct ex_departure *departure, const struct ex_teardown *teardown, const struct ex_event *event)
{
	struct ex_exit_call call = {.event = event};
	uint64_t caller;
	if (event->meta->id == EX_EV_THREAD_EXIT) {
		call.kind = "pthread_exit";
		caller = EX_EVENT(event, thread_exit)->caller;
	} else {
		call.kind = EX_KIND_TEXT(exit, EX_EVENT(event, exit_begin)->kind);
		caller = EX_EVENT(event, exit_begin)->caller;
	}
	call.caller.module_name = "";
	ex_symbols_at(teardown->symbols, event->time_ns);
	if (caller)
		call.caller = ex_symbols_place(teardown->symbols, caller, 1);
	departure->calls = realloc(departure->calls, (departure->call_count + 1) * sizeof(call));
	if (!departure->calls)
		abort();
	departure->calls[departure->call_count++] = call;
}

/* Objects register before the dynamic linker's finalizer is registered, so that some handlers may run behind it: stdio's
 * turn comes after the last that ran in that thread. */
static void find_stdio(struct ex_departure *departure, const struct ex_teardown *teardown,
		       const struct ex_event *goodbye, const struct ex_event *leaving)
{
	uint64_t from_ns = goodbye->time_ns;
	if (goodbye->tid != leaving->tid || goodbye->time_ns > leaving->time_ns)
		return;
	for (size_t n = 0; n < teardown->count; n++) {
		const struct ex_row *row = &teardown->rows[n];
		if (row->tid != leaving->tid || row->handler_kind < 0 || row->begin_ns < goodbye->time_ns)
			continue;
		if (!row->end_ns)
			return;
		if (row->end_ns > from_ns && row->end_ns <= leaving->time_ns)
			from_ns = row->end_ns;
	}
	departure->stdio_ns = from_ns;
}

void ex_departure_build(struct ex_departure *departure, const struct ex_teardown *teardown)
{
	const struct ex_image *image = teardown->image;
	const struct ex_event *goodbye = NULL, *leaving = NULL;
	*departure = (struct ex_departure){.begin_ns = image->first_exit ? image->first_exit->time_ns : 0};
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		switch (event->meta->id) {
		case EX_EV_MAIN_END:
			if (!departure->begin_ns || event->time_ns < departure->begin_ns)
				departure->begin_ns = event->time_ns;
			break;
		case EX_EV_EXIT_BEGIN:
			if (!ex_ending_is_vfork_childs(image, event))
				add_call(departure, teardown, event);
			break;
		case EX_EV_THREAD_EXIT:
			if (EX_EVENT(event, thread_exit)->is_main)
				add_call(departure, teardown, event);
			break;
		case EX_EV_GOODBYE:
			if (!ex_ending_is_vfork_childs(image, event))
				goodbye = event;
			break;
		case EX_EV_LEAVING:
			if (!ex_ending_is_vfork_childs(image, event))
				leaving = event;
			break;
		default:
			break;
		}
	}
	ex_symbols_at(teardown->symbols, UINT64_MAX - 1);
	if (leaving && departure->begin_ns && leaving->time_ns >= departure->begin_ns) {
		departure->left_ns = leaving->time_ns;
		departure->left_tid = leaving->tid;
	}
	if (departure->left_ns && goodbye)
		find_stdio(departure, teardown, goodbye, leaving);
}

enum origin { UNKNOWN, OF_HANDLER, OF_MAIN };

/* Whose call it was, of those whose frames may lie on that stack: between a handler and what runs it is a frame of
 * ours, which a jump out of the handler has left behind. */
static enum origin origin_of(const struct ex_teardown *teardown, const struct ex_exit_call *call,
			     const struct ex_row *handler)
{
	const struct ex_event *event = call->event;
	struct ex_place frames[FRAMES_MAX];
	const struct ex_image *image = teardown->image;
	int regs = ex_event_tail(event->meta, "regs"), stack = ex_event_tail(event->meta, "stack"), count;
	uint64_t main_fn = 0;
	if (call->caller.function && call->caller.function == handler->place.address)
		return OF_HANDLER;
	if (regs < 0 || stack < 0)
		return UNKNOWN;
	for (size_t n = 0; n < image->event_count; n++)
		if (image->events[n]->meta->id == EX_EV_MAIN_BEGIN)
			main_fn = EX_EVENT(image->events[n], main_begin)->fn;
	ex_symbols_at(teardown->symbols, event->time_ns);
	count = ex_symbols_unwind(teardown->symbols, event->tail[regs], event->tail[stack], 1, frames, FRAMES_MAX);
	ex_symbols_at(teardown->symbols, UINT64_MAX - 1);
	for (int n = 0; n < count; n++) {
		if (ex_place_is_ours(&frames[n]) ||
		    (frames[n].function && frames[n].function == handler->place.address))
			return OF_HANDLER;
		if (main_fn && frames[n].function == main_fn)
			return OF_MAIN;
	}
	return UNKNOWN;
}

const char *ex_departure_fate(const struct ex_departure *departure, const struct ex_teardown *teardown,
			      const struct ex_row *row, int is_complete)
{
	const struct ex_image *image = teardown->image;
	const struct ex_exit_call *call = NULL;
	const struct ex_row *next = NULL;
	for (size_t n = 0; n < departure->call_count && !call; n++)
		if (departure->calls[n].event->tid == row->tid && departure->calls[n].event->time_ns > row->begin_ns &&
		    ex_teardown_row_at(teardown, row->tid, departure->calls[n].event->time_ns) == row)
			call = &departure->calls[n];
	for (size_t n = 0; n < teardown->count && !next; n++)
		if (&teardown->rows[n] > row && teardown->rows[n].handler_kind >= 0 &&
		    teardown->rows[n].tid == row->tid && teardown->rows[n].depth <= row->depth)
			next = &teardown->rows[n];
	if (call && (!next || next->begin_ns > call->event->time_ns))
		switch (origin_of(teardown, call, row)) {
		case OF_HANDLER:
			return ex_format("did not return: it called %s", call->kind);
		case OF_MAIN:
			return ex_format("did not return: left by a jump or an exception, then main called %s",
					 call->kind);
		case UNKNOWN:
			return ex_format("did not return: %s was called meanwhile", call->kind);
		}
	for (size_t n = 0; n < image->event_count; n++)
		if (image->events[n]->meta->id == EX_EV_THREAD_EXIT && image->events[n]->tid == row->tid &&
		    image->events[n]->time_ns > row->begin_ns)
			return "did not return: its thread called pthread_exit";
	if (next && is_complete)
		return "did not return: left by a jump or an exception";
	if (image->end == EX_END_SIGNAL && (!image->crash || image->crash->tid != row->tid))
		return ex_format("still ran when the process died of %s", ex_signal_name(image->signal));
	if (departure->left_ns && departure->left_tid != row->tid)
		return ex_format("still ran when thread %u ended the process", departure->left_tid);
	if (image->end == EX_END_EXEC)
		return "did not return: the process became another program";
	return "did not return";
}
