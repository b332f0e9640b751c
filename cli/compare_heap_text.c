/*
 * compare_heap_text.c: what each allocator makes of a damaged block, for people and as JSON.
 */
#include "compare.h"

#include "emit.h"
#include "report.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

static const char *range_text(const struct ex_damage *d)
{
	if (d->finding.kind == EX_FINDING_BEFORE)
		return d->first == -1 ? "the byte below it"
				      : ex_format("what is %" PRId64 " bytes below it", -d->first);
	if (!d->knows_last && d->finding.kind == EX_FINDING_BEHIND)
		return ex_format("what is from byte %" PRId64 " on", d->first);
	return d->first == d->last ? ex_format("byte %" PRId64, d->first)
				   : ex_format("bytes %" PRId64 " to %" PRId64, d->first, d->last);
}

static int is_one(const struct ex_damage *d)
{
	return d->first == d->last;
}

/* it takes the damage where it does no harm at all */
static int hides(const struct ex_column *column, const struct ex_damage *d, const struct ex_fall *fall)
{
	return d->finding.kind == EX_FINDING_BEHIND && d->knows_last && fall->in_slack && !fall->in_own &&
	       !fall->in_next && fall->neighbours.is_known && d->last < (int64_t)fall->neighbours.usable_bytes &&
	       !ex_compare_died(column);
}

static const char *lies_text(const struct ex_damage *d, const struct ex_fall *fall)
{
	const struct ex_neighbours *n = &fall->neighbours;
	const char *text = "", *is = is_one(d) ? "is" : "are";
	if (!n->is_known)
		return "its malloc is another than that, and what lies beside the block is not known";
	if (d->finding.kind == EX_FINDING_TWICE)
		return "whether a second free is noticed is a matter of its own checks";
	if (d->finding.kind == EX_FINDING_FREED && !n->link_bytes)
		return ex_format(
			"a block that was given back is left as it is: %s is nobody's until it is given out again",
			range_text(d));
	if (d->finding.kind == EX_FINDING_FREED)
		return ex_format(fall->in_link ? "of a block that was given back the first %" PRIu64
						 " bytes are its own, and %s is one of them"
					       : "of a block that was given back the first %" PRIu64
						 " bytes are its own; %s is nobody's until it is given out again",
				 n->link_bytes, range_text(d));
	if (fall->in_slack)
		text = ex_format("%s slack, nobody's", is);
	if (fall->in_own)
		text = ex_format("%s%s the allocator's own, beside the block",
				 *text ? ex_format("%s, then ", text) : "", *text ? "" : ex_format("%s", is));
	if (fall->in_next)
		text = ex_format("%s%s%s%s", *text ? ex_format("%s, then ", text) : "",
				 *text ? "" : ex_format("%s ", is),
				 d->finding.kind == EX_FINDING_BEFORE ? "the block's below it" : "the next block's",
				 fall->in_link ? ": its data, or, while it is free, the allocator's link to another"
					       : ": its data");
	if (!*text)
		text = ex_format("%s beyond it, in what is not known", is);
	return ex_format("a block of %" PRIu64 " bytes has %" PRIu64 " there; %s %s", d->finding.asked, n->usable_bytes,
			 range_text(d), text);
}

static const char *end_text(const struct ex_comparison *c, unsigned i)
{
	const struct ex_column *column = &c->columns[i];
	const struct ex_fall *fall = &c->damage->falls[i];
	const struct ex_image *image = column->processes.judged;
	if (ex_compare_died(column))
		return image->signal ? ex_format("dies (%s)", ex_signal_name(image->signal)) : "dies";
	if (hides(column, c->damage, fall))
		return "hides it";
	return fall->in_own || fall->in_next || fall->in_link ? "lives, by chance" : "lives";
}

