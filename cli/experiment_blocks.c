/*
 * experiment_blocks.c: heap-overflow, use-after-free, double-free: what no untreated run can show. See experiment.h. First a few
 * runs with a pattern behind every block, which say whose block is written beyond; where they say nothing, a few in which
 * every block has pages of its own, as long as there is room. Then the blocks of that one allocation site alone are guarded,
 * as exactly as can be, and every run must stop at the instruction that does it.
 *
 * That a block is damaged does not yet mean that the program died of it: what lies behind a block may be nobody's. So such a
 * finding comes before other causes only where the program died of something that this can make: where the pattern's room
 * took the damage and the run lived, or the allocator itself found its own data spoiled, or died of it.
 */
#include "experiment.h"

#include "blocks.h"
#include "instruction.h"
#include "registers.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LOOKS 2 /* runs of each arm that looks */
#define FRAMES "guard-frames=8"

static void read_blocks(struct ex_blocks *blocks, struct ex_symbols **symbols, const struct ex_run *run)
{
	memset(blocks, 0, sizeof(*blocks));
	if (!run->processes || !run->processes->judged)
		return;
	*symbols = ex_symbols_open(run->processes->judged, NULL);
	ex_blocks_find(blocks, run->processes->judged, *symbols);
}

/* at an instruction, or in a second free */
int ex_run_was_stopped(const struct ex_run *run)
{
	const struct ex_image *image = run->processes ? run->processes->judged : NULL;
	for (size_t n = 0; image && n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id != EX_EV_GUARD_BLOCK)
			continue;
		uint8_t what = EX_EVENT(event, guard_block)->what;
		if (what != EX_guard_block_SLACK && what != EX_guard_block_LIVE)
			return 1;
	}
	return 0;
}

static enum ex_verdict verdict_of(const struct ex_finding_of_block *f)
{
	return f->kind == EX_FINDING_FREED   ? EX_VERDICT_USE_AFTER_FREE
	       : f->kind == EX_FINDING_TWICE ? EX_VERDICT_DOUBLE_FREE
					     : EX_VERDICT_HEAP_OVERFLOW;
}

/* the first whose owner is known: the next run can be aimed at it. may_guess: what lost its own mark was itself written beyond,
 * or the one below it was */
static const struct ex_finding_of_block *choose(const struct ex_blocks *blocks, const struct ex_site **site,
						int may_guess)
{
	for (size_t n = 0; n < blocks->count; n++) {
		const struct ex_finding_of_block *f = &blocks->list[n];
		int is_lost = may_guess && (f->kind == EX_FINDING_MARK || f->kind == EX_FINDING_HEADER);
		*site = f->owner.n ? &f->owner : is_lost && f->below.n ? &f->below : NULL;
		if (*site && f->is_certain && f->kind != EX_FINDING_OTHER)
			return f;
	}
	return NULL;
}

static struct ex_arm *look(struct ex_experiment *x, const char *name, const char *treatment)
{
	unsigned first = x->arm_count, wanted = x->arms[0]->wanted;
	struct ex_arm *arm = ex_experiment_arm(x, &(struct ex_arm){.name = name,
								   .role = EX_ROLE_EXPLORE,
								   .treatment = treatment,
								   .treated = EX_TREATED_ACCEPTED});
	x->arms[0]->wanted = x->arms[0]->count;
	arm->wanted = LOOKS < x->runs_wanted ? LOOKS : x->runs_wanted;
	ex_experiment_run(x, first);
	x->arms[0]->wanted = wanted;
	return arm;
}

static void describe(struct ex_candidate *c, const struct ex_arm *arm, const struct ex_run *run,
		     const struct ex_finding_of_block *f, const struct ex_site *site)
{
	ex_rules_evidence(c, "block", "with %s (run %u): %s; found %s", arm->treatment, run->n, ex_block_text(f),
			  f->when);
	for (int i = 0; i < site->frame_count && i < 4; i++)
		ex_rules_evidence(c, "owner", i ? "  called from %s" : "it was asked for by %s",
				  ex_place_text(&site->frames[i]));
	if (f->freed_by.n)
		ex_rules_evidence(c, "freed", "it was given back by %s", ex_site_text(&f->freed_by));
}

/* the death is one that spoilt data of the allocator makes: inside it, or by what it found */
static int died_in_allocator(const struct ex_experiment *x)
{
	const struct ex_image *image = x->teardown ? x->teardown->image : NULL;
	return image && (image->gave_up || ex_rules_entry_frame(x->teardown, x->teardown->crash_frames, NULL) >= 0);
}

static int lived(const struct ex_arm *arm)
{
	for (unsigned i = 0; i < arm->count; i++)
		if (!ex_run_counts(arm, &arm->runs[i]) || ex_run_ended_badly(&arm->runs[i]))
			return 0;
	return arm->count != 0;
}

/* before those that it beats; where the death may have another cause only before that of an address out of nowhere, which spoilt
 * data makes more often than anything else */
