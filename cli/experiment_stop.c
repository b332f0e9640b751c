/*
 * experiment_stop.c: where a guard stopped the program: who did it, with what instruction or call, to whose block. See experiment.h.
 */
#include "experiment.h"

#include "blocks.h"
#include "instruction.h"
#include "registers.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

/* at an instruction, in a second free, or at a call of the kernel's */
static int was_stopped(const struct ex_image *image)
{
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id == EX_EV_GUARD_CALL)
			return 1;
		if (event->meta->id != EX_EV_GUARD_BLOCK)
			continue;
		uint8_t what = EX_EVENT(event, guard_block)->what;
		if (what != EX_guard_block_SLACK && what != EX_guard_block_LIVE)
			return 1;
	}
	return 0;
}

/* the judged one before others: a parent may live, or end badly, because a child was stopped */
static struct ex_image *stopped_image(const struct ex_run *run)
{
	if (!run->processes)
		return NULL;
	if (run->processes->judged && was_stopped(run->processes->judged))
		return run->processes->judged;
	for (size_t i = 0; i < run->processes->count; i++)
		if (was_stopped(&run->processes->images[i]))
			return &run->processes->images[i];
	return NULL;
}

int ex_run_was_stopped(const struct ex_run *run)
{
	return stopped_image(run) != NULL;
}

/* "which writes 8 bytes from byte 84 of it on" */
static const char *access_text(const struct ex_image *image, const struct ex_finding_of_block *f)
{
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		struct ex_text sample = image->crash->tail[ex_event_tail(image->crash->meta, "regs")];
		uint64_t regs[17];
		struct ex_instruction i;
		if (event->meta->id != EX_EV_CODE_BYTES || event->tid != image->crash->tid ||
		    sample.length != sizeof(regs))
			continue;
		const struct ex_ev_code_bytes *code = EX_EVENT(event, code_bytes);
		memcpy(regs, sample.bytes, sizeof(regs));
		ex_instruction_decode(&i, (const unsigned char *)event->tail[0].bytes + (code->pc - code->begin),
				      event->tail[0].length - (code->pc - code->begin), code->pc, regs);
		if (!i.is_known || !i.is_memory_known || !i.memory_bytes)
			return NULL;
		int64_t from = (int64_t)(i.memory - f->block);
		return ex_format("%s, which %s %u %s from byte %" PRId64 " of it on", i.text,
				 i.writes ? "writes" : "reads", i.memory_bytes, i.memory_bytes == 1 ? "byte" : "bytes",
				 from);
	}
	return NULL;
}

/* who did it, innermost first: of a call of the kernel's, or of a second free, who made it, behind libc's and our own frames */
struct culprit {
	const struct ex_place *stack;
	int count;
};

static struct culprit find_culprit(const struct ex_finding_of_block *f, const struct ex_teardown *t)
{
	struct culprit c = {t->crash_stack, t->crash_frames};
	if (f->call)
		return (struct culprit){f->found, f->found_count};
	int begin = ex_block_stack_begin(f, c.stack, c.count);
	return (struct culprit){c.stack + begin, c.count - begin};
}

/* the table's "bad" is about guards */
static void tell_untreated(struct ex_experiment *x)
{
	const struct ex_arm *baseline = x->arms[0];
	unsigned bad = 0, counted = ex_arm_counted(baseline);
	for (unsigned i = 0; i < baseline->count; i++)
		bad += ex_run_counts(baseline, &baseline->runs[i]) && ex_run_ended_badly(&baseline->runs[i]);
	ex_experiment_evidence(
		x, "untreated",
		ex_format("as it is, %u of %u runs ended badly; under guard=slack each block has 16 bytes "
			  "more, so that size classes have moved",
			  bad, counted));
}

static int tell_stop(struct ex_experiment *x, const struct ex_arm *arm, const struct ex_run *run)
{
	struct ex_image *image = stopped_image(run);
	struct ex_blocks blocks;
	struct ex_findings findings;
	struct ex_teardown teardown;
	if (!image || !ex_run_counts(arm, run))
		return 0;
	ex_blocks_find(&blocks, image, ex_symbols_open(image, NULL));
	const struct ex_finding_of_block *f = blocks.count ? &blocks.list[blocks.count - 1] : NULL;
	for (size_t n = 0; n < blocks.count; n++)
		if (blocks.list[n].call) {
			f = &blocks.list[n];
			break;
		}
	run->processes->judged = image;
	ex_experiment_examine(&findings, &teardown, run);
	struct culprit culprit = {NULL, 0};
	if (f)
		culprit = find_culprit(f, &teardown);
	if (!culprit.count)
		return 0;
	const char *what = f->call || f->kind == EX_FINDING_TWICE ? NULL : access_text(image, f);
	const char *who = ex_site_text(&f->owner), *place = ex_place_text(&culprit.stack[0]);
	ex_experiment_evidence(x, "caught",
			       ex_format("with %s (run %u) it stopped at %s%s%s", arm->treatment, run->n, place,
					 what ? ": " : "", what ? what : ""));
	for (int n = 1; n < ex_block_stack_end(culprit.stack, culprit.count) && n < 4; n++)
		ex_experiment_evidence(x, "caught", ex_format("  called from %s", ex_place_text(&culprit.stack[n])));
	for (int n = 0; n < ex_block_stack_end(f->freed_by.frames, f->freed_by.frame_count) && n < 4; n++)
		ex_experiment_evidence(x, "freed",
				       ex_format(n ? "  called from %s" : "the block had been given back by %s",
						 ex_place_text(&f->freed_by.frames[n])));
	tell_untreated(x);
	x->cause = ex_format("%s: %s%s%s%s.", ex_block_culprit_text(culprit.stack, culprit.count), ex_block_text(f),
			     who ? ", which " : "", who ? who : "", who ? " had asked for" : "");
	return 1;
}

void ex_experiment_tell_blocks(struct ex_experiment *x, unsigned first)
{
	for (unsigned a = first; a < x->arm_count; a++)
		for (unsigned i = 0; x->arms[a]->role == EX_ROLE_CONFIRM && i < x->arms[a]->count; i++)
			if (tell_stop(x, x->arms[a], &x->arms[a]->runs[i]))
				return;
}
