/*
 * lead.c: see lead.h.
 */
#include "lead.h"

#include "history.h"
#include "report.h"
#include "settings.h"
#include "text.h"
#include "who.h"
#include "wire.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SMALL (1u << 16)	/* no mapping is below: vm.mmap_min_addr */
#define NEAR_BYTES (4ull << 30) /* a 32-bit index of bytes from a mapping */

static void add_stack(struct ex_leads *leads, uint32_t tid, uint64_t sp, const char *name)
{
	if (!sp)
		return;
	leads->stacks = reallocarray(leads->stacks, leads->stack_count + 1, sizeof(*leads->stacks));
	if (!leads->stacks)
		abort();
	leads->stacks[leads->stack_count++] = (struct ex_lead_stack){tid, sp, name};
}

void ex_leads_find(struct ex_leads *leads, const struct ex_image *image, struct ex_symbols *symbols)
{
	memset(leads, 0, sizeof(*leads));
	leads->image = image;
	leads->symbols = symbols;
	leads->end_ns = image->crash ? image->crash->time_ns : image->end_ns;
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		const int id = event->meta->id;
		if (id == EX_EV_HEAP) {
			leads->heaps = reallocarray(leads->heaps, leads->heap_count + 1, sizeof(*leads->heaps));
			if (!leads->heaps)
				abort();
			leads->heaps[leads->heap_count++] = event;
		} else if (id == EX_EV_MAIN_ARENA) {
			leads->heap_bytes = EX_EVENT(event, main_arena)->heap_bytes;
		}
		if (!image->crash || event->time_ns < image->crash->time_ns)
			continue;
		if (id == EX_EV_THREAD_PLACE)
			add_stack(leads, EX_EVENT(event, thread_place)->thread, EX_EVENT(event, thread_place)->sp,
				  event->tail[0].bytes);
		else if (id == EX_EV_CRASH && EX_EVENT(event, crash)->disposition == EX_disposition_DEFAULT)
			add_stack(leads, event->tid, EX_EVENT(event, crash)->sp, "");
		if (id != EX_EV_MAPPING || event->tid != image->crash->tid)
			continue;
		leads->mappings = reallocarray(leads->mappings, leads->mapping_count + 1, sizeof(*leads->mappings));
		if (!leads->mappings)
			abort();
		leads->mappings[leads->mapping_count++] = event;
	}
}

/* the mapping that holds it; else the nearest below, in *below */
static const struct ex_event *mapping_at(const struct ex_leads *leads, uint64_t word, const struct ex_event **below)
{
	*below = NULL;
	for (size_t n = 0; n < leads->mapping_count; n++) {
		const struct ex_ev_mapping *m = EX_EVENT(leads->mappings[n], mapping);
		if (word >= m->begin && word < m->end)
			return leads->mappings[n];
		if (m->end <= word)
			*below = leads->mappings[n];
	}
	return NULL;
}

static const char *rights(uint32_t prot)
{
	return ex_format("%c%c%c", prot & PROT_READ ? 'r' : '-', prot & PROT_WRITE ? 'w' : '-',
			 prot & PROT_EXEC ? 'x' : '-');
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return *path == '/' && slash ? slash + 1 : path;
}

/* what glibc's malloc or the threads have there; NULL: nothing that is known */
static const char *use_of(const struct ex_leads *leads, const struct ex_ev_mapping *m, uint64_t word)
{
	for (size_t n = 0; n < leads->stack_count; n++)
		if (leads->stacks[n].sp >= m->begin && leads->stacks[n].sp < m->end)
			return ex_format("stack of thread %u%s%s%s", leads->stacks[n].tid,
					 *leads->stacks[n].name ? " (" : "", leads->stacks[n].name,
					 *leads->stacks[n].name ? ")" : "");
	for (size_t n = leads->heap_count; n-- > 0;) {
		const struct ex_ev_heap *h = EX_EVENT(leads->heaps[n], heap);
		if (word >= h->heap && word - h->heap < leads->heap_bytes)
			return ex_format("heap of arena 0x%" PRIx64, h->arena);
	}
	return NULL;
}

/* "mapping #12, 192 KiB rw-, libfoo.so" */
static const char *mapping_text(const struct ex_leads *leads, const struct ex_event *event, uint64_t word)
{
	const struct ex_ev_mapping *m = EX_EVENT(event, mapping);
	const char *path = base_name(event->tail[0].bytes), *use = use_of(leads, m, word);
	return ex_format("mapping #%u, %s %s%s%s%s%s", m->n, ex_bytes_text(m->end - m->begin), rights(m->prot),
			 *path ? ", " : "", path, use ? ", " : "", use ? use : "");
}

