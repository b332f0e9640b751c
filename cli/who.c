/*
 * who.c: see who.h.
 */
#include "who.h"

#include "text.h"

#include <string.h>

#define FRAMES_MAX 64
#define TOLD_MAX 3
#define PATH_MAX_TOLD 8 /* from the system's own wrappers up to who decided it */

static uint64_t caller_of(const struct ex_event *event)
{
	switch (event->meta->id) {
	case EX_EV_GROWTH:
		return EX_EVENT(event, growth)->caller;
	case EX_EV_QUARANTINED:
		return EX_EVENT(event, quarantined)->caller;
	case EX_EV_STALE_UNMAP:
		return EX_EVENT(event, stale_unmap)->caller;
	case EX_EV_DLCLOSE:
		return EX_EVENT(event, dlclose)->caller;
	case EX_EV_KEPT:
		return EX_EVENT(event, kept)->caller;
	default:
		return 0;
	}
}

int ex_who(struct ex_symbols *symbols, const struct ex_event *event, struct ex_place *frames, int max)
{
	struct ex_place all[FRAMES_MAX];
	int regs = ex_event_tail(event->meta, "regs"), stack = ex_event_tail(event->meta, "stack"), told = 0, count = 0;
	uint64_t caller = caller_of(event);
	if (!symbols)
		return 0;
	ex_symbols_at(symbols, event->time_ns);
	if (regs >= 0 && stack >= 0 && event->tail[regs].length)
		count = ex_symbols_unwind(symbols, event->tail[regs], event->tail[stack], 1, all, FRAMES_MAX);
	for (int i = 0; i < count && told < max; i++)
		if (all[i].module && !ex_place_is_ours(&all[i]))
			frames[told++] = all[i];
	if (!told && caller && max > 0)
		frames[told++] = ex_symbols_place(symbols, caller, 1);
	ex_symbols_at(symbols, UINT64_MAX - 1);
	return told;
}

/* compiled for every type, and no decision of anybody's */
static int is_glue(const struct ex_place *place)
{
	return place->symbol && !strncmp(place->symbol, "core::ptr::drop_in_place<", 25);
}

/* what called it is the same in every program */
static int is_first(const struct ex_place *place)
{
	return place->symbol && (!strcmp(place->symbol, "main") || !strcmp(place->symbol, "start_thread"));
}

static const char *text_of(struct ex_symbols *symbols, const struct ex_event *event, int max)
{
	struct ex_place frames[FRAMES_MAX];
	const char *text = NULL;
	int count = ex_who(symbols, event, frames, FRAMES_MAX), told = 0;
	for (int i = 0; i < count && told < max; i++) {
		if (is_glue(&frames[i]))
			continue;
		text = text ? ex_format("%s, called by %s", text, ex_place_text(&frames[i]))
			    : ex_place_text(&frames[i]);
		told += is_first(&frames[i]) ? max : 1;
	}
	return text;
}

const char *ex_who_text(struct ex_symbols *symbols, const struct ex_event *event)
{
	return text_of(symbols, event, TOLD_MAX);
}

const char *ex_who_path_text(struct ex_symbols *symbols, const struct ex_event *event)
{
	return text_of(symbols, event, PATH_MAX_TOLD);
}
