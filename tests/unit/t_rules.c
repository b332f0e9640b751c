/*
 * t_rules.c: the rules of diagnose over teardowns that are made up here: for each verdict a case that shows it, one
 * that differs in the one fact it rests on, and the rival causes that look like it. No case has a name that a rule
 * could hold on to.
 */
#include "rules.h"

#include "check.h"

#include <signal.h>
#include <stdlib.h>

#define WRITER 0x5000100
#define H_FN 0x6000200
#define OTHER_FN 0x6000300
#define MALLOC_FN 0x6000400
#define POOL 0x70000000
#define POOL_BYTES 0x10000

static struct ex_module engine = {.begin = 0x5000000, .end = 0x5010000, .bias = 0x5000000, .path = "/x/engine.so"};
static struct ex_module heap = {.begin = 0x6000000, .end = 0x6010000, .bias = 0x6000000, .path = "/x/heap.so"};
static struct ex_module app = {.begin = 0x4000000, .end = 0x4010000, .bias = 0x4000000, .path = "/x/app"};

/* one made-up run; a case changes what it is about */
static struct world {
	struct ex_event events[12];
	const struct ex_event *order[12];
	struct ex_ev_crash crash;
	struct ex_ev_exit_begin exit;
	struct ex_ev_writer writer;
	struct ex_ev_entry entry;
	struct ex_ev_crash earlier;
	struct ex_ev_detour detour;
	struct ex_ev_finalize_begin finalize;
	struct ex_ev_release release;
	struct ex_trace trace;
	struct ex_image image;
	struct ex_processes processes;
	struct ex_row rows[6];
	struct ex_took took;
	struct ex_place stack[4];
	struct ex_teardown teardown;
	struct ex_facts facts;
	struct ex_findings findings;
} w;

enum { ROW_MAIN_END, ROW_FINI, ROW_H, ROW_OTHER, ROW_WRITER };

static struct ex_place place(uint64_t address, const struct ex_module *module, const char *name)
{
	return (struct ex_place){.address = address,
				 .module = module,
				 .module_name = name,
				 .offset = address - module->bias,
				 .function = address};
}

static void event(unsigned n, int id, uint64_t time_ns, const void *fixed)
{
	w.events[n] =
		(struct ex_event){.time_ns = time_ns, .pid = 7, .tid = 7, .meta = ex_event_by_id(id), .fixed = fixed};
	w.events[n].tail[0].bytes = "malloc";
	w.order[n] = &w.events[n];
	w.image.event_count = n + 1;
}

static struct ex_row row(unsigned n, int kind, int handler_kind, unsigned depth, struct ex_place at, uint64_t begin_ns,
			 uint64_t end_ns)
{
	return (struct ex_row){.n = n,
			       .kind = kind,
			       .handler_kind = handler_kind,
			       .id = n,
			       .depth = depth,
			       .tid = 7,
			       .place = at,
			       .begin_ns = begin_ns,
			       .end_ns = end_ns,
			       .alive_after = -1,
			       .outcome = end_ns ? EX_outcome_of_handler_RAN : -1};
}

