/*
 * foreign.c: see foreign.h. Memory is told apart by who called for it, never by a name.
 */
#include "foreign.h"

#include <string.h>

static int covers(const struct ex_event *event, uint64_t address)
{
	const struct ex_ev_growth *g = EX_EVENT(event, growth);
	int gets =
		g->call == EX_memory_call_MMAP || g->call == EX_memory_call_MREMAP ||
		((g->call == EX_memory_call_BRK || g->call == EX_memory_call_SBRK) && g->class != EX_growth_BRK_TRIM);
	return gets && !g->error && address >= g->begin && address - g->begin < g->bytes;
}

/* the last call that got the memory, also before a fork */
static const struct ex_event *mapping_of(const struct ex_image *image, uint64_t address, uint64_t time_ns)
{
	for (; image; image = image->parent)
		for (size_t i = image->event_count; i-- > 0;) {
			const struct ex_event *event = image->events[i];
			if (event->meta->id == EX_EV_GROWTH && event->time_ns <= time_ns && covers(event, address))
				return event;
		}
	return NULL;
}

static int is_foreign(struct ex_foreign *f, const struct ex_image *image, const struct ex_event *event,
		      uint64_t caller_offset)
{
	const struct ex_ev_foreign *foreign = EX_EVENT(event, foreign);
	const struct ex_event *mapping = mapping_of(image, foreign->block, event->time_ns);
	const struct ex_module *caller = ex_image_module(image, foreign->caller, event->time_ns);
	if (!mapping || !caller || foreign->caller - caller->bias != caller_offset)
		return 0;
	*f = (struct ex_foreign){
		.image = image,
		.event = event,
		.mapping = mapping,
		.frees = ex_image_module(image, foreign->fn, event->time_ns),
		.gave = ex_image_module(image, EX_EVENT(mapping, growth)->caller, mapping->time_ns),
	};
	return f->frees && f->gave && f->frees->begin != f->gave->begin;
}

int ex_foreign_find(struct ex_foreign *foreign, const struct ex_processes *processes, uint64_t caller_offset)
{
	for (size_t p = 0; p < processes->count; p++) {
		const struct ex_image *image = &processes->images[p];
		for (size_t i = 0; i < image->event_count; i++)
			if (image->events[i]->meta->id == EX_EV_FOREIGN &&
			    is_foreign(foreign, image, image->events[i], caller_offset))
				return 1;
	}
	memset(foreign, 0, sizeof(*foreign));
	return 0;
}
