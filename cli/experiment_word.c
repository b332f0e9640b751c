/*
 * experiment_word.c: stray-kernel-write, and who wrote the word that a wild address came from. See experiment.h. The crash says by
 * which word of memory the address was made; two runs without address randomisation say where that word is each time; one run
 * watches it. Its last writer before the death is told as evidence of wild-address. Where that was a system call that was not
 * meant to write there, it is a cause of its own, and every run that watches the word must see it.
 */
#include "experiment.h"

#include "fault.h"
#include "origin.h"
#include "registers.h"
#include "stray.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

#define FIXED_RUNS 2 /* without randomisation: whether the word is at the same place each time */

/* what a run says of the word that it died of */
struct word {
	const struct ex_image *image;
	struct ex_symbols *symbols;
	struct ex_origin origin;
	struct ex_place load; /* the instruction that loaded it */
};

static int read_word(struct word *w, const struct ex_run *run)
{
	memset(w, 0, sizeof(*w));
	w->origin.why = "it died of no fault";
	w->image = run->processes ? run->processes->judged : NULL;
	if (!w->image || !w->image->crash)
		return 0;
	w->symbols = ex_symbols_open(w->image, NULL);
	if (ex_origin_word(&w->origin, w->image, w->symbols))
		w->load = ex_symbols_place(w->symbols, w->origin.pc, 0);
	return w->origin.is_known;
}

/* loaded by the same instruction */
static int is_same(const struct word *a, const struct word *b)
{
	return a->load.offset == b->load.offset && !strcmp(a->load.module_name, b->load.module_name);
}

static const char *treatment_of(const struct word *w)
{
	return ex_format("watch=%s:%u", w->origin.word, w->origin.bytes);
}

/* the runs without randomisation agree about the word. Why not; NULL: w has it */
static const char *fix(struct ex_experiment *x, const struct word *first, struct word *w)
{
	const struct ex_arm *arm = ex_experiment_look(x, "fixed", "aslr=off", FIXED_RUNS);
	unsigned count = 0;
	for (unsigned i = 0; i < arm->count; i++) {
		struct word other;
		if (!ex_run_counts(arm, &arm->runs[i]) || !read_word(&other, &arm->runs[i]) || !is_same(first, &other))
			continue;
		if (count++ && strcmp(w->origin.word, other.origin.word))
			return ex_format("the word is at another address in each run, with aslr=off too: %s, %s",
					 w->origin.word, other.origin.word);
		*w = other;
	}
	return count ? NULL : "no run with aslr=off died of a word that was loaded by that instruction";
}

struct sight {
	struct word word;
	struct ex_watched watched;
	const struct ex_write *write; /* the one that matters; NULL */
	struct ex_stray stray;	      /* of a system call */
};

static int is_stray(const struct sight *s)
{
	return s->stray.kind == EX_STRAY_LEFT || s->stray.kind == EX_STRAY_BEYOND;
}

static void judge(struct sight *s, const struct ex_write *write)
{
	s->write = write;
	memset(&s->stray, 0, sizeof(s->stray));
	if (write && write->writer == EX_watch_writer_SYSCALL)
		ex_stray_judge(&s->stray, write, s->watched.address, s->word.image, s->word.symbols);
}

/* what it saw: the last write where it died of the word; where not, the first that was not meant */
static int look_at(struct sight *s, const struct ex_run *run)
{
	memset(s, 0, sizeof(*s));
	int has_word = read_word(&s->word, run);
	if (!s->word.image)
		return 0;
	if (!s->word.symbols)
		s->word.symbols = ex_symbols_open(s->word.image, NULL);
	ex_watched_find(&s->watched, run->processes, s->word.image, s->word.symbols);
	if (!s->watched.watch)
		return 0;
	if (has_word && s->word.origin.address == s->watched.address) {
		judge(s, s->watched.last);
		return 1;
	}
	for (size_t n = 0; n < s->watched.count && !is_stray(s); n++)
		judge(s, &s->watched.list[n]);
	return is_stray(s);
}

int ex_run_was_stray(const struct ex_run *run)
{
	struct sight s;
	return look_at(&s, run) && is_stray(&s);
}

static struct ex_candidate *wild(struct ex_experiment *x)
{
	for (unsigned i = 0; i < x->findings.count; i++)
		if (x->findings.candidates[i].verdict == EX_VERDICT_WILD_ADDRESS)
			return &x->findings.candidates[i];
	return NULL;
}

static void say_word(struct ex_candidate *c, const struct word *w)
{
	const struct ex_origin *o = &w->origin;
	const char *name = o->reg >= 0 ? ex_register_name(17, (unsigned)o->reg) : NULL;
	ex_rules_evidence(c, "word", "%s was %s %u bytes at %s, by %s at %s", name ? name : "the program counter",
			  o->is_return ? "the return address, the" : "loaded from the", o->bytes,
			  o->where ? o->where : o->word, o->text ? o->text : "the instruction",
			  ex_place_text(&w->load));
}

static void say_writer(struct ex_candidate *c, const struct ex_arm *arm, const struct sight *s)
{
	ex_rules_evidence(c, "writer", "with %s the last write to that word was %s", arm->treatment,
			  ex_write_text(s->write));
	for (int n = 1; n < s->write->frame_count && n < 4; n++)
		ex_rules_evidence(c, "writer", "  called from %s", ex_place_text(&s->write->frames[n]));
	if (s->stray.why)
		ex_rules_evidence(c, "argument", "%s", s->stray.why);
}