/* heap.so's handler H unmaps the pool, then the writer of engine.so faults in it */
static void setup(void)
{
	memset(&w, 0, sizeof(w));
	w.crash = (struct ex_ev_crash){.signo = SIGSEGV, .code = SEGV_MAPERR, .address = POOL + 0x123};
	w.exit = (struct ex_ev_exit_begin){.kind = EX_exit_MAIN};
	w.entry = (struct ex_ev_entry){.fn = MALLOC_FN};
	w.writer = (struct ex_ev_writer){.id = 5, .fn = WRITER};
	event(0, EX_EV_WRITER, 10, &w.writer);
	event(1, EX_EV_ENTRY, 20, &w.entry);
	event(2, EX_EV_EXIT_BEGIN, 100, &w.exit);
	event(3, EX_EV_CRASH, 900, &w.crash);
	w.image.pid = 7;
	w.image.exe = "/x/app";
	w.image.events = w.order;
	w.image.has_writer = 1;
	w.image.end = EX_END_SIGNAL;
	w.image.signal = SIGSEGV;
	w.image.exit_kind = EX_exit_MAIN;
	w.image.crash = &w.events[3];
	w.image.first_exit = &w.events[2];
	w.processes = (struct ex_processes){.trace = &w.trace, .images = &w.image, .count = 1, .judged = &w.image};
	w.rows[ROW_MAIN_END] = row(1, EX_ROW_MAIN_END, -1, 0, place(0x4000100, &app, "app"), 90, 91);
	w.rows[ROW_MAIN_END].id = 0;
	w.rows[ROW_FINI] = row(2, EX_ROW_FINI, EX_handler_FINI_ARRAY, 0, place(0x6000100, &heap, "heap.so"), 200, 400);
	w.rows[ROW_H] = row(3, EX_ROW_HANDLER, EX_handler_ATEXIT, 1, place(H_FN, &heap, "heap.so"), 210, 300);
	w.rows[ROW_OTHER] = row(4, EX_ROW_FINI, EX_handler_DT_FINI, 0, place(OTHER_FN, &heap, "heap.so"), 410, 420);
	w.rows[ROW_WRITER] =
		row(5, EX_ROW_PROFILE_WRITE, EX_handler_ATEXIT, 0, place(WRITER, &engine, "engine.so"), 800, 0);
	w.took = (struct ex_took){.begin = POOL, .end = POOL + POOL_BYTES, .how = EX_release_MUNMAP};
	w.rows[ROW_H].took = &w.took;
	w.rows[ROW_H].took_count = 1;
	w.stack[0] = place(0x5000900, &engine, "engine.so");
	w.stack[1] = place(WRITER, &engine, "engine.so");
	w.teardown = (struct ex_teardown){.image = &w.image,
					  .rows = w.rows,
					  .count = 5,
					  .alive_before = -1,
					  .crash_row = &w.rows[ROW_WRITER],
					  .crash_stack = w.stack,
					  .crash_frames = 2};
	w.facts = (struct ex_facts){.processes = &w.processes, .teardown = &w.teardown, .profiles = 0};
}

/* the other form: the fault is at address 0x10 inside malloc, which the writer called; probes tell who broke it */
static void setup_allocator(void)
{
	setup();
	w.crash.address = 0x10;
	w.stack[0] = place(MALLOC_FN, &heap, "heap.so");
	w.stack[1] = place(0x5000900, &engine, "engine.so");
	w.stack[2] = place(WRITER, &engine, "engine.so");
	w.teardown.crash_frames = 3;
	w.teardown.alive_before = EX_life_ALIVE;
	w.rows[ROW_MAIN_END].alive_after = EX_life_ALIVE;
	w.rows[ROW_H].alive_after = EX_life_DEAD;
	w.rows[ROW_H].probe_signal = SIGSEGV;
	w.rows[ROW_FINI].alive_after = EX_life_DEAD;
	w.rows[ROW_OTHER].alive_after = EX_life_DEAD;
}

static int first(void)
{
	ex_rules_apply(&w.findings, &w.facts);
	return w.findings.count ? (int)w.findings.candidates[0].verdict : -1;
}

static int excludes(enum ex_verdict verdict, const char *words)
{
	for (unsigned i = 0; i < w.findings.excluded_count; i++)
		if (w.findings.excluded[i].verdict == verdict && strstr(w.findings.excluded[i].why, words))
			return 1;
	return 0;
}

static void check_memory(void)
{
	setup();
	CHECK(first() == EX_VERDICT_PROFILE_AFTER_TEARDOWN);
	CHECK(w.findings.candidates[0].handler == &w.rows[ROW_H]);
	CHECK(!strcmp(w.findings.candidates[0].handler_name, "heap.so+0x200"));
	CHECK(w.findings.candidates[0].sham == &w.rows[ROW_OTHER]);
	CHECK(!excludes(EX_VERDICT_PROFILE_AFTER_TEARDOWN, ""));

	/* seen in the map only */
	setup();
	w.took.how = EX_release_GONE;
	CHECK(first() == EX_VERDICT_PROFILE_AFTER_TEARDOWN);

	/* reported for the finalizer around H as well: H is the innermost */
	setup();
	w.rows[ROW_FINI].took = &w.took;
	w.rows[ROW_FINI].took_count = 1;
	CHECK(first() == EX_VERDICT_PROFILE_AFTER_TEARDOWN && w.findings.candidates[0].handler == &w.rows[ROW_H]);

	/* two handlers took it one after the other (it was mapped again in between): the latter counts */
	setup();
	w.rows[ROW_OTHER].took = &w.took;
	w.rows[ROW_OTHER].took_count = 1;
	CHECK(first() == EX_VERDICT_PROFILE_AFTER_TEARDOWN && w.findings.candidates[0].handler == &w.rows[ROW_OTHER]);

	/* the crash row is not known, but the writer is on the stack */
	setup();
	w.teardown.crash_row = NULL;
	CHECK(first() == EX_VERDICT_PROFILE_AFTER_TEARDOWN);
}

