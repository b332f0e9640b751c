/*
 * rules_growth.c: the rule of growth-refused: the system refused memory, and the process ended badly after that. See
 * rules.h. A refusal alone proves nothing, programs live through many: what cannot be told from one that was lived
 * through must be shown by an arm that grants the memory, or it is no verdict.
 */
#include "rules.h"

#include "refusal.h"
#include "report.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* as large as a heap of glibc's or a segment of another allocator. Programs ask for more to see whether they may have
 * it; when so little is refused there is none left */
#define MODEST_BYTES (64ull << 20)
/* who is alive a second later has got over it */
#define NEAR_NS 1000000000u

/* calls by which growth that was refused may be made good in another way: all of them must be seen. -1: no growth was
 * observed at all; a fork child has what its parent told */
static int hooks_missing(const struct ex_image *image)
{
	int placed = 0, missing = 0;
	for (; image; image = image->parent)
		for (size_t i = 0; i < image->event_count; i++) {
			const struct ex_event *event = image->events[i];
			if (event->meta->id != EX_EV_DETOUR)
				continue;
			int result = EX_EVENT(event, detour)->result;
			placed += result == EX_detour_PLACED;
			missing += result != EX_detour_PLACED && strcmp(event->tail[0].bytes, "sbrk") != 0 &&
				   strncmp(event->tail[0].bytes, "__", 2) != 0;
		}
	return placed ? missing : -1;
}

struct death {
	uint32_t tid;
	uint64_t time_ns;
	int is_by_others; /* another process sent the signal */
};

static struct death death_of(const struct ex_image *image)
{
	const struct ex_event *last = image->crash ? image->crash : image->first_exit;
	if (!last)
		return (struct death){image->pid, image->end_ns, image->signal != 0};
	const struct ex_ev_crash *crash = image->crash ? EX_EVENT(image->crash, crash) : NULL;
	return (struct death){last->tid, last->time_ns,
			      crash && crash->code <= 0 && crash->sender && crash->sender != image->pid};
}

/* the one to be judged by: of the thread that died, of an allocator, the latest */
static const struct ex_refusal *choose(const struct ex_refusals *refusals, const struct death *death)
{
	const struct ex_refusal *best = NULL;
	int best_score = -1;
	for (size_t i = 0; i < refusals->count; i++) {
		const struct ex_refusal *r = &refusals->list[i];
		int score = 2 * (r->tid == death->tid) + r->is_allocators;
		if (score >= best_score) {
			best = r;
			best_score = score;
		}
	}
	return best;
}

/* why the refusal could have been lived through; NULL when the thread had nothing left */
static const char *doubt(const struct ex_image *image, const struct ex_refusal *refusal, const struct death *death)
{
	uint64_t bytes = EX_EVENT(refusal->least, growth)->bytes;
	if (hooks_missing(image))
		return "not all calls that may have made it good could be seen";
	if (death->is_by_others)
		return "the signal that ended the process was sent by another";
	if (!refusal->is_allocators)
		return "no allocator had asked for the memory that was refused";
	if (refusal->tid != death->tid)
		return "another thread than the one that died was refused memory";
	if (refusal->went_on)
		return "the thread got memory after that";
	if (refusal->gave_back)
		return "the thread gave memory back after that";
	if (bytes > MODEST_BYTES)
		return ex_format("%s is what a program may ask for only to see whether it can have it",
				 ex_bytes_text(bytes));
	if (death->time_ns - refusal->last->time_ns > NEAR_NS)
		return ex_format("the thread lived on for %s",
				 ex_duration_text(death->time_ns - refusal->last->time_ns));
	return NULL;
}

static int is_of_program(const struct ex_image *image, const struct ex_place *place)
{
	return place->module && place->module == ex_image_program(image);
}

/* who asked: the first frame outside the object that made the system call, the one that called that (an allocator), and
 * ours; and the first of the program itself, where that is another */