/* in front of the address that came of it */
static void insert(struct ex_experiment *x, const struct ex_arm *arm, const struct sight *s)
{
	struct ex_findings *f = &x->findings;
	struct ex_candidate *at = wild(x);
	struct ex_candidate c = {.verdict = EX_VERDICT_STRAY_KERNEL_WRITE, .doubt = "no untreated run shows it"};
	c.evidence[c.evidence_count++] = f->death;
	c.word = ex_format("%s:%u", s->word.origin.word, s->word.origin.bytes);
	say_word(&c, &s->word);
	say_writer(&c, arm, s);
	int n = 0; /* in front of its caller is the bad value itself, where that was called */
	while (n < x->teardown->crash_frames && !x->teardown->crash_stack[n].module)
		n++;
	const char *used = n < x->teardown->crash_frames ? ex_place_text(&x->teardown->crash_stack[n]) : "the program";
	c.cause = ex_format(
		"%s made the system call %s, which wrote into %s where nobody had meant it to, and %s used what "
		"was there then.",
		s->stray.caller ? s->stray.caller : "The program", ex_syscall_name(s->write->syscall),
		s->word.origin.where ? s->word.origin.where : s->word.origin.word, used);
	if (f->count == sizeof(f->candidates) / sizeof(f->candidates[0]))
		f->count--;
	memmove(at + 1, at, (size_t)((f->candidates + f->count) - at) * sizeof(c));
	*at = c;
	f->count++;
}

/* why it is none; NULL: it is one, and stands in front of wild-address */
static const char *look(struct ex_experiment *x)
{
	struct word first, fixed;
	struct sight s;
	struct ex_candidate *c = wild(x);
	if (!c || !x->run || !ex_run_ended_badly(x->run))
		return "it did not die of an address that belongs to nothing";
	if (!read_word(&first, x->run))
		return ex_format("which word of memory the address came from is not known: %s", first.origin.why);
	if (first.image->is_guest)
		return "the process was inside of a sandbox, where its memory cannot be watched from outside";
	const char *why = fix(x, &first, &fixed);
	if (why) {
		say_word(c, &first);
		return why;
	}
	const struct ex_arm *arm = ex_experiment_look(x, "writer", treatment_of(&fixed), 1);
	say_word(c, &fixed);
	if (!arm->count || !ex_run_counts(arm, &arm->runs[0]))
		return "no run that watches the word could be made";
	if (arm->runs[0].ending.timed_out)
		return "the run that watched the word was not done in time (--timeout)";
	if (!look_at(&s, &arm->runs[0]) || s.word.origin.address != s.watched.address)
		return s.watched.watch ? "the run that watched the word did not die of it"
				       : "the word could not be watched";
	if (!s.write)
		return "nobody wrote the word while it was watched";
	if (is_stray(&s)) {
		insert(x, arm, &s);
		return NULL;
	}
	say_writer(c, arm, &s);
	if (s.write->writer != EX_watch_writer_SYSCALL)
		return ex_format("the last write to the word was %s", ex_write_text(s.write));
	return ex_format("the last write to the word was %s, and %s: %s", ex_write_text(s.write),
			 s.stray.kind == EX_STRAY_MEANT ? "the call was asked for just that"
							: "it is not known whether the call was asked for that",
			 s.stray.why);
}

void ex_experiment_look_word(struct ex_experiment *x)
{
	if (x->is_word_done)
		return;
	x->is_word_done = 1;
	const char *why = look(x);
	if (why)
		ex_rules_exclude(&x->findings, EX_VERDICT_STRAY_KERNEL_WRITE, why);
}

void ex_experiment_plan_word(struct ex_experiment *x, const struct ex_candidate *c)
{
	x->arms[0]->measure = EX_MEASURE_STRAY;
	ex_experiment_arm(x, &(struct ex_arm){.name = "watch",
					      .role = EX_ROLE_CONFIRM,
					      .measure = EX_MEASURE_STRAY,
					      .treatment = ex_format("watch=%s", c->word),
					      .treated = EX_TREATED_WATCHED});
	ex_experiment_arm(x, &(struct ex_arm){.name = "guard",
					      .role = EX_ROLE_CONTROL,
					      .treatment = "guard=slack",
					      .treated = EX_TREATED_ACCEPTED});
}

void ex_experiment_tell_word(struct ex_experiment *x, unsigned first)
{
	for (unsigned a = first; a < x->arm_count; a++) {
		unsigned seen = 0, counted = ex_arm_counted(x->arms[a]);
		const char *text = NULL;
		if (x->arms[a]->role != EX_ROLE_CONFIRM)
			continue;
		for (unsigned i = 0; i < x->arms[a]->count; i++) {
			struct sight s;
			if (!ex_run_counts(x->arms[a], &x->arms[a]->runs[i]) || !look_at(&s, &x->arms[a]->runs[i]) ||
			    !is_stray(&s))
				continue;
			seen++;
			text = ex_write_text(s.write);
		}
		if (text)
			ex_experiment_evidence(x, "watched",
					       ex_format("with %s %u of %u runs saw it, as: %s", x->arms[a]->treatment,
							 seen, counted, text));
	}
}