static void check_not_memory(void)
{
	setup(); /* an address that nobody took */
	w.crash.address = POOL - 8;
	CHECK(first() == -1);
	CHECK(excludes(EX_VERDICT_PROFILE_AFTER_TEARDOWN, "leads to no memory"));
	setup(); /* one past its end */
	w.crash.address = POOL + POOL_BYTES;
	CHECK(first() == -1);
	setup(); /* taken while the writer was running */
	w.rows[ROW_H].end_ns = 850;
	w.rows[ROW_FINI].end_ns = 860;
	CHECK(first() == -1);
	setup(); /* the handler was skipped, so it took nothing */
	w.rows[ROW_H].outcome = EX_outcome_of_handler_SKIPPED;
	CHECK(first() == -1);
	setup(); /* discarded pages do not fault */
	w.took.how = EX_release_MADVISE;
	CHECK(first() == -1);
	setup(); /* something else is mapped there by now */
	w.crash.code = SEGV_ACCERR;
	CHECK(first() == -1);
	setup(); /* no address comes with this code */
	w.crash.code = 0x80;
	CHECK(first() == -1);
	setup(); /* si_addr of an illegal instruction is the pc */
	w.crash.signo = SIGILL;
	CHECK(first() == -1);
	setup(); /* the signal was sent */
	w.crash.code = SI_TKILL;
	CHECK(first() == -1);
	setup(); /* another handler crashes on it while the writer waits its turn */
	w.rows[ROW_WRITER].kind = EX_ROW_HANDLER;
	CHECK(first() == -1);
	CHECK(excludes(EX_VERDICT_PROFILE_AFTER_TEARDOWN, "not die inside"));
	CHECK(w.findings.taken.text != NULL);
	setup(); /* the writer had ended before the crash */
	w.rows[ROW_WRITER].end_ns = 850;
	w.rows[ROW_WRITER].outcome = EX_outcome_of_handler_RAN;
	w.teardown.crash_row = NULL;
	CHECK(first() == -1);
	setup(); /* the allocator was dead before the first handler */
	w.teardown.alive_before = EX_life_DEAD;
	CHECK(first() == -1);
	setup(); /* the handler lies in no module: it cannot be named to a treatment */
	w.rows[ROW_H].place.module = NULL;
	CHECK(first() == -1);
}

