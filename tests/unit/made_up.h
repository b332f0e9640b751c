/*
 * made_up.h: one made-up run for the unit tests of rules: heap.so's handler H unmaps a pool, then something of engine.so
 * or of the program faults in it. A case changes what it is about. No case has a name that a rule could hold on to.
 */
#ifndef UNIT_MADE_UP_H
#define UNIT_MADE_UP_H

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

static inline struct ex_place place(uint64_t address, const struct ex_module *module, const char *name)
{
	return (struct ex_place){.address = address,
				 .module = module,
				 .module_name = name,
				 .offset = address - module->bias,
				 .function = address};
}

static inline void event(unsigned n, int id, uint64_t time_ns, const void *fixed)
{
	w.events[n] =
		(struct ex_event){.time_ns = time_ns, .pid = 7, .tid = 7, .meta = ex_event_by_id(id), .fixed = fixed};
	w.events[n].tail[0].bytes = "malloc";
	w.order[n] = &w.events[n];
	w.image.event_count = n + 1;
}

static inline struct ex_row row(unsigned n, int kind, int handler_kind, unsigned depth, struct ex_place at,
				uint64_t begin_ns, uint64_t end_ns)
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
static inline void setup(void)
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
static inline void setup_allocator(void)
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

static inline int first(void)
{
	ex_rules_apply(&w.findings, &w.facts);
	return w.findings.count ? (int)w.findings.candidates[0].verdict : -1;
}

static inline int excludes(enum ex_verdict verdict, const char *words)
{
	for (unsigned i = 0; i < w.findings.excluded_count; i++)
		if (w.findings.excluded[i].verdict == verdict && strstr(w.findings.excluded[i].why, words))
			return 1;
	return 0;
}

#endif
