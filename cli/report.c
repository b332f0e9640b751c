/*
 * report.c: gathers what a report is made of. Owns the list of threads that were alive at exit; all else it asks for.
 */
#include "report.h"

#include <stdlib.h>
#include <string.h>

static void find_threads(struct ex_report *report)
{
	const struct ex_image *image = report->image;
	uint64_t exit_ns = image->first_exit ? image->first_exit->time_ns : image->end_ns;
	uint32_t exiting = image->first_exit ? image->first_exit->tid : image->crash ? image->crash->tid : image->pid;
	report->threads = calloc(image->event_count + 1, sizeof(*report->threads));
	if (!report->threads)
		abort();
	for (size_t n = 0; n < image->event_count && image->events[n]->time_ns <= exit_ns; n++) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id == EX_EV_THREAD_BEGIN && event->tid != exiting) {
			ex_symbols_at(report->symbols, event->time_ns);
			report->threads[report->thread_count++] =
				(struct ex_live_thread){event->tid,
							ex_symbols_place(report->symbols,
									 EX_EVENT(event, thread_begin)->fn, 0)};
		}
		for (size_t t = 0; event->meta->id == EX_EV_THREAD_END && t < report->thread_count; t++)
			if (report->threads[t].tid == event->tid) {
				memmove(&report->threads[t], &report->threads[t + 1],
					(--report->thread_count - t) * sizeof(*report->threads));
				break;
			}
	}
	ex_symbols_at(report->symbols, UINT64_MAX - 1);
}

void ex_report_build(struct ex_report *report, const struct ex_processes *processes, const struct ex_image *image,
		     const char *sysroot)
{
	*report = (struct ex_report){.processes = processes, .image = image};
	report->symbols = ex_symbols_open(image, sysroot);
	ex_teardown_build(&report->teardown, image, report->symbols);
	report->allocator_count = ex_allocators_find(image, report->symbols, &report->allocators);
	ex_growth_build(&report->growth, image, report->symbols, report->allocators, report->allocator_count);
	ex_calls_build(&report->calls, image);
	find_threads(report);
	ex_report_explain(report);
}
