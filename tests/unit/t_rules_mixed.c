/*
 * t_rules_mixed.c: the rule of mixed-profile-layouts over runs that are made up here: each way in which a program with
 * records of two LLVMs can fail, one that differs in the one fact it rests on, and deaths of such programs that have
 * another cause. The object with the records is engine.so.
 */
#include "made_up.h"

#define RECORD 0x5008000

static struct ex_module modules[3];
static struct ex_ev_profile profile;
static struct ex_ev_misread misread;
static const struct ex_event *writers[1];
static const char refused[] = "Runtime and instrumentation version mismatch";

/* records of two sizes, and the writer that reads all as 64 bytes */
static void setup_records(void)
{
	modules[0] = engine;
	modules[0].n = 1;
	modules[1] = heap;
	modules[1].n = 2;
	modules[2] = app;
	modules[2].n = 3;
	for (int i = 0; i < 3; i++)
		modules[i].to_ns = UINT64_MAX;
	w.image.modules = modules;
	w.image.module_count = 3;
	writers[0] = &w.events[0];
	w.image.writers = writers;
	w.image.writer_count = 1;
	profile = (struct ex_ev_profile){.module = 1,
					 .records_48 = 540,
					 .records_64 = 6402,
					 .stride = 64,
					 .version = 10,
					 .source = EX_profile_source_CODE,
					 .raw_version = 10};
	event(4, EX_EV_PROFILE, 15, &profile);
}

/* the writer dies at its turn, where its walk takes a number for an address */
static void setup_writing(void)
{
	setup();
	setup_records();
	w.crash.address = 1;
	misread = (struct ex_ev_misread){.module = 1,
					 .how = EX_misread_WALK,
					 .record = RECORD,
					 .stride = 48,
					 .read_as = 64,
					 .word = 1,
					 .address = 1};
	event(5, EX_EV_MISREAD, 901, &misread);
}

/* it dies before main ends, in a function of engine.so's runtime that was given a record */
static void setup_recording(void)
{
	setup_writing();
	w.image.first_exit = NULL;
	w.image.exit_kind = -1;
	w.teardown.count = 0;
	w.teardown.crash_row = NULL;
	w.teardown.crash_frames = 2;
	w.stack[0] = place(0x5000920, &modules[0], "engine.so");
	w.stack[0].function = 0x5000900;
	w.stack[0].source = EX_SYMBOL_SYMTAB;
	w.stack[1] = place(0x4000500, &app, "app");
	w.crash.pc = 0x5000920;
	w.crash.address = misread.address = misread.word = 0x20000000f;
	misread.how = EX_misread_REGISTER;
}

/* it ends well, its writer ran, and there is no profile */
static void setup_nothing(void)
{
	setup();
	setup_records();
	w.image.crash = NULL;
	w.image.end = EX_END_EXIT;
	w.image.signal = 0;
	w.image.writer_ran = 1;
	w.rows[ROW_WRITER].end_ns = 850;
	w.rows[ROW_WRITER].outcome = EX_outcome_of_handler_RAN;
	w.teardown.crash_row = NULL;
	w.teardown.crash_frames = 0;
	w.order[3] = w.order[4];
	w.image.event_count = 4;
	profile.raw_version = 8;
}

static const struct ex_candidate *mixed(void)
{
	first();
	for (unsigned i = 0; i < w.findings.count; i++)
		if (w.findings.candidates[i].verdict == EX_VERDICT_MIXED_PROFILE_LAYOUTS)
			return &w.findings.candidates[i];
	return NULL;
}

static int says(const struct ex_candidate *c, const char *id, const char *words)
{
	for (unsigned i = 0; c && i < c->evidence_count; i++)
		if (!strcmp(c->evidence[i].id, id) && strstr(c->evidence[i].text, words))
			return 1;
	return 0;
}

static int why_not(const char *words)
{
	return !mixed() && excludes(EX_VERDICT_MIXED_PROFILE_LAYOUTS, words);
}

