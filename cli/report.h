/*
 * report.h: everything that `exeunt report` says about one process image, gathered once and written as text or JSON.
 */
#ifndef EX_REPORT_H
#define EX_REPORT_H

#include "allocators.h"
#include "calls.h"
#include "departure.h"
#include "entered.h"
#include "growth.h"
#include "late.h"
#include "live.h"
#include "places.h"
#include "profiles.h"
#include "rules.h"
#include "teardown.h"

#include <stdio.h>

struct ex_report {
	const struct ex_processes *processes;
	const struct ex_image *image;
	struct ex_symbols *symbols;
	struct ex_teardown teardown;
	struct ex_allocator *allocators;
	size_t allocator_count;
	struct ex_growth growth;
	struct ex_calls calls;
	struct ex_departure departure;
	struct ex_late late;
	struct ex_entered entered;
	struct ex_profiles profiles;
	struct ex_live_thread *threads;
	size_t thread_count;
	struct ex_thread_at *places; /* at the crash, the thread that died first */
	size_t place_count;
	int is_bad;		     /* the end is: then findings say what could explain it */
	struct ex_findings findings; /* of this trace alone: nothing was tried */
	int shows_events;	     /* the last of each thread: report --events */
	const char **explained;	     /* of the crash: sentences, each a recorded fact */
	size_t explained_count;
};

/* image belongs to processes; sysroot may be NULL */
void ex_report_build(struct ex_report *report, const struct ex_processes *processes, const struct ex_image *image,
		     const char *sysroot);
void ex_report_text(const struct ex_report *report, FILE *out, int is_colour);
void ex_report_json(const struct ex_report *report, FILE *out);

/* report_exit.c and report_exit_json.c: parts of the two above */
struct ex_emit;
void ex_report_exit_text(const struct ex_report *report, FILE *out);
void ex_report_threads_text(const struct ex_report *report, FILE *out);
void ex_report_late_text(const struct ex_report *report, FILE *out);
void ex_report_entered_text(const struct ex_report *report, FILE *out);
/* report_profiles.c, report_profiles_json.c, report_untreated.c */
void ex_report_profiles_text(const struct ex_report *report, FILE *out);
struct ex_place ex_report_returns_place(const struct ex_report *report, const struct ex_event *event);
void ex_report_untreated_text(const struct ex_report *report, FILE *out, const char *red, const char *plain);
void ex_report_profiles_json(const struct ex_report *report, struct ex_emit *emit);
void ex_report_misread_json(const struct ex_report *report, struct ex_emit *emit);
void ex_report_exit_json(const struct ex_report *report, struct ex_emit *emit);
void ex_report_threads_json(const struct ex_report *report, struct ex_emit *emit);
void ex_report_late_json(const struct ex_report *report, struct ex_emit *emit);
void ex_report_entered_json(const struct ex_report *report, struct ex_emit *emit);
void ex_report_whose_json(const struct ex_row *row, size_t took, struct ex_emit *emit);

/* report_registers.c, report_places.c, report_suspects.c */
void ex_report_registers_text(const struct ex_report *report, FILE *out, const char *bold, const char *plain);
void ex_report_registers_json(const struct ex_report *report, struct ex_emit *emit);
/* report_history.c: of any address; JSON into the object at hand */
void ex_report_history_text(const struct ex_report *report, uint64_t address, FILE *out, const char *bold,
			    const char *plain);
void ex_report_history_json(const struct ex_report *report, uint64_t address, struct ex_emit *emit);
void ex_report_address_text(const struct ex_report *report, uint64_t address, FILE *out, const char *bold,
			    const char *plain);
void ex_report_address_json(const struct ex_report *report, uint64_t address, FILE *out);
const char *ex_report_lead(const struct ex_report *report, uint64_t address); /* as lead.h, NULL */
/* of the fault that the process ended of; 0: it was none, or the processor told no address */
int ex_report_fault_address(const struct ex_report *report, uint64_t *address);
/* report_events.c */
void ex_report_events_text(const struct ex_report *report, FILE *out, const char *bold, const char *plain);
void ex_report_events_json(const struct ex_report *report, uint32_t tid, struct ex_emit *emit);
void ex_report_children_text(const struct ex_report *report, FILE *out);
void ex_report_children_json(const struct ex_report *report, struct ex_emit *emit);
void ex_report_last_growth_text(const struct ex_report *report, FILE *out);
void ex_report_last_growth_json(const struct ex_report *report, struct ex_emit *emit);
void ex_report_code_text(const struct ex_report *report, FILE *out, const char *bold, const char *plain);
void ex_report_code_json(const struct ex_report *report, struct ex_emit *emit);
/* report_blocks.c */
void ex_report_blocks_text(const struct ex_report *report, FILE *out, const char *bold, const char *plain);
void ex_report_blocks_json(const struct ex_report *report, struct ex_emit *emit);
/* report_watch.c */
void ex_report_watch_text(const struct ex_report *report, FILE *out, const char *bold, const char *plain);
void ex_report_watch_json(const struct ex_report *report, struct ex_emit *emit);
void ex_report_places_text(const struct ex_report *report, FILE *out, const char *bold, const char *plain);
void ex_report_places_json(const struct ex_report *report, struct ex_emit *emit);
void ex_report_suspects_find(struct ex_report *report);
void ex_report_suspects_text(const struct ex_report *report, FILE *out, const char *bold, const char *plain);
void ex_report_suspects_json(const struct ex_report *report, struct ex_emit *emit);

/* for people: "exit status 0" */
const char *ex_end_words(const struct ex_image *image);
const char *ex_command_text(const struct ex_image *image); /* the command line, quoted where needed, cut when long */
const char *ex_took_text(const struct ex_row *row);	   /* "32.1 MiB by munmap, 64 KiB by madvise", "" */
const char *ex_whose_text(const struct ex_row *row);	   /* "3 words of libengine.so point into it", "" */
const char *ex_row_name(const struct ex_row *row);	   /* "symbol (module)", "module+0x34", "" */
const char *ex_row_registrar(const struct ex_row *row);

/* "SEGV_MAPERR", or the number; and what it means, "" when there is nothing to add */
const char *ex_code_name(int signo, int code);
const char *ex_code_words(int signo, int code);
const char *ex_report_abort_message(const struct ex_report *report); /* NULL: libc said nothing */
/* fills report->explained */
void ex_report_explain(struct ex_report *report);

#endif
