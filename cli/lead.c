/*
 * lead.c: see lead.h.
 */
#include "lead.h"

#include "history.h"
#include "report.h"
#include "settings.h"
#include "text.h"
#include "wire.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SMALL (1u << 16)	/* no mapping is below: vm.mmap_min_addr */
#define NEAR_BYTES (4ull << 30) /* a 32-bit index of bytes from a mapping */

void ex_leads_find(struct ex_leads *leads, const struct ex_image *image, struct ex_symbols *symbols)
{
	memset(leads, 0, sizeof(*leads));
	leads->image = image;
	leads->symbols = symbols;
	leads->crash = image->crash;
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id != EX_EV_MAPPING || event->tid != image->crash->tid)
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

/* "mapping #12, 192 KiB rw-, libfoo.so" */
static const char *mapping_text(const struct ex_event *event)
{
	const struct ex_ev_mapping *m = EX_EVENT(event, mapping);
	const char *path = base_name(event->tail[0].bytes);
	return ex_format("mapping #%u, %s %s%s%s", m->n, ex_bytes_text(m->end - m->begin), rights(m->prot),
			 *path ? ", " : "", path);
}

/* ", by main+0x40 (app+0x1140), 3 ms old" */
static const char *maker_text(const struct ex_leads *leads, uint64_t word)
{
	struct ex_history history;
	ex_history_read(&history, leads->image, word, leads->crash->time_ns);
	const struct ex_life *life = history.life_count ? &history.lives[history.life_count - 1] : NULL;
	if (!life || life->gone || !life->mapped)
		return "";
	const struct ex_event *event = life->mapped->event;
	const struct ex_place place = ex_symbols_place(leads->symbols, EX_EVENT(event, growth)->caller, 1);
	return ex_format(", by %s, %s old", ex_place_text(&place),
			 ex_duration_text(leads->crash->time_ns - event->time_ns));
}

static const char *dead_text(const struct ex_leads *leads, uint64_t word)
{
	struct ex_history history;
	ex_history_read(&history, leads->image, word, leads->crash->time_ns);
	const struct ex_life *life = history.life_count ? &history.lives[history.life_count - 1] : NULL;
	if (!life || !life->gone)
		return NULL;
	return ex_format("%s that was %s %s before", life->made_code ? "code" : "memory", ex_change_text(life->gone),
			 ex_duration_text(leads->crash->time_ns - life->gone->time_ns));
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
	const char *scribbled = ex_lead_scribbled_text(leads, word);
	if (scribbled)
		return scribbled;
	if (word < SMALL || (word >> 47 && word >> 47 != 0x1ffff))
		return NULL;
	const struct ex_module *module = ex_image_module(leads->image, word, leads->crash->time_ns);
	const struct ex_event *mapping = mapping_at(leads, word, &below);
	if (module) {
		struct ex_place place = ex_symbols_place(leads->symbols, word, 0);
		return ex_place_text(&place);
	}
	if (mapping) {
		const struct ex_ev_mapping *m = EX_EVENT(mapping, mapping);
		const char *where = word == m->begin ? "base of" : ex_format("0x%" PRIx64 " into", word - m->begin);
		const char *dead = m->prot ? NULL : dead_text(leads, word);
		if (dead)
			return ex_format("%s, in %s", dead, mapping_text(mapping));
		return ex_format("%s %s%s", where, mapping_text(mapping), maker_text(leads, word));
	}
	const char *dead = dead_text(leads, word);
	if (dead)
		return dead;
	if (!below)
		return NULL;
	uint64_t past = word - EX_EVENT(below, mapping)->end;
	return past < NEAR_BYTES ? ex_format("%s past the end of %s", ex_bytes_text(past), mapping_text(below)) : NULL;
}
