/*
 * report_blocks.c: what treatment guard found, for people and as JSON.
 */
#include "report.h"

#include "blocks.h"
#include "emit.h"
#include "settings.h"
#include "text.h"
#include "wire.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN 16

/* what libc does before main tells nothing */
static void frames_text(FILE *out, const char *what, const struct ex_place *frames, int count)
{
	count = ex_block_stack_end(frames, count);
	for (int i = 0; i < count; i++)
		fprintf(out, "    %-14s %s\n", i ? "" : what, ex_place_text(&frames[i]));
}

static void bytes_text(FILE *out, const struct ex_finding_of_block *f)
{
	unsigned count = f->bytes.length < 32 ? f->bytes.length : 32;
	if (!count)
		return;
	fprintf(out, "    %-14s", ex_format("from +%" PRIu64, f->bytes_from));
	for (unsigned i = 0; i < count; i++)
		fprintf(out, " %02x", (unsigned char)f->bytes.bytes[i]);
	fputs("  ", out);
	for (unsigned i = 0; i < count; i++)
		fputc(isprint((unsigned char)f->bytes.bytes[i]) ? f->bytes.bytes[i] : '.', out);
	fputc('\n', out);
}

/* a run that is aimed at the site, as this one counted its frames */
static void aim_text(FILE *out, const struct ex_report *report, const struct ex_finding_of_block *f)
{
	const char *frames = ex_settings_value(report->image->options, "guard-frames");
	const char *more = atoi(frames) == EX_GUARD_FRAMES ? "" : ex_format(" -s guard-frames=%s", frames);
	if (!f->owner.n || f->is_caught)
		return;
	fprintf(out, "    allocation site %s, by %s callers; to %s:\n      exeunt run -s guard=site:%s%s%s -- CMD\n",
		ex_site_id_text(&f->owner), frames,
		f->kind == EX_FINDING_TWICE ? "learn who gave it back first" : "stop at the instruction that wrote",
		ex_site_id_text(&f->owner), f->kind == EX_FINDING_BEFORE ? " -s guard-side=start" : "", more);
}

static void one_text(FILE *out, const struct ex_report *report, const struct ex_finding_of_block *f, size_t alike)
{
	fprintf(out, "  %s; found %s%s\n", ex_block_text(f), f->when,
		alike ? ex_format(", and %zu more like it", alike) : "");
	bytes_text(out, f);
	if (f->is_caught && !f->call) {
		const struct ex_place *stack = report->teardown.crash_stack;
		int begin = ex_block_stack_begin(f, stack, report->teardown.crash_frames);
		frames_text(out, "by", stack + begin, report->teardown.crash_frames - begin);
	}
	frames_text(out, "asked for by", f->owner.frames, f->owner.frame_count);
	frames_text(out, "given back by", f->freed_by.frames, f->freed_by.frame_count);
	frames_text(out,
		    f->call			  ? "called by"
		    : f->kind == EX_FINDING_TWICE ? "and again by"
						  : "found in",
		    f->found, f->found_count);
	if (f->below.n && (f->kind == EX_FINDING_MARK || f->kind == EX_FINDING_HEADER))
		frames_text(out, ex_format("below it, %" PRIu64, f->below_asked), f->below.frames,
			    f->below.frame_count);
	aim_text(out, report, f);
}

/* the same happened to another block of that site */
static int is_alike(const struct ex_finding_of_block *a, const struct ex_finding_of_block *b)
{
	return a->kind == b->kind && a->asked == b->asked && a->first == b->first && a->changed == b->changed &&
	       a->owner.id == b->owner.id && a->owner.n && !a->is_caught && !b->is_caught && a->when == b->when;
}

static void list_text(FILE *out, const struct ex_report *report, const struct ex_blocks *blocks)
{
	size_t shown = 0, left = 0;
	for (size_t n = 0; n < blocks->count; n++) {
		size_t alike = 0;
		int is_repeated = 0;
		for (size_t i = 0; i < n && !is_repeated; i++)
			is_repeated = is_alike(&blocks->list[i], &blocks->list[n]);
		if (is_repeated)
			continue;
		for (size_t i = n + 1; i < blocks->count; i++)
			alike += is_alike(&blocks->list[n], &blocks->list[i]);
		if (shown++ < SHOWN)
			one_text(out, report, &blocks->list[n], alike);
		else
			left += 1 + alike;
	}
	if (left)
		fprintf(out, "  and %zu more (--json has them)\n", left);
}