static void check_allocator(void)
{
	setup_allocator();
	CHECK(first() == EX_VERDICT_PROFILE_AFTER_TEARDOWN);
	CHECK(w.findings.candidates[0].handler == &w.rows[ROW_H]);
	CHECK(!excludes(EX_VERDICT_PROFILE_AFTER_TEARDOWN, ""));
	CHECK(excludes(EX_VERDICT_NULL_DEREFERENCE, "inside the profile writer"));

	/* the allocator is another module's, yet H took what it served from */
	setup_allocator();
	w.stack[0].module = &app;
	w.rows[ROW_H].probe_block = POOL + 64;
	CHECK(first() == EX_VERDICT_PROFILE_AFTER_TEARDOWN);

	setup_allocator(); /* H neither took its memory nor belongs to it: damage, not teardown */
	w.stack[0].module = &app;
	CHECK(first() == -1);
	CHECK(excludes(EX_VERDICT_PROFILE_AFTER_TEARDOWN, "damaged"));
	setup_allocator(); /* a heap check gave up */
	w.crash.signo = SIGABRT;
	w.crash.code = SI_TKILL;
	CHECK(first() == -1);
	setup_allocator(); /* in the allocator's module, but in none of its entries */
	w.stack[0].function += 16;
	CHECK(first() == -1);
	setup_allocator(); /* its entry is on the stack, but outside the writer's call */
	w.stack[0] = place(0x5000900, &engine, "engine.so");
	w.stack[3] = place(MALLOC_FN, &heap, "heap.so");
	w.teardown.crash_frames = 4;
	CHECK(first() == -1);
	setup_allocator(); /* alive all along */
	for (int i = 0; i < 5; i++)
		w.rows[i].alive_after = EX_life_ALIVE;
	CHECK(first() == -1);
	setup_allocator(); /* it recovered */
	w.rows[ROW_OTHER].alive_after = EX_life_ALIVE;
	CHECK(first() == -1);
	setup_allocator(); /* dead from the start */
	w.teardown.alive_before = EX_life_DEAD;
	w.rows[ROW_MAIN_END].alive_after = EX_life_DEAD;
	CHECK(first() == -1);
	CHECK(excludes(EX_VERDICT_PROFILE_AFTER_TEARDOWN, "before the first"));
	setup_allocator(); /* nobody saw it alive */
	w.teardown.alive_before = -1;
	w.rows[ROW_MAIN_END].alive_after = -1;
	CHECK(first() == -1);
	setup_allocator(); /* it died while the writer was running */
	w.rows[ROW_H].alive_after = w.rows[ROW_FINI].alive_after = w.rows[ROW_OTHER].alive_after = EX_life_ALIVE;
	w.rows[ROW_WRITER].alive_after = EX_life_DEAD;
	CHECK(first() == -1);
}

static void check_sham(void)
{
	setup(); /* what contains H or the writer is no control */
	w.rows[ROW_OTHER] =
		row(4, EX_ROW_FINI, EX_handler_FINI_ARRAY, 0, place(OTHER_FN, &engine, "engine.so"), 410, 0);
	w.rows[ROW_WRITER].depth = 1;
	CHECK(first() == EX_VERDICT_PROFILE_AFTER_TEARDOWN && !w.findings.candidates[0].sham);
	setup(); /* nor what runs inside H */
	w.rows[ROW_OTHER] = row(4, EX_ROW_HANDLER, EX_handler_ATEXIT, 2, place(OTHER_FN, &heap, "heap.so"), 220, 230);
	CHECK(first() == EX_VERDICT_PROFILE_AFTER_TEARDOWN && !w.findings.candidates[0].sham);
	setup(); /* nor what has H's address: the treatment could not tell them apart */
	w.rows[ROW_OTHER].place.address = H_FN;
	CHECK(first() == EX_VERDICT_PROFILE_AFTER_TEARDOWN && !w.findings.candidates[0].sham);
	setup(); /* nor what registered H: leaving it out leaves out H */
	w.events[5] = (struct ex_event){.time_ns = w.rows[ROW_OTHER].begin_ns + 1, .tid = 7};
	w.rows[ROW_H].registration = &w.events[5];
	CHECK(first() == EX_VERDICT_PROFILE_AFTER_TEARDOWN && !w.findings.candidates[0].sham);
	w.events[5].tid = 8;
	CHECK(first() == EX_VERDICT_PROFILE_AFTER_TEARDOWN && w.findings.candidates[0].sham);
}

/* left by a call instead of a crash */
static void setup_lost(enum ex_end_kind end, int exit_kind)
{
	setup();
	w.teardown.count = 0;
	w.teardown.crash_row = NULL;
	w.teardown.crash_frames = 0;
	w.image.crash = NULL;
	w.image.event_count = 3;
	w.image.end = end;
	w.image.exit_kind = exit_kind;
	w.image.signal = end == EX_END_ABORT ? SIGABRT : 0;
	w.exit.kind = (uint8_t)exit_kind;
}

static void setup_sent(int signo, int code)
{
	setup_lost(EX_END_SIGNAL, -1);
	w.image.first_exit = NULL;
	w.image.signal = signo;
	w.image.event_count = 4;
	w.image.crash = &w.events[3];
	w.crash = (struct ex_ev_crash){.signo = signo, .code = code, .sender = 7};
}

