/*
 * growth_text.c: the growth section for people. Owns wording and layout; must never hold back that something could not
 * be observed.
 */
#include "growth.h"
#include "text.h"

#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <string.h>

#define ROWS_MOST 20
#define MAPPINGS_WORTH_TELLING 1000
#define HOST_MAPPINGS_LIMIT 65530 /* vm.max_map_count of a Linux host that nobody changed */

struct page {
	FILE *out;
	const char *bold, *red, *plain;
};

static const char *ranged(uint64_t count, const char *one, const char *many)
{
	return ex_format("%" PRIu64 " %s", count, count == 1 ? one : many);
}

static void totals(const struct page *page, const struct ex_growth *growth)
{
	fprintf(page->out, "\n%sgrowth%s: %s, %s", page->bold, page->plain,
		ranged(growth->growths, "growth", "growths"), ex_bytes_text(growth->grown_bytes));
	if (growth->overlap)
		fprintf(page->out, "; %" PRIu64 " began while another thread grew (at most %s at a time)",
			growth->overlap, ranged(growth->overlap_max, "other", "others"));
	fputc('\n', page->out);
}

static void arena(const struct page *page, const struct ex_arena *one)
{
	const struct ex_waits *waits = &one->waits;
	fprintf(page->out, "  %-16s  %7u  %9s  %9s  %7" PRIu64 "  %6" PRIu64, ex_arena_name(one), one->threads,
		ex_bytes_text(one->reserved_bytes), ex_bytes_text(one->committed_bytes), one->growths, waits->count);
	if (waits->count)
		fprintf(page->out, "  %9s  %9s  %9s", ex_duration_text(waits->p50_ns), ex_duration_text(waits->p99_ns),
			ex_duration_text(waits->max_ns));
	fputc('\n', page->out);
}

static void arenas(const struct page *page, const struct ex_growth *growth)
{
	if (!growth->arena_count)
		return;
	fprintf(page->out, "%s  %-16s  %7s  %9s  %9s  %7s  %6s  %9s  %9s  %9s%s\n", page->bold, "arena", "threads",
		"reserved", "committed", "growths", "waits", "p50", "p99", "max", page->plain);
	size_t shown = growth->arena_count <= ROWS_MOST ? growth->arena_count : ROWS_MOST - 1;
	for (size_t n = 0; n < shown; n++)
		arena(page, &growth->arenas[n]);
	if (shown < growth->arena_count)
		fprintf(page->out, "  and %zu more; --json has them all\n", growth->arena_count - shown);
}

static void blocks(const struct page *page, const struct ex_growth *growth)
{
	if (growth->chunks || growth->chunk_live_bytes)
		fprintf(page->out,
			"  large blocks with a mapping of their own: %" PRIu64 ", at most %s, %s at the end\n",
			growth->chunks, ex_bytes_text(growth->chunk_peak_bytes),
			ex_bytes_text(growth->chunk_live_bytes));
	if (growth->waits[EX_lock_LIBC] || growth->waits[EX_lock_MUTEX])
		fprintf(page->out, "  waits for other locks: %" PRIu64 " of libc, %" PRIu64 " of other allocators\n",
			growth->waits[EX_lock_LIBC], growth->waits[EX_lock_MUTEX]);
}

static void turns(const struct page *page, const struct ex_growth *growth)
{
	uint64_t least = growth->host_mappings, most = growth->host_mappings_worst;
	if (growth->arena_growths > 1)
		fprintf(page->out,
			"  switches: %" PRIu64 " of %" PRIu64 " growths followed one of another arena (%.1f %%)\n",
			growth->switches, growth->arena_growths - 1,
			100.0 * (double)growth->switches / (double)(growth->arena_growths - 1));
	if (most <= MAPPINGS_WORTH_TELLING)
		return;
	fprintf(page->out, "  under gVisor this takes %sabout %" PRIu64 " host mappings%s",
		most > HOST_MAPPINGS_LIMIT ? page->red : "", least, most > HOST_MAPPINGS_LIMIT ? page->plain : "");
	if (most > least)
		fprintf(page->out, ", up to %" PRIu64 " where arenas grow in turn", most);
	fprintf(page->out, "; a host allows %u to a process unless that is raised\n", HOST_MAPPINGS_LIMIT);
}

static int is_utf8(void)
{
	locale_t user = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	int is_so = user && strcmp(nl_langinfo_l(CODESET, user), "UTF-8") == 0;
	if (user)
		freelocale(user);
	return is_so;
}

