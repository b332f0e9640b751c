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
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LOOKS 2 /* runs of each arm that looks */
#define FRAMES "guard-frames=8"

/* of one process image: a child's block is a child's */
static void read_blocks(struct ex_blocks *blocks, const struct ex_image *image)
{
	ex_blocks_find(blocks, image, ex_symbols_open(image, NULL));
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
		if (*site && f->is_certain && f->kind != EX_FINDING_OTHER && f->kind != EX_FINDING_INSIDE)
			return f;
	}
	return NULL;
}

static struct ex_arm *look(struct ex_experiment *x, const char *name, const char *treatment)
{
	return ex_experiment_look(x, name, treatment, LOOKS);
}

static void describe(struct ex_candidate *c, const struct ex_arm *arm, const struct ex_run *run,
		     const struct ex_finding_of_block *f, const struct ex_site *site)
{
	ex_rules_evidence(c, "block", "with %s (run %u): %s; found %s", arm->treatment, run->n, ex_block_text(f),
			  f->when);
	for (int i = 0; i < ex_block_stack_end(site->frames, site->frame_count) && i < 4; i++)
		ex_rules_evidence(c, "owner", i ? "  called from %s" : "it was asked for by %s",
				  ex_place_text(&site->frames[i]));
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

static int try_image(struct ex_experiment *x, const struct ex_arm *arm, const struct ex_run *run,
		     const struct ex_image *image, int may_guess)
{
	struct ex_blocks blocks;
	struct ex_candidate c = {.doubt = "no untreated run shows it"};
	const struct ex_site *site;
	if (!image)
		return 0;
	read_blocks(&blocks, image);
	const struct ex_finding_of_block *f = choose(&blocks, &site, may_guess);
	if (!f)
		return 0;
	c.verdict = verdict_of(f);
	c.site = site->id;
	c.is_before = f->kind == EX_FINDING_BEFORE;
	describe(&c, arm, run, f, site);
	insert(x, &c, !lived(arm) && !died_in_allocator(x) && f->kind != EX_FINDING_FREED);
	return 1;
}

static int try_arm(struct ex_experiment *x, const struct ex_arm *arm, int may_guess)
{
	for (unsigned i = 0; i < arm->count; i++) {
		const struct ex_processes *processes = arm->runs[i].processes;
		if (!processes)
			continue;
		if (try_image(x, arm, &arm->runs[i], processes->judged, may_guess))
			return 1;
		for (size_t n = 0; n < processes->count; n++)
			if (&processes->images[n] != processes->judged &&
			    try_image(x, arm, &arm->runs[i], &processes->images[n], may_guess))
				return 1;
	}
	return 0;
}

/* an address inside a block was given back: no cause of this table, and the reason of the death all the same */
static void tell_inside(struct ex_experiment *x, const struct ex_arm *arm)
{
	for (unsigned i = 0; i < arm->count; i++) {
		struct ex_blocks blocks;
		if (!arm->runs[i].processes || !arm->runs[i].processes->judged)
			continue;
		read_blocks(&blocks, arm->runs[i].processes->judged);
		for (size_t n = 0; n < blocks.count; n++) {
			const struct ex_finding_of_block *f = &blocks.list[n];
			if (f->kind != EX_FINDING_INSIDE)
				continue;
			ex_experiment_evidence(x, "inside",
					       ex_format("with %s (run %u): %s%s%s", arm->treatment, arm->runs[i].n,
							 ex_block_text(f), f->owner.n ? ", asked for by " : "",
							 f->owner.n ? ex_site_text(&f->owner) : ""));
			return;
		}
	}
}

static int is_eligible(const struct ex_experiment *x)
{
	const struct ex_image *image = x->teardown ? x->teardown->image : NULL;
	if (x->looks_for_heap)
		return x->run && !x->run->ending.timed_out;
	return x->run && ex_run_ended_badly(x->run) && !x->run->ending.timed_out && image && image->crash &&
	       (EX_EVENT(image->crash, crash)->code > 0 || image->end == EX_END_ABORT || image->gave_up);
}

/* no run of it took place as it should */
static int is_untreated(const struct ex_arm *arm)
{
	for (unsigned i = 0; i < arm->count; i++)
		if (arm->runs[i].is_treated)
			return 0;
	return arm->count != 0;
}

static void exclude_all(struct ex_experiment *x, const char *why)
{
	ex_rules_exclude(&x->findings, EX_VERDICT_HEAP_OVERFLOW, why);
	ex_rules_exclude(&x->findings, EX_VERDICT_USE_AFTER_FREE, why);
	ex_rules_exclude(&x->findings, EX_VERDICT_DOUBLE_FREE, why);
}

/* more blocks than may be guarded at a time: what is not found may be in the others */
static int was_full(const struct ex_arm *arm)
{
	for (unsigned i = 0; i < arm->count; i++) {
		const struct ex_image *image = arm->runs[i].processes ? arm->runs[i].processes->judged : NULL;
		for (size_t n = 0; image && n < image->event_count; n++)
			if (image->events[n]->meta->id == EX_EV_GUARD_FULL)
				return 1;
	}
	return 0;
}

void ex_experiment_look_blocks(struct ex_experiment *x)
{
	const char *why = "it died of no fault and of no abort";
	if (x->is_heap_done)
		return;
	x->is_heap_done = 1;
	if (is_eligible(x)) {
		const struct ex_arm *slack = look(x, "slack", "guard=slack " FRAMES);
		if (try_arm(x, slack, 0))
			return;
		if (is_untreated(slack)) {
			x->heap_why = "guard=slack, with which blocks are looked at, does not work in this program: "
				      "its malloc is "
				      "its own, in front of ours, or there is no room";
			exclude_all(x, x->heap_why);
			return;
		}
		const struct ex_arm *ends = look(x, "ends", "guard=ends " FRAMES), *starts = NULL;
		if (try_arm(x, ends, 0) || try_arm(x, starts = look(x, "starts", "guard=starts " FRAMES), 0) ||
		    try_arm(x, slack, 1))
			return;
		tell_inside(x, ends);
		why = "runs with guard=slack, guard=ends and guard=starts found no block damaged, used after it was "
		      "given back, or "
		      "given back twice";
		if (was_full(ends) || was_full(starts))
			ex_experiment_evidence(x, "room",
					       "under guard=ends and guard=starts not all blocks had room "
					       "for pages of their own: see report");
	}
	exclude_all(x, why);
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
