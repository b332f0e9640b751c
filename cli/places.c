/*
 * places.c: see places.h.
 */
#include "places.h"

#include "growth.h"
#include "live.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define FRAMES_MAX 32
#define SAME_DEATH_NS 5000000000u /* a thread that dies waits for the one that speaks, 3 s at most */

static struct ex_thread_at *find(struct ex_thread_at *list, size_t count, uint32_t tid)
{
	for (size_t n = 0; n < count; n++)
		if (list[n].tid == tid)
			return &list[n];
	return NULL;
}

/* where the library found it is in the library's own handler, or waiting for the one that speaks: what is there, and the frame
 * by which the system calls a handler, is not the thread's doing */
static void drop_ours(struct ex_thread_at *thread)
{
	int ours = 0;
	while (ours < thread->frame_count && ex_place_is_ours(&thread->frames[ours]))
		ours++;
	if (ours && ours < thread->frame_count && !thread->frames[ours].symbol)
		ours++;
	memmove(thread->frames, thread->frames + ours, (size_t)(thread->frame_count - ours) * sizeof(*thread->frames));
	thread->frame_count -= ours;
}

static void see(struct ex_thread_at *thread, const struct ex_teardown *t, const struct ex_event *event)
{
	int regs = ex_event_tail(event->meta, "regs"), stack = ex_event_tail(event->meta, "stack");
	if (!t->symbols)
		return;
	ex_symbols_at(t->symbols, event->time_ns);
	if (event->tail[regs].length) {
		thread->frames = calloc(FRAMES_MAX, sizeof(*thread->frames));
		if (!thread->frames)
			abort();
		thread->frame_count = ex_symbols_unwind(t->symbols, event->tail[regs], event->tail[stack], 0,
							thread->frames, FRAMES_MAX);
	} else {
		const struct ex_ev_thread_place *place = EX_EVENT(event, thread_place);
		thread->frame_count = ex_live_unwind(t, place->pc, place->sp, event->tail[stack], &thread->frames);
	}
	ex_symbols_at(t->symbols, UINT64_MAX - 1);
	drop_ours(thread);
}

static void find_arenas(struct ex_thread_at *list, size_t count, const struct ex_image *image)
{
	struct ex_steps steps;
	ex_steps_build(&steps, image);
	for (size_t n = 0; n < steps.count; n++) {
		const struct ex_step *step = &steps.list[n];
		if (step->is_inherited || step->event->meta->id != EX_EV_GROWTH || !ex_step_is_arenas(step))
			continue;
		struct ex_thread_at *thread = find(list, count, step->event->tid);
		if (thread)
			thread->arena = ex_step_arena(&steps, step);
	}
	free(steps.list);
	free(steps.heaps);
}

size_t ex_places_find(const struct ex_teardown *t, struct ex_thread_at **list)
{
	const struct ex_image *image = t->image;
	const struct ex_event *first = image ? image->crash : NULL;
	size_t count = 0;
	*list = NULL;
	if (!first)
		return 0;
	*list = calloc(image->event_count + 1, sizeof(**list));
	if (!*list)
		abort();
	(*list)[count++] = (struct ex_thread_at){.tid = first->tid,
						 .is_dying = 1,
						 .frames = t->crash_stack,
						 .frame_count = t->crash_frames};
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		uint64_t apart_ns = event->time_ns > first->time_ns ? event->time_ns - first->time_ns
								    : first->time_ns - event->time_ns;
		if (event->meta->id != EX_EV_CRASH || EX_EVENT(event, crash)->disposition != EX_disposition_DEFAULT ||
		    EX_EVENT(event, crash)->code <= 0 || apart_ns > SAME_DEATH_NS || find(*list, count, event->tid))
			continue;
		(*list)[count] = (struct ex_thread_at){.tid = event->tid, .is_dying = 1};
		see(&(*list)[count++], t, event);
	}
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id != EX_EV_THREAD_PLACE)
			continue;
		uint32_t tid = EX_EVENT(event, thread_place)->thread;
		const char *name = event->tail[ex_event_tail(event->meta, "name")].bytes;
		struct ex_thread_at *known = find(*list, count, tid);
		if (!known) {
			known = &(*list)[count++];
			*known = (struct ex_thread_at){.tid = tid};
			see(known, t, event);
		}
		known->name = name;
	}
	find_arenas(*list, count, image);
	return count;
}

const char *ex_places_arena(const struct ex_thread_at *thread)
{
	if (thread->arena == EX_ARENA_UNKNOWN)
		return NULL;
	return thread->arena == EX_ARENA_MAIN ? "main" : ex_format("0x%llx", (unsigned long long)thread->arena);
}