static void spark(const struct page *page, const struct ex_growth *growth, const char *name, const char *most,
		  uint64_t (*value)(const struct ex_growth_bucket *))
{
	static const char *const bars[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const marks[] = {" ", ".", ":", "-", "=", "+", "*", "#", "@"};
	const char *const *steps = is_utf8() ? bars : marks;
	uint64_t top = 1;
	for (size_t n = 0; n < growth->bucket_count; n++)
		top = value(&growth->buckets[n]) > top ? value(&growth->buckets[n]) : top;
	fprintf(page->out, "  %-9s  |", name);
	for (size_t n = 0; n < growth->bucket_count; n++) {
		double share = (double)value(&growth->buckets[n]) / (double)top;
		fputs(steps[share > 0 ? 1 + (int)(share * 7.0) : 0], page->out);
	}
	fprintf(page->out, "|  %s\n", most);
}

static uint64_t committed_of(const struct ex_growth_bucket *bucket)
{
	return bucket->committed_bytes;
}

static uint64_t growths_of(const struct ex_growth_bucket *bucket)
{
	return bucket->growths;
}

static void course(const struct page *page, const struct ex_growth *growth)
{
	uint64_t committed = 0, growths = 0;
	if (growth->bucket_count < 2)
		return;
	for (size_t n = 0; n < growth->bucket_count; n++) {
		const struct ex_growth_bucket *bucket = &growth->buckets[n];
		committed = bucket->committed_bytes > committed ? bucket->committed_bytes : committed;
		growths = bucket->growths > growths ? bucket->growths : growths;
	}
	if (committed)
		spark(page, growth, "committed", ex_format("at most %s", ex_bytes_text(committed)), committed_of);
	spark(page, growth, "growths",
	      ex_format("at most %" PRIu64 " in %s", growths, ex_duration_text(growth->buckets[0].to_ns)), growths_of);
}

static void failures(const struct page *page, const struct ex_growth *growth)
{
	const char *mark = "";
	if (!growth->failed)
		return;
	fprintf(page->out, "  %s%s refused%s (", page->red, ranged(growth->failed, "growth was", "growths were"),
		page->plain);
	for (int error = 0; error < EX_GROWTH_ERRNOS; error++)
		if (growth->failed_by_errno[error]) {
			fprintf(page->out, "%s%s", mark, ex_growth_errno(error));
			mark = ", ";
		}
	fprintf(page->out, "), the first at %s", ex_duration_text(growth->failed_first_ns));
	if (growth->refused_by_treatment)
		fprintf(page->out, "; %" PRIu64 " of them by treatment fail", growth->refused_by_treatment);
	fputc('\n', page->out);
}

static void modules(const struct page *page, const struct ex_growth *growth)
{
	int width = 6;
	size_t shown = growth->module_count < 8 ? growth->module_count : 8;
	for (size_t n = 0; n < shown; n++) {
		int length = (int)strlen(ex_growth_module_name(&growth->modules[n]));
		width = length > width ? length : width;
	}
	if (shown)
		fprintf(page->out, "%s  %-*s  %-16s  %7s  %9s  %9s%s\n", page->bold, width, "others", "allocator",
			"calls", "mapped", "unmapped", page->plain);
	for (size_t n = 0; n < shown; n++) {
		const struct ex_growth_module *row = &growth->modules[n];
		const struct ex_allocator *allocator = row->allocator;
		const char *name = !allocator		 ? "-"
				   : !allocator->version ? allocator->name
							 : ex_format("%s %s", allocator->name, allocator->version);
		fprintf(page->out, "  %-*s  %-16s  %7" PRIu64 "  %9s  %9s\n", width, ex_growth_module_name(row), name,
			row->calls, ex_bytes_text(row->grown_bytes), ex_bytes_text(row->released_bytes));
	}
	if (shown < growth->module_count)
		fprintf(page->out, "  and %zu more\n", growth->module_count - shown);
}

static void unobserved(const struct page *page, const struct ex_growth *growth)
{
	const char *mark = "growth that was not observed: calls from inside libc of ";
	for (size_t n = 0; n < growth->hook_count; n++) {
		const struct ex_growth_hook *hook = &growth->hooks[n];
		if (hook->result == EX_detour_PLACED)
			continue;
		fprintf(page->out, "%s%s (%s)", mark, hook->symbol, EX_KIND_TEXT(detour, hook->result));
		mark = ", ";
	}
	if (*mark == ',')
		fputc('\n', page->out);
}

void ex_growth_text(const struct ex_growth *growth, FILE *out, int is_colour)
{
	struct page page = {out, is_colour ? "\033[1m" : "", is_colour ? "\033[31m" : "", is_colour ? "\033[0m" : ""};
	if (growth->growths || growth->arena_count || growth->module_count) {
		totals(&page, growth);
		arenas(&page, growth);
		blocks(&page, growth);
		turns(&page, growth);
		course(&page, growth);
		failures(&page, growth);
		modules(&page, growth);
	}
	unobserved(&page, growth);
}
