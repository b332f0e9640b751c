/*
 * fuzz_profraw.c: everything that `exeunt scan` does with a raw profile, on any bytes at all: as text, as JSON, and beside
 * another file.
 */
#include "object.h"
#include "profraw_compare.h"
#include "scan_profraw.h"

#include "fuzz.h"

#include <string.h>

#define NAME "default_5325959997000426782_0.profraw"

static void need(int truth)
{
	if (!truth)
		abort();
}

static void check(const struct ex_profraw_file *file)
{
	uint64_t end = 0;
	for (unsigned n = 0; n < file->count; n++) {
		const struct ex_profraw_profile *p = &file->profiles[n];
		uint64_t begin = (uint64_t)(p->bytes - file->bytes);
		need(begin >= end && p->length <= file->length - begin);
		end = begin + p->length;
		need(n + 1 == file->count || p->what == EX_PROFRAW_WHOLE);
		need(p->what != EX_PROFRAW_WHOLE ||
		     (p->layout && !p->misfits && p->with_values == p->with_values_read));
		need(p->nonzero <= p->counters && p->misfits <= p->records);
		need(p->what != EX_PROFRAW_BROKEN || p->why);
	}
	need(file->whole <= file->count && (file->what != EX_PROFRAW_WHOLE || file->whole == file->count));
}

static void show(const struct ex_scan_profraw *profraw, int is_json)
{
	char *page = NULL;
	size_t length = 0;
	struct ex_scan scan = {.out = open_memstream(&page, &length), .with_records = 1};
	struct ex_emit emit;
	need(scan.out != NULL);
	if (is_json) {
		scan.emit = &emit;
		ex_emit_begin(&emit, scan.out);
		ex_emit_array(&emit, NULL);
	}
	ex_scan_profraw_page(&scan, profraw);
	if (is_json)
		ex_emit_end(&emit);
	need(!fclose(scan.out) && length > 0 && (!is_json || !emit.depth));
	free(page);
}

/* a copy, so that a byte too far is seen */
static void judge(struct ex_scan_profraw *profraw, const uint8_t *bytes, size_t length)
{
	unsigned char *copy = malloc(length ? length : 1);
	need(copy != NULL);
	if (length)
		memcpy(copy, bytes, length);
	memset(profraw, 0, sizeof(*profraw));
	profraw->path = NAME;
	ex_profraw_file_read(&profraw->file, copy, length);
	check(&profraw->file);
	ex_scan_profraw_judge(profraw, 0);
	need(profraw->finding_count > 0 && *profraw->findings[0].text);
	need((profraw->file.what == EX_PROFRAW_WHOLE) == !ex_scan_profraw_wrong(profraw));
}

static int fuzz_profraw(const uint8_t *bytes, size_t length)
{
	struct ex_scan_profraw_kinds seen = {.count = 0};
	struct ex_scan_profraw whole, half;
	static int has_demangler;
	if (!has_demangler++)
		ex_demangle("_Z1fv"); /* opens a library, which stays */
	judge(&whole, bytes, length);
	judge(&half, bytes + length / 16 * 8, length - length / 16 * 8);
	ex_scan_profraw_merge(&half, &seen);
	ex_scan_profraw_merge(&whole, &seen);
	if (whole.last && half.last)
		ex_profraw_common(whole.last, half.last);
	show(&whole, 0);
	show(&whole, 1);
	ex_profraw_file_close(&whole.file);
	ex_profraw_file_close(&half.file);
	free((void *)whole.file.bytes);
	free((void *)half.file.bytes);
	return 0;
}

EX_FUZZ_TARGET(fuzz_profraw)