void ex_report_blocks_text(const struct ex_report *report, FILE *out, const char *bold, const char *plain)
{
	struct ex_blocks blocks;
	ex_blocks_find(&blocks, report->image, report->symbols);
	if (!blocks.is_guarded)
		return;
	fprintf(out, "\n%sblocks%s: %s\n", bold, plain,
		blocks.count ? ex_format("treatment guard found %zu", blocks.count)
			     : "treatment guard found nothing wrong");
	list_text(out, report, &blocks);
	if (blocks.full)
		fprintf(out, "  not all could be guarded: no more %s\n",
			EX_KIND_TEXT(guard_full, EX_EVENT(blocks.full, guard_full)->why));
	fputs(strcmp(ex_settings_value(report->image->options, "guard"), "slack")
		      ? "  guarded blocks lie on pages of their own: what is beside a block is not what it was without "
			"guard\n"
		      : "  every block has 16 bytes more: size classes have moved, and what is beside a block is not "
			"what it "
			"was without guard\n",
	      out);
}

static void frames_json(struct ex_emit *emit, const char *key, const struct ex_place *frames, int count)
{
	ex_emit_array(emit, key);
	for (int i = 0; i < count; i++)
		ex_emit_text(emit, NULL, ex_place_text(&frames[i]));
	ex_emit_end(emit);
}

static void site_json(struct ex_emit *emit, const char *key, const struct ex_site *site)
{
	if (!site->n) {
		ex_emit_null(emit, key);
		return;
	}
	ex_emit_object(emit, key);
	ex_emit_text(emit, "site", ex_site_id_text(site));
	frames_json(emit, "frames", site->frames, site->frame_count);
	ex_emit_end(emit);
}

void ex_report_blocks_json(const struct ex_report *report, struct ex_emit *emit)
{
	static const char *const kinds[] = {"behind", "before", "mark", "header", "freed", "twice", "inside", "other"};
	struct ex_blocks blocks;
	ex_blocks_find(&blocks, report->image, report->symbols);
	if (!blocks.is_guarded) {
		ex_emit_null(emit, "blocks");
		return;
	}
	ex_emit_object(emit, "blocks");
	ex_emit_bool(emit, "is_complete", !blocks.full);
	ex_emit_array(emit, "found");
	for (size_t n = 0; n < blocks.count; n++) {
		const struct ex_finding_of_block *f = &blocks.list[n];
		char hex[2 * 64 + 1] = "";
		for (unsigned i = 0; i < f->bytes.length && i < 64; i++)
			snprintf(hex + 2 * i, 3, "%02x", (unsigned char)f->bytes.bytes[i]);
		ex_emit_object(emit, NULL);
		ex_emit_text(emit, "kind", kinds[f->kind]);
		ex_emit_text(emit, "text", ex_block_text(f));
		ex_emit_text(emit, "found", f->when);
		ex_emit_text(emit, "call", f->call);
		ex_emit_bool(emit, "is_caught", f->is_caught);
		ex_emit_bool(emit, "is_certain", f->is_certain);
		ex_emit_hex(emit, "block", f->block);
		ex_emit_uint(emit, "asked_bytes", f->asked);
		ex_emit_int(emit, "distance_bytes", (int64_t)f->first);
		ex_emit_uint(emit, "changed_bytes", f->changed);
		ex_emit_text(emit, "bytes", hex);
		ex_emit_uint(emit, "bytes_from", f->bytes_from);
		site_json(emit, "owner", &f->owner);
		site_json(emit, "freed_by", &f->freed_by);
		site_json(emit, "below", &f->below);
		frames_json(emit, "found_in", f->found, f->found_count);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
	ex_emit_end(emit);
}
