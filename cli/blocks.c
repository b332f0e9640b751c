/*
 * blocks.c: see blocks.h.
 */
#include "blocks.h"

#include "settings.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int read_frames(struct ex_place *frames, struct ex_symbols *symbols, const struct ex_event *event)
{
	struct ex_text blob = event->tail[ex_event_tail(event->meta, "frames")];
	int count = (int)(blob.length / sizeof(uint64_t));
	if (count > EX_SITE_FRAMES_MAX)
		count = EX_SITE_FRAMES_MAX;
	ex_symbols_at(symbols, event->time_ns);
	for (int i = 0; i < count; i++) {
		uint64_t pc;
		memcpy(&pc, blob.bytes + (size_t)i * sizeof(pc), sizeof(pc));
		frames[i] = ex_symbols_place(symbols, pc, 1);
	}
	return count;
}

/* sites are told once; a fork child has its parent's numbers */
static struct ex_site find_site(const struct ex_image *image, struct ex_symbols *symbols, uint32_t n)
{
	struct ex_site site = {.n = 0};
	for (; image && n; image = image->parent)
		for (size_t i = 0; i < image->event_count; i++) {
			const struct ex_event *event = image->events[i];
			if (event->meta->id != EX_EV_SITE || EX_EVENT(event, site)->n != n)
				continue;
			site.n = n;
			site.id = EX_EVENT(event, site)->id;
			site.frame_count = read_frames(site.frames, symbols, event);
			return site;
		}
	return site;
}

static void read_damaged(struct ex_finding_of_block *f, const struct ex_image *image, struct ex_symbols *symbols)
{
	static const enum ex_finding_kind kinds[] = {EX_FINDING_BEHIND, EX_FINDING_MARK, EX_FINDING_HEADER};
	static const char *const when[] = {"when the program gave it back", "when the program had it resized",
					   "at the end of the process", "at the crash"};
	const struct ex_ev_damaged *d = EX_EVENT(f->event, damaged);
	f->kind = d->what < 3 ? kinds[d->what] : EX_FINDING_HEADER;
	f->block = d->block;
	f->asked = d->asked;
	f->first = d->first;
	f->changed = d->changed;
	f->bytes = f->event->tail[ex_event_tail(f->event->meta, "bytes")];
	f->bytes_from = d->from;
	f->owner = find_site(image, symbols, d->site);
	f->below = find_site(image, symbols, d->below_site);
	f->below_block = d->below;
	f->below_asked = d->below_asked;
	f->found_count = read_frames(f->found, symbols, f->event);
	f->when = d->when < 4 ? when[d->when] : "";
	f->is_certain = 1;
}

static void read_guarded(struct ex_finding_of_block *f, const struct ex_image *image, struct ex_symbols *symbols)
{
	const struct ex_ev_guard_block *g = EX_EVENT(f->event, guard_block);
	f->block = g->block;
	f->asked = g->asked;
	f->owner = find_site(image, symbols, g->site);
	f->freed_by = find_site(image, symbols, g->freed_site);
	f->is_certain = f->is_caught = 1;
	f->when = "at the instruction that did it";
	switch (g->what) {
	case EX_guard_block_SLACK:
		f->kind = EX_FINDING_BEHIND;
		f->first = g->address - g->block - g->asked;
		f->is_caught = 0;
		f->when = "when the program gave it back";
		break;
	case EX_guard_block_BEHIND:
		f->kind = EX_FINDING_BEHIND;
		f->first = g->address - g->block - g->asked;
		break;
	case EX_guard_block_BEFORE:
		f->kind = EX_FINDING_BEFORE;
		f->first = g->block - g->address;
		break;
	case EX_guard_block_FREED:
		f->kind = EX_FINDING_FREED;
		f->first = g->address - g->block;
		break;
	case EX_guard_block_TWICE:
		f->kind = EX_FINDING_TWICE;
		break;
	case EX_guard_block_INSIDE:
		f->kind = EX_FINDING_INSIDE;
		f->first = g->address - g->block;
		f->when = "when it was given back";
		break;
	default:
		f->kind = EX_FINDING_OTHER;
	}
}

static void read_call(struct ex_finding_of_block *f, const struct ex_image *image, struct ex_symbols *symbols)
{
	const struct ex_ev_guard_call *g = EX_EVENT(f->event, guard_call);
	struct ex_text call = f->event->tail[ex_event_tail(f->event->meta, "call")];
	f->kind = g->what == EX_guard_block_FREED    ? EX_FINDING_FREED
		  : g->what == EX_guard_block_BEFORE ? EX_FINDING_BEFORE
						     : EX_FINDING_BEHIND;
	f->block = g->block;
	f->asked = g->asked;
	f->first = f->kind == EX_FINDING_FREED	  ? g->address - g->block
		   : f->kind == EX_FINDING_BEFORE ? g->block - g->address
						  : g->address - g->block - g->asked;
	f->owner = find_site(image, symbols, g->site);
	f->freed_by = find_site(image, symbols, g->freed_site);
	f->found_count = read_frames(f->found, symbols, f->event);
	f->is_certain = f->is_caught = 1;
	f->when = "at the call that did it";
	f->call = ex_format("%.*s", (int)call.length, call.bytes);
	f->length = g->length;
}

static void read_twice(struct ex_finding_of_block *f, const struct ex_image *image, struct ex_symbols *symbols)
{
	const struct ex_ev_freed_twice *t = EX_EVENT(f->event, freed_twice);
	f->kind = EX_FINDING_TWICE;
	f->block = t->block;
	f->owner = find_site(image, symbols, t->site);
	f->is_certain = t->is_certain;
	f->found_count = read_frames(f->found, symbols, f->event);
	f->when = "when it was given back again";
}

void ex_blocks_find(struct ex_blocks *blocks, const struct ex_image *image, struct ex_symbols *symbols)
{
	*blocks = (struct ex_blocks){.is_guarded = *ex_settings_value(image->options, "guard") != '\0'};
	blocks->list = calloc(image->event_count + 1, sizeof(*blocks->list));
	if (!blocks->list)
		abort();
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		struct ex_finding_of_block *f = &blocks->list[blocks->count];
		*f = (struct ex_finding_of_block){.event = event};
		switch (event->meta->id) {
		case EX_EV_DAMAGED:
			read_damaged(f, image, symbols);
			break;
		case EX_EV_GUARD_BLOCK:
			read_guarded(f, image, symbols);
			break;
		case EX_EV_GUARD_CALL:
			read_call(f, image, symbols);
			break;
		case EX_EV_FREED_TWICE:
			read_twice(f, image, symbols);
			break;
		case EX_EV_GUARD_FULL:
			blocks->full = event;
			continue;
		default:
			continue;
		}
		blocks->count++;
	}
	ex_symbols_at(symbols, UINT64_MAX - 1);
}