static void insert(struct ex_experiment *x, const struct ex_candidate *c, int may_be_another)
{
	struct ex_findings *f = &x->findings;
	unsigned at = 0, room = sizeof(f->candidates) / sizeof(f->candidates[0]);
	while (at < f->count && (may_be_another ? f->candidates[at].verdict != EX_VERDICT_WILD_ADDRESS
						: f->candidates[at].verdict <= c->verdict))
		at++;
	if (f->count == room)
		f->count--;
	memmove(&f->candidates[at + 1], &f->candidates[at], (f->count - at) * sizeof(*c));
	f->candidates[at] = *c;
	f->count++;
}

static int try_arm(struct ex_experiment *x, const struct ex_arm *arm, int may_guess)
{
	for (unsigned i = 0; i < arm->count; i++) {
		struct ex_blocks blocks;
		struct ex_symbols *symbols;
		struct ex_candidate c = {.doubt = "no untreated run shows it"};
		const struct ex_site *site;
		read_blocks(&blocks, &symbols, &arm->runs[i]);
		const struct ex_finding_of_block *f = choose(&blocks, &site, may_guess);
		if (!f)
			continue;
		c.verdict = verdict_of(f);
		c.site = site->id;
		c.is_before = f->kind == EX_FINDING_BEFORE;
		describe(&c, arm, &arm->runs[i], f, site);
		insert(x, &c, !lived(arm) && !died_in_allocator(x) && f->kind != EX_FINDING_FREED);
		return 1;
	}
	return 0;
}

static int is_eligible(const struct ex_experiment *x)
{
	const struct ex_image *image = x->teardown ? x->teardown->image : NULL;
	if (x->looks_for_heap)
		return x->run && !x->run->ending.timed_out;
	return x->run && ex_run_ended_badly(x->run) && !x->run->ending.timed_out && image && image->crash &&
	       (EX_EVENT(image->crash, crash)->code > 0 || image->end == EX_END_ABORT || image->gave_up);
}

void ex_experiment_look_blocks(struct ex_experiment *x)
{
	const char *why = "it died of no fault and of no abort";
	if (x->is_heap_done)
		return;
	x->is_heap_done = 1;
	if (is_eligible(x)) {
		const struct ex_arm *slack = look(x, "slack", "guard=slack " FRAMES);
		if (try_arm(x, slack, 0) || try_arm(x, look(x, "ends", "guard=ends " FRAMES), 0) ||
		    try_arm(x, look(x, "starts", "guard=starts " FRAMES), 0) || try_arm(x, slack, 1))
			return;
		why = "runs with guard=slack, guard=ends and guard=starts found no block damaged, used after it was "
		      "given back, or "
		      "given back twice";
	}
	ex_rules_exclude(&x->findings, EX_VERDICT_HEAP_OVERFLOW, why);
	ex_rules_exclude(&x->findings, EX_VERDICT_USE_AFTER_FREE, why);
	ex_rules_exclude(&x->findings, EX_VERDICT_DOUBLE_FREE, why);
}

void ex_experiment_plan_blocks(struct ex_experiment *x, const struct ex_candidate *c)
{
	x->arms[0]->measure = EX_MEASURE_GUARD;
	ex_experiment_arm(x, &(struct ex_arm){.name = "site",
					      .role = EX_ROLE_CONFIRM,
					      .measure = EX_MEASURE_GUARD,
					      .treatment = ex_format("guard=site:%016" PRIx64 "%s " FRAMES, c->site,
								     c->is_before ? " guard-side=start" : ""),
					      .treated = EX_TREATED_GUARDED,
					      .amount = c->site});
	ex_experiment_arm(x, &(struct ex_arm){.name = "keep",
					      .role = EX_ROLE_CONTROL,
					      .measure = EX_MEASURE_GUARD,
					      .treatment = "keep=exec",
					      .treated = EX_TREATED_ACCEPTED});
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

void ex_experiment_tell_blocks(struct ex_experiment *x, unsigned first)
{
	for (unsigned a = first; a < x->arm_count; a++)
		for (unsigned i = 0; x->arms[a]->role == EX_ROLE_CONFIRM && i < x->arms[a]->count; i++) {
			const struct ex_run *run = &x->arms[a]->runs[i];
			struct ex_blocks blocks;
			struct ex_findings findings;
			struct ex_teardown teardown;
			struct ex_symbols *symbols;
			if (!ex_run_counts(x->arms[a], run) || !ex_run_was_stopped(run))
				continue;
			read_blocks(&blocks, &symbols, run);
			ex_experiment_examine(&findings, &teardown, run);
			const struct ex_finding_of_block *f = blocks.count ? &blocks.list[blocks.count - 1] : NULL;
			if (!f || !teardown.crash_frames)
				continue;
			const char *what = access_text(run->processes->judged, f), *who = ex_site_text(&f->owner);
			ex_experiment_evidence(x, "caught",
					       ex_format("with %s (run %u) it stopped at %s%s%s", x->arms[a]->treatment,
							 run->n, ex_place_text(&teardown.crash_stack[0]),
							 what ? ": " : "", what ? what : ""));
			for (int n = 1; n < teardown.crash_frames && n < 4; n++)
				ex_experiment_evidence(x, "caught",
						       ex_format("  called from %s",
								 ex_place_text(&teardown.crash_stack[n])));
			x->cause = ex_format("%s: %s%s%s%s.", ex_place_text(&teardown.crash_stack[0]), ex_block_text(f),
					     who ? ", which " : "", who ? who : "", who ? " had asked for" : "");
			return;
		}
}
