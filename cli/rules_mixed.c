/*
 * rules_mixed.c: the rule of mixed-profile-layouts: parts of a program were instrumented by different LLVMs, and one profile
 * runtime reads the records of all as its own. See rules.h. That the records are mixed is no cause by itself: many such
 * programs die of something else, and some live.
 */
#include "rules.h"

#include "recorders.h"
#include "text.h"
#include "wire.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define CODE_KERNEL 0x80 /* SI_KERNEL: a fault whose address the processor does not tell */

static int is_mixed(const struct ex_profile *profile)
{
	return profile && (profile->is_mixed || profile->is_refused || profile->others);
}

static struct ex_profiles *profiles_of(const struct ex_image *image)
{
	struct ex_profiles *profiles = calloc(1, sizeof(*profiles));
	if (!profiles)
		abort();
	ex_profiles_build(profiles, image);
	return profiles;
}

/* with a writer, where that is asked for */
static const struct ex_profile *mixed_of(const struct ex_profiles *profiles, int needs_writer)
{
	for (size_t i = 0; i < profiles->count; i++)
		if (is_mixed(&profiles->list[i]) && (profiles->list[i].writer || !needs_writer))
			return &profiles->list[i];
	return NULL;
}

const struct ex_profile *ex_rules_mixed_profile(const struct ex_image *image)
{
	return mixed_of(profiles_of(image), 1);
}

/* it ended as it should, and had a turn to write its profile */
static int could_write(const struct ex_image *image)
{
	return image->end == EX_END_EXIT && !image->crash && image->writer_count && image->writer_ran;
}

struct ex_image *ex_rules_left_unwritten(const struct ex_processes *processes)
{
	for (size_t i = 0; i < processes->count; i++) {
		struct ex_image *image = &processes->images[i];
		const struct ex_profile *profile = could_write(image) ? ex_rules_mixed_profile(image) : NULL;
		if (profile && !profile->kept)
			return image;
	}
	return NULL;
}

/* a pool (%m) has one file for all processes of an object, and other files more: so this many are the least */
int ex_rules_profiles_due(const struct ex_processes *processes)
{
	const char **objects = NULL;
	int count = 0, some_mixed = 0;
	for (size_t i = 0; i < processes->count; i++) {
		const struct ex_profiles *profiles = profiles_of(&processes->images[i]);
		for (size_t n = 0; n < profiles->count; n++) {
			const struct ex_profile *p = &profiles->list[n];
			int known = 0;
			if (!p->writer || !p->module)
				continue;
			some_mixed |= is_mixed(p);
			while (known < count && strcmp(objects[known], p->module->path) != 0)
				known++;
			if (known < count)
				continue;
			objects = realloc(objects, ((size_t)count + 1) * sizeof(*objects));
			if (!objects)
				abort();
			objects[count++] = p->module->path;
		}
	}
	free(objects);
	return some_mixed && count ? count : 1;
}

/* what the library found at that very crash; a record in a register before one that a walk comes by */
static const struct ex_event *misread_at(const struct ex_profiles *profiles, const struct ex_event *crash,
					 const struct ex_profile *of)
{
	const struct ex_event *found = NULL;
	for (size_t i = 0; i < profiles->misread_count; i++) {
		const struct ex_event *event = profiles->misreads[i];
		const struct ex_ev_misread *misread = EX_EVENT(event, misread);
		if (event->tid == crash->tid && misread->address == EX_EVENT(crash, crash)->address &&
		    (!of || misread->module == of->n) && (!found || misread->how == EX_misread_REGISTER))
			found = event;
	}
	return found;
}

/* an early flush is the writer too, whoever asked for it */
static const struct ex_row *writing_row(const struct ex_teardown *t)
{
	int inside;
	const struct ex_row *writer = ex_rules_writer_at_death(t, &inside);
	return !writer && t->crash_row && t->crash_row->is_early_flush ? t->crash_row : writer;
}

#define RECORDER_FRAMES 3 /* a function that records values may have called another of its runtime */

static unsigned calls_of(const struct ex_recorders *r, const struct ex_place *place, const struct ex_module *module)
{
	for (unsigned n = 0; place->function && place->module == module && n < r->count; n++)
		if (place->function - module->bias == r->list[n].offset)
			return r->list[n].calls;
	return 0;
}

/* Whether it died in a function that records values; and their list for a treatment that cannot find them by name. What is
 * not known for such a function must not be on it: it would be cured of any crash */
static void find_recorder(struct ex_candidate *c, const struct ex_teardown *t)
{
	const struct ex_place *frames = t->crash_stack;
	struct ex_recorders found;
	unsigned calls = 0;
	ex_recorders_find(&found, t->symbols, c->profile);
	for (int n = 0; n < t->crash_frames && n < RECORDER_FRAMES && !calls; n++) {
		calls = calls_of(&found, &frames[n], c->profile->module);
		if (calls)
			ex_rules_evidence(c, "recorder",
					  "frame %d, %s+0x%llx, is a function that records values: %u calls in its "
					  "object hand it a profile record and the number of a value site",
					  n, frames[n].module_name,
					  (unsigned long long)(frames[n].function - frames[n].module->bias), calls);
	}
	int is_named = t->crash_frames && frames[0].source == EX_SYMBOL_SYMTAB;
	for (unsigned n = 0; !is_named && n < found.count && n < EX_RETURNS_MAX; n++)
		c->recorders = ex_format("%s%s%s+0x%llx", n ? c->recorders : "", n ? "," : "", c->profile->name,
					 (unsigned long long)found.list[n].offset);
	if (!calls && !c->doubt && (found.count || !is_named))
		c->doubt = "it is not known to have died in a function that records values";
}

