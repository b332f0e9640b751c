/*
 * report.c: gathers what a report is made of. Owns nothing of it.
 */
#include "report.h"

void ex_report_build(struct ex_report *report, const struct ex_processes *processes, const struct ex_image *image,
		     const char *sysroot)
{
	*report = (struct ex_report){.processes = processes, .image = image};
	report->symbols = ex_symbols_open(image, sysroot);
	ex_teardown_build(&report->teardown, image, report->symbols);
	report->allocator_count = ex_allocators_find(image, report->symbols, &report->allocators);
	ex_growth_build(&report->growth, image, report->symbols, report->allocators, report->allocator_count);
	ex_calls_build(&report->calls, image);
	ex_departure_build(&report->departure, &report->teardown);
	report->thread_count = ex_live_find(&report->teardown, &report->threads);
	ex_late_build(&report->late, &report->teardown, &report->calls);
	ex_profiles_build(&report->profiles, image);
	ex_entered_build(&report->entered, &report->teardown);
	report->place_count = ex_places_find(&report->teardown, &report->places);
	ex_report_suspects_find(report);
	ex_report_explain(report);
}