static void check_lost(void)
{
	setup_lost(EX_END_FAST, EX_exit_FAST);
	CHECK(first() == EX_VERDICT_PROFILE_LOST && !w.findings.candidates[0].by_signal);
	setup_lost(EX_END_QUICK, EX_exit_QUICK);
	CHECK(first() == EX_VERDICT_PROFILE_LOST);
	setup_lost(EX_END_ABORT, EX_exit_ABORT);
	CHECK(first() == EX_VERDICT_PROFILE_LOST);
	setup_sent(SIGTERM, SI_USER);
	CHECK(first() == EX_VERDICT_PROFILE_LOST && w.findings.candidates[0].by_signal);
	setup_sent(SIGSEGV, SI_TKILL); /* raise */
	CHECK(first() == EX_VERDICT_PROFILE_LOST);
	setup_lost(EX_END_SIGNAL, -1); /* nothing in the process saw it */
	w.image.signal = SIGKILL;
	CHECK(first() == EX_VERDICT_PROFILE_LOST);

	setup_lost(EX_END_FAST, EX_exit_FAST); /* no writer */
	w.image.has_writer = 0;
	CHECK(first() == -1);
	setup_lost(EX_END_FAST, EX_exit_FAST); /* a fork child with its parent's writer */
	w.order[0] = &w.events[1];
	CHECK(first() == -1);
	setup_lost(EX_END_FAST, EX_exit_FAST); /* the writer ran */
	w.image.writer_ran = 1;
	CHECK(first() == -1);
	setup_lost(EX_END_FAST, EX_exit_FAST); /* the program wrote it by itself */
	w.facts.profiles = 1;
	CHECK(first() == -1);
	CHECK(excludes(EX_VERDICT_PROFILE_LOST, "by itself"));
	setup_lost(EX_END_EXIT, EX_exit_EXIT); /* a plain exit */
	CHECK(first() == -1);
	setup_lost(EX_END_EXEC, -1);
	CHECK(first() == -1);
	setup_lost(EX_END_FAST, EX_exit_FAST); /* we killed it */
	w.facts.timed_out = 1;
	CHECK(first() == -1);
	setup(); /* died while it was being written */
	w.crash.address = 1;
	CHECK(first() == -1);
	CHECK(excludes(EX_VERDICT_PROFILE_LOST, "while the profile writer was running"));
	setup_sent(SIGSEGV, SEGV_MAPERR); /* a fault of its own: that is the cause */
	w.crash.address = 0x1234567;
	CHECK(first() == -1);
	CHECK(w.findings.lost.text != NULL);
	setup_sent(SIGABRT, SI_TKILL); /* libc's own abort */
	w.stack[0].symbol = "abort";
	w.teardown.crash_frames = 1;
	CHECK(first() == -1);
	setup_sent(SIGABRT, SI_TKILL); /* raise(SIGABRT) by the program */
	w.teardown.crash_frames = 2;
	CHECK(first() == EX_VERDICT_PROFILE_LOST);
	setup_lost(EX_END_SIGNAL, -1); /* a fault signal that the process did not see: sent or not? */
	w.image.signal = SIGSEGV;
	CHECK(first() == -1);
	setup_lost(EX_END_FAST, EX_exit_FAST); /* _exit out of its own SIGSEGV handler */
	w.earlier = (struct ex_ev_crash){.signo = SIGSEGV, .code = SEGV_MAPERR, .disposition = EX_disposition_PROGRAM};
	event(3, EX_EV_EXIT_BEGIN, 200, &w.exit);
	event(2, EX_EV_CRASH, 150, &w.earlier);
	w.image.event_count = 4;
	w.image.first_exit = &w.events[3];
	CHECK(first() == -1);
	CHECK(excludes(EX_VERDICT_PROFILE_LOST, "own handler of a fault"));
}

