/*
 * report_blocks.c: what treatment guard found, for people and as JSON.
 */
#include "report.h"

#include "blocks.h"
#include "emit.h"
#include "text.h"

#include <ctype.h>
#include <inttypes.h>

#define SHOWN 16

static void frames_text(FILE *out, const char *what, const struct ex_place *frames, int count)
{
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

static void one_text(FILE *out, const struct ex_finding_of_block *f)
{
	fprintf(out, "  %s; found %s\n", ex_block_text(f), f->when);
	bytes_text(out, f);
	frames_text(out, "asked for by", f->owner.frames, f->owner.frame_count);
	frames_text(out, "given back by", f->freed_by.frames, f->freed_by.frame_count);
	frames_text(out, f->call ? "called by" : "found in", f->found, f->found_count);
	if (f->below.n && (f->kind == EX_FINDING_MARK || f->kind == EX_FINDING_HEADER))
		frames_text(out, ex_format("below it, %" PRIu64, f->below_asked), f->below.frames,
			    f->below.frame_count);
	if (f->owner.n && !f->is_caught)
		fprintf(out, "    to stop at the write: exeunt run -s guard=site:%s -- CMD\n",
			ex_site_id_text(&f->owner));
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
	for (size_t n = 0; n < blocks.count && n < SHOWN; n++)
		one_text(out, &blocks.list[n]);
	if (blocks.count > SHOWN)
		fprintf(out, "  and %zu more (--json has them)\n", blocks.count - SHOWN);
	if (blocks.full)
		fprintf(out, "  not all could be guarded: no more %s\n",
			EX_KIND_TEXT(guard_full, EX_EVENT(blocks.full, guard_full)->why));
	fputs("  under guard blocks come from other size classes, or lie on pages of their own\n", out);
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
		ex_emit_uint(emit, "distance_bytes", f->first);
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