static const char *asked_by(const struct ex_teardown *t, const struct ex_event *event)
{
	struct ex_place frames[64];
	const char *first = NULL;
	int regs = ex_event_tail(event->meta, "regs"), stack = ex_event_tail(event->meta, "stack");
	if (!t->symbols || regs < 0 || stack < 0 || !event->tail[regs].length)
		return NULL;
	ex_symbols_at(t->symbols, event->time_ns);
	int count = ex_symbols_unwind(t->symbols, event->tail[regs], event->tail[stack], 1, frames, 64);
	ex_symbols_at(t->symbols, UINT64_MAX);
	const struct ex_module *caller = ex_image_module(t->image, EX_EVENT(event, growth)->caller, event->time_ns);
	for (int i = 0; i < count; i++) {
		if (!frames[i].module || frames[i].module == caller || frames[i].module == frames[0].module ||
		    ex_place_is_ours(&frames[i]))
			continue;
		if (is_of_program(t->image, &frames[i]))
			return first ? ex_format("%s, called by %s", first, ex_place_text(&frames[i]))
				     : ex_place_text(&frames[i]);
		if (!first)
			first = ex_place_text(&frames[i]);
	}
	return first;
}

static void describe(struct ex_candidate *c, const struct ex_facts *facts, const struct ex_refusals *refusals,
		     const struct ex_refusal *r, const struct death *death)
{
	const char *ago = ex_duration_text(death->time_ns - r->last->time_ns);
	const char *who = r->tid == death->tid ? "the thread that died" : ex_format("thread %u", r->tid);
	const char *when = r->tid == death->tid ? "its end" : ex_format("the end, which came in thread %u", death->tid);
	ex_rules_evidence(c, "refused", "the system refused %s memory: %s, %s before %s", who, ex_refusal_text(r->last),
			  ago, when);
	if (r->calls > 1)
		ex_rules_evidence(c, "calls", "%u calls of that thread were refused one after the other, the least: %s",
				  r->calls, ex_refusal_text(r->least));
	const char *asker = asked_by(facts->teardown, r->last);
	if (asker)
		ex_rules_evidence(c, "asked", "it was for %s", asker);
	if (refusals->count > 1)
		ex_rules_evidence(c, "others", "%zu times altogether memory was refused and not made good",
				  refusals->count);
}

static void add(struct ex_findings *findings, const struct ex_facts *facts, const struct ex_refusals *refusals)
{
	const struct ex_image *image = facts->processes->judged;
	struct death death = death_of(image);
	const struct ex_refusal *r = choose(refusals, &death);
	struct ex_candidate *c = &findings->candidates[findings->count++];
	memset(c, 0, sizeof(*c));
	c->verdict = EX_VERDICT_GROWTH_REFUSED;
	c->doubt = doubt(image, r, &death);
	/* other runs ask for somewhat more or less */
	c->refused_bytes = 4 * EX_EVENT(r->least, growth)->bytes;
	if (c->refused_bytes < MODEST_BYTES)
		c->refused_bytes = MODEST_BYTES;
	if (findings->death.text)
		c->evidence[c->evidence_count++] = findings->death;
	else
		ex_rules_evidence(c, "death", "process %u (%s): %s", image->pid, image->exe, ex_end_words(image));
	c->cause = ex_format("The system refused the process %s of memory, and it did not survive that.",
			     ex_bytes_text(EX_EVENT(r->least, growth)->bytes));
	describe(c, facts, refusals, r, &death);
	if (findings->lost.text)
		c->evidence[c->evidence_count++] = findings->lost;
}

void ex_rules_growth_refused(struct ex_findings *findings, const struct ex_facts *facts)
{
	const struct ex_image *image = facts->processes->judged;
	struct ex_refusals refusals;
	if (!facts->is_bad)
		return;
	ex_refusals_find(&refusals, image, death_of(image).time_ns);
	if (refusals.count)
		add(findings, facts, &refusals);
	else if (refusals.by_setting)
		ex_rules_exclude(findings, EX_VERDICT_GROWTH_REFUSED,
				 ex_format("the %u growths that failed were refused by the setting fail=, not by the "
					   "system",
					   refusals.by_setting));
	else if (refusals.made_good)
		ex_rules_exclude(findings, EX_VERDICT_GROWTH_REFUSED,
				 ex_format("the %u calls that the system refused were made good by others at once",
					   refusals.made_good));
	else
		ex_rules_exclude(findings, EX_VERDICT_GROWTH_REFUSED,
				 hooks_missing(image) < 0   ? "growth of its memory was not observed"
				 : hooks_missing(image) > 0 ? "no call that could be seen was refused memory"
							    : "the system refused it no memory");
	free(refusals.list);
}