static void check_null(void)
{
	setup_sent(SIGSEGV, SEGV_MAPERR);
	w.crash.address = 24;
	w.teardown.crash_frames = 1;
	w.stack[0] = place(0x4000500, &app, "app");
	CHECK(first() == EX_VERDICT_NULL_DEREFERENCE);
	w.crash.address = 4095;
	CHECK(first() == EX_VERDICT_NULL_DEREFERENCE);
	w.crash.address = 4096;
	CHECK(first() == -1);
	w.crash.address = 0;
	w.crash.code = 0x80; /* a non-canonical address: the kernel names none, and 0 comes with it */
	CHECK(first() == -1);
	w.crash.code = SEGV_MAPERR;
	w.crash.signo = SIGFPE;
	CHECK(first() == -1);
	w.crash.signo = SIGSEGV;
	w.stack[0] = place(MALLOC_FN, &heap, "heap.so"); /* the allocator's null, not the program's */
	CHECK(first() == -1);
	setup_allocator(); /* after the allocator died */
	w.rows[ROW_WRITER] = row(5, EX_ROW_HANDLER, EX_handler_ATEXIT, 0, place(0x4000700, &app, "app"), 800, 0);
	w.stack[0] = place(0x4000700, &app, "app");
	CHECK(first() == -1);
	setup(); /* the writer's own: mixed record layouts look like this */
	w.crash.address = 1;
	CHECK(first() == -1);
}

/* a handler of the program's own reads what H has unmapped */
static void setup_late(void)
{
	setup();
	w.facts.is_bad = 1;
	w.image.has_writer = 0;
	w.rows[ROW_WRITER] = row(5, EX_ROW_HANDLER, EX_handler_ATEXIT, 0, place(0x4000700, &app, "app"), 800, 0);
	w.stack[0] = place(0x4000700, &app, "app");
	w.teardown.crash_frames = 1;
}

static int has(enum ex_verdict verdict)
{
	first();
	for (unsigned i = 0; i < w.findings.count; i++)
		if (w.findings.candidates[i].verdict == verdict)
			return 1;
	return 0;
}

static void check_heap(void)
{
	setup_late();
	CHECK(first() == EX_VERDICT_HEAP_AFTER_TEARDOWN && w.findings.count == 1);
	CHECK(w.findings.candidates[0].handler == &w.rows[ROW_H]);
	CHECK(w.findings.candidates[0].sham == &w.rows[ROW_OTHER]);
	CHECK(w.findings.candidates[0].can_keep);
	CHECK(strstr(w.findings.candidates[0].cause, "app+0x700") &&
	      strstr(w.findings.candidates[0].cause, "heap.so+0x200"));
	setup_late(); /* seen in the map only: nothing could have been kept */
	w.took.how = EX_release_GONE;
	CHECK(first() == EX_VERDICT_HEAP_AFTER_TEARDOWN && !w.findings.candidates[0].can_keep);
	setup_late(); /* after the last handler */
	w.teardown.crash_row = NULL;
	CHECK(first() == EX_VERDICT_HEAP_AFTER_TEARDOWN);
	setup_late(); /* the allocator is gone, and the handler had called it */
	w.crash.address = 0x10;
	w.stack[0] = place(MALLOC_FN, &heap, "heap.so");
	w.teardown.alive_before = EX_life_ALIVE;
	w.rows[ROW_H].alive_after = EX_life_DEAD;
	CHECK(first() == EX_VERDICT_HEAP_AFTER_TEARDOWN && w.findings.count == 1);
	CHECK(!w.findings.candidates[0].can_keep);
	CHECK(excludes(EX_VERDICT_NULL_DEREFERENCE, "inside an allocation function"));

	setup_late(); /* its own null pointer */
	w.crash.address = 0x10;
	CHECK(first() == EX_VERDICT_NULL_DEREFERENCE && w.findings.count == 1);
	setup_late(); /* or one that was read where H made memory read as zero: arms must tell */
	w.crash.address = 0x10;
	w.took.how = EX_release_MADVISE;
	CHECK(first() == EX_VERDICT_HEAP_AFTER_TEARDOWN && w.findings.candidates[0].doubt);
	CHECK(w.findings.count == 2 && w.findings.candidates[1].verdict == EX_VERDICT_NULL_DEREFERENCE);
	setup_late(); /* where nothing was */
	w.crash.address = POOL + POOL_BYTES;
	CHECK(first() == -1);
	setup_late(); /* it took it by itself */
	w.rows[ROW_WRITER].took = &w.took;
	w.rows[ROW_WRITER].took_count = 1;
	w.rows[ROW_H].took_count = 0;
	CHECK(first() == -1);
	setup_late(); /* before exit */
	w.image.first_exit = NULL;
	w.teardown.crash_row = NULL;
	CHECK(!has(EX_VERDICT_HEAP_AFTER_TEARDOWN));
	setup_late(); /* the run did not end badly */
	w.facts.is_bad = 0;
	CHECK(!has(EX_VERDICT_HEAP_AFTER_TEARDOWN));
	setup(); /* the profile writer has a rule of its own */
	w.facts.is_bad = 1;
	CHECK(first() == EX_VERDICT_PROFILE_AFTER_TEARDOWN && !has(EX_VERDICT_HEAP_AFTER_TEARDOWN));
}

