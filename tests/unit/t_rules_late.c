/*
 * t_rules_late.c: the rules about what is used after it is gone, over teardowns that are made up: for each verdict a case
 * that shows it, one that differs in the one fact it rests on, and the rival causes that look like it.
 */
#include "made_up.h"

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
	setup_unloaded(); /* it is told as there, but dlclose is at work, and code cannot be fetched from it */
	w.rows[ROW_H].took_count = 0;
	w.image.modules->to_ns = UINT64_MAX;
	event(4, EX_EV_DLCLOSE, 850, NULL);
	CHECK(first() == EX_VERDICT_UNLOADED_MODULE);
	w.crash.pc = 0x4000700; /* code can */
	CHECK(!has(EX_VERDICT_UNLOADED_MODULE));
	setup_unloaded(); /* what dlclose took has been told */
	w.image.modules->to_ns = UINT64_MAX;
	event(4, EX_EV_DLCLOSE, 850, NULL);
	event(5, EX_EV_MODULE_GONE, 860, NULL);
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
	CHECK_DONE();
}