/* as the first one where the library found the misread record: then nothing is nearer */
static struct ex_candidate *add(struct ex_findings *findings, const struct ex_profile *p, enum ex_mixed mixed,
				int is_first)
{
	struct ex_candidate *c = ex_rules_candidate(findings, EX_VERDICT_MIXED_PROFILE_LAYOUTS);
	if (!c)
		return NULL;
	if (is_first && c != findings->candidates) {
		struct ex_candidate kept = *c;
		memmove(findings->candidates + 1, findings->candidates,
			(size_t)(c - findings->candidates) * sizeof(*c));
		c = findings->candidates;
		*c = kept;
	}
	c->profile = p;
	c->mixed = mixed;
	c->cause = ex_rules_mixed_cause(p, mixed);
	if (!findings->death.text)
		c->evidence_count = 0;
	ex_rules_say_layouts(c, p);
	return c;
}

static const char *after_crash(struct ex_findings *findings, const struct ex_facts *facts,
			       const struct ex_profiles *profiles)
{
	const struct ex_teardown *t = facts->teardown;
	const struct ex_event *event = facts->processes->judged->crash;
	const struct ex_ev_crash *crash = EX_EVENT(event, crash);
	const struct ex_row *writer = writing_row(t);
	const struct ex_profile *p = NULL;
	const struct ex_event *misread;
	struct ex_candidate *c;
	int inside;

	/* a check of libc's own that found something broken sends SIGABRT */
	if (crash->code <= 0 && crash->signo != SIGABRT)
		return "the signal was sent to it";
	if (writer) {
		p = ex_profiles_at(profiles, writer->place.address);
		if (!is_mixed(p))
			return "the object whose profile was being written has records of one layout, its runtime's";
		/* a small word taken for an address explains many small addresses, a null pointer of the allocator's too */
		ex_rules_writer_at_death(t, &inside);
		if (findings->count && ex_rules_entry_frame(t, inside, NULL) >= 0)
			return "it died in an allocation function that the writer had called, of what an exit handler "
			       "had taken away";
		misread = misread_at(profiles, event, p);
		c = add(findings, p, EX_MIXED_WRITING, misread != NULL);
		if (c && !misread)
			c->doubt = "the fault itself does not show that a record was misread";
		if (c && !misread && findings->taken.text)
			ex_rules_evidence(c, "taken", "%s", findings->taken.text);
	} else {
		misread = misread_at(profiles, event, NULL);
		p = misread ? ex_profiles_of(profiles, EX_EVENT(misread, misread)->module)
			    : ex_profiles_at(profiles, crash->pc);
		/* what a record of another layout leads to need not be an address at all: then the fault has none, and
		 * only the arms can tell it from others of that kind */
		int is_nowhere = (crash->signo == SIGSEGV || crash->signo == SIGBUS) && crash->code == CODE_KERNEL;
		if (!is_mixed(p) || (!misread && !is_nowhere))
			return "it did not die where profile records are read: neither while the profile was written, "
			       "nor "
			       "at an address that a misread record leads to";
		c = add(findings, p, EX_MIXED_RECORDING, misread != NULL);
		if (c && !misread)
			c->doubt = "the fault has no address, so it does not show that a record was misread";
		else if (c && EX_EVENT(misread, misread)->how != EX_misread_REGISTER)
			c->doubt = "no register held the record";
		if (c)
			find_recorder(c, t);
	}
	if (c && misread)
		ex_rules_evidence(c, "misread", "%s", ex_misread_text(profiles, misread));
	return NULL;
}

static const char *after_good_end(struct ex_findings *findings, const struct ex_facts *facts,
				  const struct ex_profile *p)
{
	const struct ex_image *image = facts->processes->judged;
	if (!p->writer || !image->writer_count || !image->writer_ran)
		return "its profile writer did not run";
	if (p->kept)
		return "its profile was salvaged";
	if (!facts->mismatch && facts->profiles > 0 && facts->profiles >= facts->profiles_due)
		return "no run ended badly, and a whole profile of each object was found";
	if (!facts->mismatch && facts->profiles < 0)
		return "nobody knows where its profile would be, so it is not known whether it was written";
	struct ex_candidate *c = add(findings, p, EX_MIXED_NOTHING, 0);
	if (!c)
		return NULL;
	if (facts->mismatch)
		ex_rules_evidence(c, "refused", "its runtime said on standard error: %s", facts->mismatch);
	if (facts->profiles >= 0)
		ex_rules_evidence(
			c, "file",
			"the writer ran to its end, and %d whole raw profiles were found after the run, where "
			"%d were due",
			facts->profiles, facts->profiles_due > 1 ? facts->profiles_due : 1);
	if (!facts->mismatch && !p->is_refused)
		c->doubt = "that no whole profile was left may have other reasons";
	return NULL;
}

void ex_rules_mixed_layouts(struct ex_findings *findings, const struct ex_facts *facts)
{
	const struct ex_image *image = facts->processes->judged;
	const struct ex_profiles *profiles = profiles_of(image);
	const struct ex_profile *p = mixed_of(profiles, 1);
	const char *why;
	if (!p)
		p = mixed_of(profiles, 0);
	if (!profiles->count)
		why = "no object with LLVM profile records was seen";
	else if (!p)
		why = "in each object all profile records have one layout, its runtime's";
	else if (image->crash)
		why = after_crash(findings, facts, profiles);
	else if (image->end == EX_END_EXIT && !facts->is_bad)
		why = after_good_end(findings, facts, p);
	else
		why = "it was not seen to die where profile records are read";
	if (why)
		ex_rules_exclude(findings, EX_VERDICT_MIXED_PROFILE_LAYOUTS, why);
}