static void check_writing(void)
{
	setup_writing();
	CHECK(first() == EX_VERDICT_MIXED_PROFILE_LAYOUTS && w.findings.count == 1);
	CHECK(mixed()->mixed == EX_MIXED_WRITING && !mixed()->doubt);
	CHECK(strstr(mixed()->cause, "540 records of 48 bytes (LLVM 14 to 17)") &&
	      strstr(mixed()->cause, "(LLVM 19 to 22) when the profile was written"));
	CHECK(says(mixed(), "layouts", "6402 records of 64 bytes") &&
	      says(mixed(), "layouts", "reads all as 64 bytes"));
	CHECK(says(mixed(), "misread", "engine.so+0x8000"));
	CHECK(excludes(EX_VERDICT_PROFILE_AFTER_TEARDOWN, "leads to no memory") &&
	      excludes(EX_VERDICT_PROFILE_AFTER_TEARDOWN, "3 had run, and 1 ranges"));
	CHECK(excludes(EX_VERDICT_NULL_DEREFERENCE, "inside the profile writer"));

	setup_writing(); /* in an early flush */
	w.rows[ROW_WRITER].is_early_flush = 1;
	w.teardown.crashed_in_flush = 1;
	CHECK(mixed() && mixed()->mixed == EX_MIXED_WRITING && !mixed()->doubt);
	setup_writing(); /* no library says where the record was: the arms must */
	w.image.event_count = 5;
	CHECK(mixed() && mixed()->doubt);
	setup_writing(); /* of another crash */
	misread.address = 2;
	CHECK(mixed() && mixed()->doubt);
	setup_writing(); /* of another thread */
	w.events[5].tid = 8;
	CHECK(mixed() && mixed()->doubt);
	setup_writing(); /* all records are another LLVM's */
	profile.records_64 = 0;
	CHECK(mixed() && !mixed()->doubt);
	setup_writing(); /* a fork child: its parent told of the records */
	static struct ex_image parent;
	static const struct ex_event *told[2];
	parent = w.image;
	told[0] = &w.events[0];
	told[1] = &w.events[4];
	parent.events = told;
	parent.event_count = 2;
	w.image.parent = &parent;
	w.image.begin_ns = 50;
	w.order[0] = w.order[4] = &w.events[1];
	CHECK(mixed() && !mixed()->doubt);
}

static void check_not_writing(void)
{
	setup_writing(); /* one layout, its runtime's */
	profile.records_48 = 0;
	CHECK(why_not("one layout"));
	setup_writing(); /* nothing is known of records */
	w.image.event_count = 4;
	CHECK(why_not("no object with LLVM profile records"));
	setup_writing(); /* another object's records are mixed, not those that were being written */
	profile.module = misread.module = 3;
	CHECK(why_not("being written"));
	setup_writing(); /* it was killed while it wrote */
	w.crash.code = SI_USER;
	w.crash.signo = SIGTERM;
	CHECK(why_not("was sent"));

	/* a handler took what the writer needs, and the records are mixed: that first, the arms decide */
	setup();
	setup_records();
	CHECK(first() == EX_VERDICT_PROFILE_AFTER_TEARDOWN && w.findings.count == 2);
	CHECK(mixed() && mixed()->doubt && !mixed()->handler_name);
	/* but in an allocation function no record is read, whatever a record's small word would lead to */
	setup_allocator();
	setup_records();
	CHECK(first() == EX_VERDICT_PROFILE_AFTER_TEARDOWN && why_not("allocation function"));
	setup_allocator();
	setup_records();
	misread = (struct ex_ev_misread){.module = 1, .how = EX_misread_WALK, .address = 0x10, .word = 0x10};
	event(5, EX_EV_MISREAD, 901, &misread);
	CHECK(first() == EX_VERDICT_PROFILE_AFTER_TEARDOWN && w.findings.count == 1 && why_not("allocation function"));
	CHECK(says(&w.findings.candidates[0], "entry", "malloc"));
}

static void check_recording(void)
{
	setup_recording();
	CHECK(first() == EX_VERDICT_MIXED_PROFILE_LAYOUTS && w.findings.count == 1);
	CHECK(mixed()->mixed == EX_MIXED_RECORDING && !mixed()->doubt);
	CHECK(says(mixed(), "misread", "0x20000000f"));
	setup_recording(); /* stripped: a treatment must know the function by more than that it died there */
	w.stack[0].source = EX_SYMBOL_NONE;
	CHECK(mixed() && !mixed()->recorders && mixed()->doubt);
	setup_recording(); /* in the first page: no null pointer */
	w.crash.address = misread.address = misread.word = 8;
	CHECK(first() == EX_VERDICT_MIXED_PROFILE_LAYOUTS && w.findings.count == 1);
	CHECK(excludes(EX_VERDICT_NULL_DEREFERENCE, "read by another layout"));
	setup_recording(); /* before the writer registered */
	w.image.writer_count = 0;
	w.image.has_writer = 0;
	w.order[0] = &w.events[1];
	CHECK(mixed() && !mixed()->doubt);

	setup_recording(); /* the processor tells no address: only arms can tell */
	w.crash.code = 0x80;
	w.crash.address = 0;
	CHECK(mixed() && mixed()->mixed == EX_MIXED_RECORDING && mixed()->doubt);
	misread.address = misread.word = 0; /* or the library */
	CHECK(mixed() && !mixed()->doubt);
	setup_recording(); /* in code of an object without such records */
	w.crash.code = 0x80;
	w.crash.address = 0;
	w.crash.pc = 0x4000500;
	CHECK(why_not("did not die where"));
}