/* libc, between two handlers of one object, reads its list in the pool */
static void setup_list(void)
{
	static struct ex_module libc = {.begin = 0x8000000, .end = 0x8010000, .bias = 0x8000000, .path = "/x/l"};
	setup_late();
	w.rows[ROW_WRITER] =
		row(5, EX_ROW_FINI, EX_handler_FINI_ARRAY, 0, place(0x5000700, &engine, "engine.so"), 800, 0);
	w.stack[0] = place(0x8000100, &libc, "l");
	w.detour = (struct ex_ev_detour){.fn = 0x8000900};
	event(4, EX_EV_DETOUR, 5, &w.detour);
	event(5, EX_EV_FINALIZE_BEGIN, 810, &w.finalize);
}

static void check_list(void)
{
	setup_list();
	CHECK(first() == EX_VERDICT_EXIT_LIST_ON_DEAD_HEAP && w.findings.count == 1);
	CHECK(w.findings.candidates[0].handler == &w.rows[ROW_H]);
	CHECK(excludes(EX_VERDICT_HEAP_AFTER_TEARDOWN, "runs exit handlers"));
	setup_list(); /* a handler has called libc */
	w.rows[ROW_WRITER].kind = EX_ROW_HANDLER;
	CHECK(first() == EX_VERDICT_HEAP_AFTER_TEARDOWN && !has(EX_VERDICT_EXIT_LIST_ON_DEAD_HEAP));
	setup_list(); /* a finalizer has called libc */
	w.image.event_count = 5;
	CHECK(first() == EX_VERDICT_HEAP_AFTER_TEARDOWN && !has(EX_VERDICT_EXIT_LIST_ON_DEAD_HEAP));
	setup_list(); /* all its handlers have run */
	event(6, EX_EV_FINALIZE_END, 820, &w.finalize);
	CHECK(!has(EX_VERDICT_EXIT_LIST_ON_DEAD_HEAP));
	setup_list(); /* not in libc */
	w.detour.fn = 0x9000000;
	CHECK(!has(EX_VERDICT_EXIT_LIST_ON_DEAD_HEAP));
	setup_list(); /* not on what a handler took */
	w.crash.address = POOL - 8;
	CHECK(first() == -1);
	setup_list(); /* in another thread */
	w.events[3].tid = 8;
	CHECK(!has(EX_VERDICT_EXIT_LIST_ON_DEAD_HEAP));
}

static void setup_unloaded(void)
{
	static struct ex_module gone = {.begin = POOL,
					.end = POOL + POOL_BYTES,
					.bias = POOL,
					.to_ns = 500,
					.path = "/x/g"};
	setup_late();
	gone.to_ns = 500;
	w.image.modules = &gone;
	w.image.module_count = 1;
	w.crash.pc = w.crash.address;
}

