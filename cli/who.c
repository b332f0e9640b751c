/*
 * who.c: see who.h.
 */
#include "who.h"

#include "text.h"

#include <string.h>

#define FRAMES_MAX 64
#define TOLD_MAX 3

static uint64_t caller_of(const struct ex_event *event)
{
	switch (event->meta->id) {
	case EX_EV_GROWTH:
		return EX_EVENT(event, growth)->caller;
	case EX_EV_QUARANTINED:
		return EX_EVENT(event, quarantined)->caller;
	case EX_EV_STALE_UNMAP:
		return EX_EVENT(event, stale_unmap)->caller;
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

const char *ex_who_text(struct ex_symbols *symbols, const struct ex_event *event)
{
	struct ex_place frames[TOLD_MAX];
	const char *text = NULL;
	int count = ex_who(symbols, event, frames, TOLD_MAX);
	for (int i = 0; i < count && (!i || !frames[i - 1].symbol || strcmp(frames[i - 1].symbol, "main") != 0); i++)
		text = text ? ex_format("%s, called by %s", text, ex_place_text(&frames[i]))
			    : ex_place_text(&frames[i]);
	return text;
}