void ex_compare_heap_text(const struct ex_comparison *c, FILE *out, int is_colour)
{
	if (!c->is_looked)
		return;
	fprintf(out, "%sheap%s: ", is_colour ? "\033[1m" : "", is_colour ? "\033[0m" : "");
	if (!c->damage) {
		fputs("guarded runs found no block that is written beyond, used after it was given back, or given back "
		      "twice\n\n",
		      out);
		return;
	}
	const struct ex_damage *d = c->damage;
	const struct ex_site *owner = &d->finding.owner;
	fprintf(out, "%s; found %s\n", ex_block_text(&d->finding), d->finding.when);
	for (int i = 0; i < ex_block_stack_end(owner->frames, owner->frame_count); i++)
		fprintf(out, "    %-14s %s\n", i ? "" : "asked for by", ex_place_text(&owner->frames[i]));
	fprintf(out, "    %-14s %s, under %s: exeunt report %s\n", "run", d->treatment, d->column, d->dir);
	for (unsigned i = 0; i < c->column_count; i++)
		fprintf(out, "  %-12s %s: %s\n", c->columns[i].name, end_text(c, i), lies_text(d, &d->falls[i]));
	fputs("  who writes there: exeunt diagnose --look-for heap -- CMD\n\n", out);
}

static void emit_fall(struct ex_emit *emit, const struct ex_comparison *c, unsigned i)
{
	const struct ex_fall *fall = &c->damage->falls[i];
	const struct ex_neighbours *n = &fall->neighbours;
	ex_emit_object(emit, NULL);
	ex_emit_text(emit, "name", c->columns[i].name);
	ex_emit_bool(emit, "died", ex_compare_died(&c->columns[i]));
	ex_emit_bool(emit, "hides", hides(&c->columns[i], c->damage, fall));
	if (n->is_known) {
		ex_emit_uint(emit, "usable_bytes", n->usable_bytes);
		ex_emit_uint(emit, "link_bytes", n->link_bytes);
	} else {
		ex_emit_null(emit, "usable_bytes");
		ex_emit_null(emit, "link_bytes");
	}
	if (n->is_known && n->own_bytes >= 0)
		ex_emit_uint(emit, "own_bytes", (uint64_t)n->own_bytes);
	else
		ex_emit_null(emit, "own_bytes");
	ex_emit_array(emit, "lies_in");
	if (fall->in_slack)
		ex_emit_text(emit, NULL, "slack");
	if (fall->in_own)
		ex_emit_text(emit, NULL, "own");
	if (fall->in_next)
		ex_emit_text(emit, NULL, "next");
	if (fall->in_link)
		ex_emit_text(emit, NULL, "link");
	ex_emit_end(emit);
	ex_emit_text(emit, "text", lies_text(c->damage, fall));
	ex_emit_end(emit);
}

void ex_compare_heap_json(const struct ex_comparison *c, struct ex_emit *emit)
{
	const struct ex_damage *d = c->damage;
	if (!c->is_looked) {
		ex_emit_null(emit, "heap");
		return;
	}
	ex_emit_object(emit, "heap");
	ex_emit_bool(emit, "found", d != NULL);
	if (d) {
		ex_emit_text(emit, "text", ex_block_text(&d->finding));
		ex_emit_text(emit, "column", d->column);
		ex_emit_text(emit, "treatment", d->treatment);
		ex_emit_text(emit, "trace", d->dir);
		ex_emit_uint(emit, "asked_bytes", d->finding.asked);
		ex_emit_int(emit, "first_byte", d->first);
		if (d->knows_last)
			ex_emit_int(emit, "last_byte", d->last);
		else
			ex_emit_null(emit, "last_byte");
		ex_emit_text(emit, "site", ex_site_id_text(&d->finding.owner));
		ex_emit_array(emit, "owner");
		for (int i = 0; i < d->finding.owner.frame_count; i++)
			ex_emit_text(emit, NULL, ex_place_text(&d->finding.owner.frames[i]));
		ex_emit_end(emit);
		ex_emit_array(emit, "columns");
		for (unsigned i = 0; i < c->column_count; i++)
			emit_fall(emit, c, i);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}
