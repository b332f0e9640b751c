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

static const char *of_block(const struct ex_finding_of_block *f)
{
	return f->asked ? ex_format("a block of %" PRIu64 " bytes at 0x%" PRIx64, f->asked, f->block)
			: ex_format("the block at 0x%" PRIx64, f->block);
}

static const char *count_of_bytes(uint64_t n)
{
	return n == 1 ? "1 byte" : ex_format("%" PRIu64 " bytes", n);
}

/* of one that was given back, which may also be used below its beginning */
static const char *where_in(const struct ex_finding_of_block *f)
{
	int64_t at = (int64_t)f->first;
	if (!at)
		return "at its beginning";
	return ex_format(at < 0 ? "%s before its beginning" : "%s from its beginning",
			 count_of_bytes((uint64_t)(at < 0 ? -at : at)));
}

static const char *call_text(const struct ex_finding_of_block *f)
{
	const char *call = ex_format("%s() of %s had the kernel write", f->call, count_of_bytes(f->length));
	switch (f->kind) {
	case EX_FINDING_FREED:
		return ex_format("%s to %s, %s, after it had been given back", call, of_block(f), where_in(f));
	case EX_FINDING_BEFORE:
		return ex_format("%s from %s before the beginning of %s on", call, count_of_bytes(f->first),
				 of_block(f));
	default:
		return ex_format("%s byte %" PRIu64 " of %s", call, f->asked + f->first, of_block(f));
	}
}

const char *ex_block_text(const struct ex_finding_of_block *f)
{
	if (f->call)
		return call_text(f);
	switch (f->kind) {
	case EX_FINDING_BEHIND:
		if (f->is_caught)
			return ex_format("byte %" PRIu64 " of %s was used", f->asked + f->first, of_block(f));
		return f->changed ? ex_format("%s behind the end of %s %s changed", count_of_bytes(f->changed),
					      of_block(f), f->changed == 1 ? "was" : "were")
				  : ex_format("what is behind the end of %s was changed", of_block(f));
	case EX_FINDING_BEFORE:
		return ex_format("%s before the beginning of %s was used", count_of_bytes(f->first), of_block(f));
	case EX_FINDING_MARK:
		return ex_format("the end of %s was written over", of_block(f));
	case EX_FINDING_HEADER:
		return ex_format("the allocator's word below %s was written over", of_block(f));
	case EX_FINDING_FREED:
		return ex_format("%s was used, %s, after it had been given back", of_block(f), where_in(f));
	case EX_FINDING_TWICE:
		return ex_format("%s was given back twice", of_block(f));
	case EX_FINDING_INSIDE:
		return ex_format("0x%" PRIx64 " was given back, which is no block's beginning%s", f->block + f->first,
				 f->owner.n ? ex_format(": it lies %s behind that of %s", count_of_bytes(f->first),
							of_block(f))
					    : "");
	default:
		return ex_format("%s, in use, was used in a way that its memory does not permit", of_block(f));
	}
}

/* Rust's names of today are not demangled: the first crate in one, "Cs", a hash, "_", length and name, is that of the code */
static int is_rust_library(const char *symbol)
{
	static const char *const crates[] = {"_5alloc", "_4core", "_3std", NULL};
	const char *crate = strncmp(symbol, "_R", 2) ? NULL : strstr(symbol, "Cs");
	const char *name = crate ? strchr(crate, '_') : NULL;
	for (size_t i = 0; name && crates[i]; i++)
		if (!strncmp(name, crates[i], strlen(crates[i])))
			return 1;
	return 0;
}

/* who asks on others' behalf. Only for the choice of a frame to show: nothing is concluded from a name */
static int is_allocators(const struct ex_place *place)
{
	static const char *const prefixes[] = {"operator new", "std::",	   "__gnu_cxx::", "alloc::", "core::", "__rust",
					       "__rdl_",       "<alloc::", "hashbrown::", "_Zn",     NULL};
	static const char *const names[] = {"malloc",	"calloc",   "realloc", "strdup", "strndup",
					    "asprintf", "g_malloc", "xmalloc", NULL};
	if (!place->symbol)
		return 0;
	if (*place->symbol == '<' && (strstr(place->symbol, " as alloc::") || strstr(place->symbol, " as core::")))
		return 1; /* a trait of Rust's library, for whatever type */
	for (size_t i = 0; prefixes[i]; i++)
		if (!strncmp(place->symbol, prefixes[i], strlen(prefixes[i])))
			return 1;
	if (is_rust_library(place->symbol))
		return 1;
	for (size_t i = 0; names[i]; i++)
		if (!strcmp(place->symbol, names[i]))
			return 1;
	return 0;
}

const char *ex_site_text(const struct ex_site *site)
{
	for (int i = 0; i < site->frame_count; i++)
		if (!is_allocators(&site->frames[i]))
			return ex_place_text(&site->frames[i]);
	return site->frame_count ? ex_place_text(&site->frames[0]) : NULL;
}

const char *ex_site_id_text(const struct ex_site *site)
{
	return site->n ? ex_format("%016" PRIx64, site->id) : "";
}

int ex_block_stack_begin(const struct ex_finding_of_block *f, const struct ex_place *stack, int count)
{
	if (f->kind != EX_FINDING_TWICE && f->kind != EX_FINDING_INSIDE)
		return 0;
	for (int n = 0; n + 1 < count; n++)
		if (ex_place_is_ours(&stack[n]) && !ex_place_is_ours(&stack[n + 1]))
			return n + 1;
	return 0;
}

int ex_block_stack_end(const struct ex_place *stack, int count)
{
	for (int i = 0; i < count; i++)
		if ((stack[i].symbol && !strcmp(stack[i].symbol, "main")) || (i && ex_place_is_ours(&stack[i])))
			return ex_place_is_ours(&stack[i]) ? i : i + 1;
	return count;
}

const char *ex_block_culprit_text(const struct ex_place *stack, int count)
{
	const char *first = ex_place_text(&stack[0]);
	if (strncmp(stack[0].module_name, "libc.", 5) && !is_allocators(&stack[0]))
		return first;
	for (int i = 1; i < count && i < 8; i++)
		if (strncmp(stack[i].module_name, "libc.", 5) && !is_allocators(&stack[i]))
			return ex_format("%s, called by %s", first, ex_place_text(&stack[i]));
	return first;
}