/* a program with records of two LLVMs dies of whatever programs die of */
static void check_rivals(void)
{
	setup_recording(); /* a null pointer of its own, in the very object */
	w.crash.address = 0x10;
	CHECK(why_not("did not die where"));
	CHECK(first() == EX_VERDICT_NULL_DEREFERENCE);
	setup_recording(); /* a wild one */
	w.crash.address = 0x1234567;
	CHECK(first() == -1 && why_not("did not die where"));
	setup_recording(); /* sent by hand */
	w.crash.code = SI_USER;
	CHECK(why_not("was sent"));
	setup_recording(); /* abort() */
	w.crash.signo = SIGABRT;
	w.crash.code = SI_TKILL;
	w.crash.address = 0;
	CHECK(why_not("did not die where"));
	setup_writing(); /* in an exit handler that is no writer */
	w.rows[ROW_WRITER].kind = EX_ROW_HANDLER;
	w.crash.address = 0x1234567;
	CHECK(why_not("did not die where"));
	setup_writing(); /* that was written already */
	w.rows[ROW_WRITER].end_ns = 850;
	w.rows[ROW_WRITER].outcome = EX_outcome_of_handler_RAN;
	w.image.writer_ran = 1;
	w.teardown.crash_row = NULL;
	w.stack[0] = w.stack[1] = place(0x4000500, &app, "app");
	w.crash.address = 0x1234567;
	CHECK(why_not("did not die where"));
	setup_writing(); /* killed from outside: nothing saw it */
	w.image.crash = NULL;
	w.image.signal = SIGKILL;
	CHECK(why_not("not seen to die"));
	setup_writing(); /* we ended it */
	w.facts.timed_out = 1;
	CHECK(!mixed());
}

static void check_nothing(void)
{
	setup_nothing();
	CHECK(first() == EX_VERDICT_MIXED_PROFILE_LAYOUTS && w.findings.count == 1);
	CHECK(mixed()->mixed == EX_MIXED_NOTHING && !mixed()->doubt);
	CHECK(strstr(mixed()->cause, "found version 8 (LLVM 14 to 17), and refused"));
	CHECK(says(mixed(), "raw-version", "is 8 in it") &&
	      says(mixed(), "file", "0 whole raw profiles were found after the run, where 1"));
	setup_nothing(); /* the check passed, and what was written cannot be read: other reasons are possible */
	profile.raw_version = 10;
	CHECK(mixed() && mixed()->doubt && strstr(mixed()->cause, "cannot be read"));
	w.facts.mismatch = refused;
	CHECK(mixed() && !mixed()->doubt && says(mixed(), "refused", "mismatch"));
	setup_nothing(); /* nobody knows where it would be */
	w.facts.profiles = -1;
	CHECK(why_not("nobody knows"));
	w.facts.mismatch = refused; /* but its runtime says that there is none */
	CHECK(mixed() && !mixed()->doubt);
	setup_nothing();
	w.facts.profiles = 1;
	CHECK(why_not("a whole profile of each object was found"));
	w.facts.profiles_due = 2; /* another object's */
	CHECK(mixed() && !mixed()->doubt);
	setup_nothing(); /* its writer had no turn */
	w.image.writer_ran = 0;
	CHECK(why_not("did not run"));
	setup_nothing(); /* bad for another reason: its status */
	w.facts.is_bad = 1;
	CHECK(why_not("not seen to die"));
	setup_nothing(); /* one LLVM: whatever became of its profile */
	profile.records_48 = 0;
	profile.raw_version = 10;
	CHECK(why_not("one layout"));
}

/* it left without its turn: that is what there is to say, and that the writer could not have done it */
static void check_lost(void)
{
	setup_nothing();
	w.image.end = EX_END_FAST;
	w.image.exit_kind = EX_exit_FAST;
	w.image.writer_ran = 0;
	w.teardown.count = 0;
	CHECK(first() == EX_VERDICT_PROFILE_LOST && w.findings.count == 1);
	CHECK(w.findings.candidates[0].profile && says(&w.findings.candidates[0], "layouts", "48 bytes"));
	profile.records_48 = 0;
	profile.raw_version = 10;
	CHECK(first() == EX_VERDICT_PROFILE_LOST && !w.findings.candidates[0].profile);
}

int main(void)
{
	check_writing();
	check_not_writing();
	check_recording();
	check_rivals();
	check_nothing();
	check_lost();
	CHECK_DONE();
}
