/*
 * profraw_layouts.c: see profraw_layouts.h. A record's pointer to its counters is relative, and the header says how far the
 * counters' section was from the records: all that ex_profile_walk needs.
 */
#include "profraw_layouts.h"

#include <stdlib.h>
#include <string.h>

#define ANYWHERE (1ull << 40) /* an address for the records: only differences count */

struct walk {
	struct ex_profraw_layouts *layouts;
	const unsigned char *records;
	const struct ex_raw_version *own;
	unsigned gap_bytes;
};

static void take(void *arg, uint64_t offset, unsigned record_bytes)
{
	struct walk *walk = arg;
	const struct ex_raw_version *version = record_bytes == walk->own->record_bytes ? walk->own
					       : record_bytes			       ? ex_raw_version_of(record_bytes)
										       : NULL;
	if (!version) {
		walk->gap_bytes += 8;
		return;
	}
	const unsigned char *record = walk->records + offset;
	struct ex_profraw_layouts *layouts = walk->layouts;
	unsigned sites = 0;
	layouts->unparsed_bytes += walk->gap_bytes;
	walk->gap_bytes = 0;
	for (unsigned kind = 0; kind < version->kinds; kind++)
		sites |= ex_profile_u16(record + version->sites_at + 2 * kind);
	layouts->with_sites += sites != 0;
	layouts->records[record_bytes == 48 ? EX_RECORD_48 : record_bytes == 64 ? EX_RECORD_64 : EX_RECORD_72]++;
	if (version == walk->own)
		return;
	if (layouts->others < EX_PROFRAW_FIRST_MAX)
		layouts->first[layouts->others] = ex_profile_u64(record);
	layouts->others++;
}

void ex_profraw_layouts(struct ex_profraw_layouts *layouts, const struct ex_profraw_profile *p)
{
	struct ex_profile_sections sections = {
		.records = p->bytes + p->at[EX_PROFRAW_RECORDS],
		.data = ANYWHERE,
		.data_bytes = ex_profraw_there(p, EX_PROFRAW_RECORDS),
		.counts = ANYWHERE + p->counters_delta,
		.counts_bytes = p->size[EX_PROFRAW_COUNTERS],
		.bits = ANYWHERE + p->bitmap_delta,
		.bits_bytes = p->size[EX_PROFRAW_BITMAP],
		.counter_bytes = p->counter_bytes,
	};
	memset(layouts, 0, sizeof(*layouts));
	if (!p->layout || !sections.data_bytes)
		return;
	void *scratch = calloc(1, ex_profile_scratch_bytes(&sections));
	if (!scratch)
		abort();
	struct walk walk = {layouts, sections.records, p->layout, 0};
	ex_profile_walk(&sections, scratch, take, &walk);
	free(scratch);
	/* the runtime rounds up to whole records of its own: the last may be filled with what comes behind the section */
	if (walk.gap_bytes >= p->layout->record_bytes)
		layouts->unparsed_bytes += walk.gap_bytes;
	layouts->is_mixed = layouts->others != 0;
}
