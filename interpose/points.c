/*
 * points.c: see points.h. A word that happens to look like an address is counted too: an event says that there are such
 * words, not that anybody will follow them.
 */
#include "points.h"

#include "module.h"
#include "os/os.h"
#include "place.h"
#include "stream.h"

#define RANGES 32
#define EVENTS_MAX 16			/* a handler */
#define BUDGET_BYTES ((size_t)64 << 20) /* a handler */
#define PIECE_BYTES 16384

static struct gone {
	uintptr_t begin, end, first;
	uint32_t words; /* of one module */
} gone[RANGES];
static unsigned gone_count;
static uintptr_t lowest, highest; /* of all */
static size_t budget_bytes;
static unsigned events;
static uintptr_t piece[PIECE_BYTES / sizeof(uintptr_t)] EX_TABLE;

void ex_points_note(uintptr_t begin, uintptr_t end)
{
	if (gone_count == RANGES)
		return;
	if (!gone_count || begin < lowest)
		lowest = begin;
	if (!gone_count || end > highest)
		highest = end;
	gone[gone_count++] = (struct gone){begin, end, 0, 0};
}

static void look_at(uintptr_t word, uintptr_t at)
{
	if (word - lowest >= highest - lowest)
		return;
	for (unsigned i = 0; i < gone_count; i++) {
		struct gone *g = &gone[i];
		if (word - g->begin < g->end - g->begin && !g->words++)
			g->first = at;
	}
}

/* through the kernel: another thread may close the library, and what is gone may be a part of the segment itself */
static void scan(void *arg, uintptr_t begin, uintptr_t end)
{
	uintptr_t at = (begin + sizeof(uintptr_t) - 1) & ~(sizeof(uintptr_t) - 1), page = ex_os_page_bytes();
	(void)arg;
	while (at < end && budget_bytes) {
		size_t wanted = end - at < PIECE_BYTES ? end - at : PIECE_BYTES;
		wanted = wanted < budget_bytes ? wanted : budget_bytes;
		size_t bytes = ex_os_peek(piece, at, wanted);
		for (size_t i = 0; i < bytes / sizeof(uintptr_t); i++)
			look_at(piece[i], at + i * sizeof(uintptr_t));
		budget_bytes -= wanted;
		at = bytes ? at + bytes : (at | (page - 1)) + 1;
	}
}

static void visit(void *arg, uint32_t n, uintptr_t begin)
{
	uint32_t id = *(const uint32_t *)arg;
	for (unsigned i = 0; i < gone_count; i++)
		gone[i].words = 0;
	ex_module_writable(begin, scan, NULL);
	for (unsigned i = 0; i < gone_count && events < EVENTS_MAX; i++) {
		const struct gone *g = &gone[i];
		if (!g->words)
			continue;
		events++;
		EX_PUT(POINTS, points,
		       (.begin = g->begin, .end = g->end, .id = id, .module = n, .count = g->words,
			.first = g->first), );
	}
}

void ex_points_tell(uint32_t id)
{
	budget_bytes = BUDGET_BYTES;
	events = 0;
	if (gone_count)
		ex_module_each(visit, &id);
	gone_count = 0;
}
