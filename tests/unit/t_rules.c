/*
 * t_rules.c: the rules of diagnose over teardowns that are made up here: for each verdict a case that shows it, one
 * that differs in the one fact it rests on, and the rival causes that look like it. No case has a name that a rule
 * could hold on to.
 */
#include "made_up.h"

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

int main(void)
{
	check_memory();
	check_not_memory();
	check_allocator();
	check_sham();
	check_lost();
	check_null();
	CHECK_DONE();
}