static void check_unloaded(void)
{
	setup_unloaded(); /* by H, so that it took it, too */
	CHECK(first() == EX_VERDICT_UNLOADED_MODULE && w.findings.count == 1);
	CHECK(strstr(w.findings.candidates[0].cause, "ran code of g,") != NULL);
	CHECK(excludes(EX_VERDICT_HEAP_AFTER_TEARDOWN, "unloaded"));
	setup_unloaded(); /* long before exit */
	w.image.first_exit = NULL;
	w.rows[ROW_H].took_count = 0;
	CHECK(first() == EX_VERDICT_UNLOADED_MODULE);
	setup_unloaded();
	w.crash.pc = 0x4000700;
	CHECK(first() == EX_VERDICT_UNLOADED_MODULE);
	CHECK(strstr(w.findings.candidates[0].cause, "used data of g,") != NULL);
	setup_unloaded(); /* elsewhere */
	w.crash.pc = 0x4000700;
	w.crash.address = POOL + POOL_BYTES;
	CHECK(first() == -1);
	setup_unloaded(); /* it is there */
	w.image.modules->to_ns = UINT64_MAX;
	CHECK(!has(EX_VERDICT_UNLOADED_MODULE));
	setup_unloaded(); /* the signal was sent */
	w.crash.code = SI_TKILL;
	CHECK(!has(EX_VERDICT_UNLOADED_MODULE));
}

/* thread 8 dies on what H took in thread 7 */
static void setup_thread(void)
{
	setup_late();
	w.events[3].tid = 8;
	w.teardown.crash_row = NULL;
	w.rows[ROW_WRITER].end_ns = 850;
	w.rows[ROW_WRITER].outcome = EX_outcome_of_handler_RAN;
}

static void check_threads(void)
{
	setup_thread();
	CHECK(first() == EX_VERDICT_THREADS_AT_EXIT && w.findings.count == 1);
	CHECK(w.findings.candidates[0].handler == &w.rows[ROW_H]);
	CHECK(excludes(EX_VERDICT_HEAP_AFTER_TEARDOWN, "not the one that exits"));

	setup_thread(); /* H is still at it */
	w.rows[ROW_H].end_ns = w.rows[ROW_FINI].end_ns = 0;
	w.rows[ROW_H].outcome = w.rows[ROW_FINI].outcome = -1;
	CHECK(first() == -1);
	w.release = (struct ex_ev_release){.begin = POOL, .end = POOL + POOL_BYTES, .id = w.rows[ROW_H].id};
	event(4, EX_EV_RELEASE, 250, &w.release);
	CHECK(first() == EX_VERDICT_THREADS_AT_EXIT && w.findings.candidates[0].handler == &w.rows[ROW_H]);
	w.events[4].time_ns = 950; /* not yet */
	CHECK(first() == -1);

	setup_thread(); /* no handler gave it back */
	w.release = (struct ex_ev_release){.begin = POOL, .end = POOL + POOL_BYTES};
	event(4, EX_EV_RELEASE, 250, &w.release);
	CHECK(first() == -1 && excludes(EX_VERDICT_THREADS_AT_EXIT, "not by an exit handler"));
	setup_thread(); /* its own null pointer */
	w.crash.address = 0x10;
	CHECK(first() == -1);
	setup_thread(); /* before exit */
	w.image.first_exit = NULL;
	CHECK(!has(EX_VERDICT_THREADS_AT_EXIT));
}

static void check_foreign(void)
{
	setup_late();
	w.image.event_count = 4;
	w.crash = (struct ex_ev_crash){.signo = SIGABRT, .code = SI_TKILL, .sender = 7};
	w.events[1].tail[0].bytes = "free";
	w.stack[1] = place(MALLOC_FN, &heap, "heap.so");
	w.stack[2] = place(0x4000720, &app, "app");
	w.teardown.crash_frames = 3;
	CHECK(first() == EX_VERDICT_FOREIGN_FREE);
	CHECK(w.findings.candidates[0].doubt && w.findings.candidates[0].caller_offset == 0x720);
	w.teardown.crash_frames = 2; /* nobody knows who called it */
	CHECK(first() == -1);
	w.teardown.crash_frames = 3;
	w.events[1].tail[0].bytes = "malloc"; /* it does not free */
	CHECK(first() == -1);
}

int main(void)
{
	check_heap();
	check_list();
	check_unloaded();
	check_threads();
	check_foreign();
	check_memory();
	check_not_memory();
	check_allocator();
	check_sham();
	check_lost();
	check_null();
	CHECK_DONE();
}