/* by the innermost function outside of libc's and the observer's, where one is known */
static const char *maker(const struct ex_leads *leads, const struct ex_event *event)
{
	struct ex_place frames[1];
	return ex_who(leads->symbols, event, frames, 1) ? ex_format(", by %s", ex_place_text(&frames[0])) : "";
}

/* ", by main+0x40 (app+0x1140), 3 ms old" */
static const char *maker_text(const struct ex_leads *leads, const struct ex_history *history)
{
	const struct ex_life *life = history->life_count ? &history->lives[history->life_count - 1] : NULL;
	if (!life || life->gone || !life->mapped)
		return "";
	return ex_format("%s, %s old", maker(leads, life->mapped->event),
			 ex_duration_text(leads->end_ns - life->mapped->event->time_ns));
}

/* "code that was unmapped 3 ms before, by main+0x40 (app+0x1140)" */
static const char *dead_text(const struct ex_leads *leads, const struct ex_history *history)
{
	const struct ex_life *life = history->life_count ? &history->lives[history->life_count - 1] : NULL;
	if (!life || !life->gone)
		return NULL;
	return ex_format("%s that was %s %s before%s", life->made_code ? "code" : "memory", ex_change_text(life->gone),
			 ex_duration_text(leads->end_ns - life->gone->time_ns), maker(leads, life->gone->event));
}

static const char *module_text(const struct ex_leads *leads, uint64_t word)
{
	const struct ex_place place = ex_symbols_place(leads->symbols, word, 0);
	const char *section = ex_symbols_data_section(leads->symbols, word);
	return section ? ex_format("%s, in %s", ex_place_text(&place), section) : ex_place_text(&place);
}

/* a word out of memory that treatment scribble filled, or a field of what it would point to; without the treatment it is nobody's */
const char *ex_lead_scribbled_text(const struct ex_leads *leads, uint64_t word)
{
	const uint64_t ones = 0x0101010101010101, far = 1u << 16;
	const unsigned char bytes[] = {EX_SCRIBBLE_FRESH, EX_SCRIBBLE_FREED};
	if (!leads->image->options || strcmp(ex_settings_value(leads->image->options, "scribble"), "yes") != 0)
		return NULL;
	for (unsigned n = 0; n < sizeof(bytes); n++) {
		uint64_t whole = bytes[n] * ones, half = (uint32_t)whole;
		if (word - (whole - far) < 2 * far || word - (half - far) < 2 * far)
			return n ? "out of memory that was freed: treatment scribble fills it with 0x55"
				 : "out of memory that was never written: treatment scribble fills it with 0xAA";
	}
	return NULL;
}

const char *ex_lead_text(const struct ex_leads *leads, uint64_t word)
{
	const struct ex_event *below;
	struct ex_history history;
	const char *scribbled = ex_lead_scribbled_text(leads, word);
	if (scribbled)
		return scribbled;
	if (word < SMALL || (word >> 47 && word >> 47 != 0x1ffff))
		return NULL;
	const struct ex_module *module = ex_image_module(leads->image, word, leads->end_ns);
	const struct ex_event *mapping = mapping_at(leads, word, &below);
	if (module)
		return module_text(leads, word);
	ex_history_read(&history, leads->image, word, leads->end_ns);
	if (mapping) {
		const struct ex_ev_mapping *m = EX_EVENT(mapping, mapping);
		const char *where = word == m->begin ? "base of" : ex_format("0x%" PRIx64 " into", word - m->begin);
		const char *dead = m->prot ? NULL : dead_text(leads, &history);
		if (dead)
			return ex_format("%s, in %s", dead, mapping_text(leads, mapping, word));
		return ex_format("%s %s%s", where, mapping_text(leads, mapping, word), maker_text(leads, &history));
	}
	const char *dead = dead_text(leads, &history);
	if (dead)
		return dead;
	for (size_t n = 0; n < leads->image->module_count; n++) {
		const struct ex_module *m = &leads->image->modules[n];
		if (word >= m->begin && word < m->end && m->to_ns <= leads->end_ns)
			return ex_format("%s+0x%" PRIx64 ", which was unloaded %s before",
					 strrchr(m->path, '/') ? strrchr(m->path, '/') + 1 : m->path, word - m->bias,
					 ex_duration_text(leads->end_ns - m->to_ns));
	}
	if (!below)
		return NULL;
	uint64_t past = word - EX_EVENT(below, mapping)->end;
	return past < NEAR_BYTES ? ex_format("%s past the end of %s", ex_bytes_text(past),
					     mapping_text(leads, below, EX_EVENT(below, mapping)->end - 1))
				 : NULL;
}
