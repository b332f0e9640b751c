/*
 * calls_text.c: the counts for people. Owns wording and layout; must never let a count that is not one of all calls pass
 * for one.
 */
#include "calls.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

#define THREADS_MOST 12
#define UNSEEN_MOST 6

struct page {
	FILE *out;
	const char *bold, *red, *plain;
};

static void functions(const struct page *page, const struct ex_calls *calls)
{
	int width = 8;
	for (size_t n = 0; ex_calls_function(n); n++)
		if (calls->by_function[n] && (int)strlen(ex_calls_function(n)) > width)
			width = (int)strlen(ex_calls_function(n));
	fprintf(page->out, "%s  %-*s  %12s%s\n", page->bold, width, "function", "calls", page->plain);
	for (size_t n = 0; ex_calls_function(n); n++)
		if (calls->by_function[n])
			fprintf(page->out, "  %-*s  %12" PRIu64 "\n", width, ex_calls_function(n),
				calls->by_function[n]);
}

static void sizes(const struct page *page, const struct ex_calls *calls)
{
	fprintf(page->out, "%s  %-9s  %12s  %9s%s\n", page->bold, "size", "calls", "asked for", page->plain);
	for (size_t n = 0; n < EX_SIZE_CLASSES; n++) {
		const struct ex_calls_size *one = &calls->by_size[n];
		/* classes end below a power of two; people read the power */
		const char *to = n + 1 == EX_SIZE_CLASSES ? "more"
				 : n			  ? ex_format("< %s", ex_bytes_text(ex_calls_to_bytes(n) + 1))
							  : "0";
		if (one->calls)
			fprintf(page->out, "  %-9s  %12" PRIu64 "  %9s\n", to, one->calls, ex_bytes_text(one->bytes));
	}
}

static void threads(const struct page *page, const struct ex_calls *calls)
{
	if (calls->thread_count < 2)
		return;
	fprintf(page->out, "%s  %-9s  %12s%s\n", page->bold, "thread", "calls", page->plain);
	size_t shown = calls->thread_count <= THREADS_MOST ? calls->thread_count : THREADS_MOST - 1;
	for (size_t n = 0; n < shown; n++)
		fprintf(page->out, "  %-9u  %12" PRIu64 "\n", calls->threads[n].tid, calls->threads[n].all);
	if (shown < calls->thread_count)
		fprintf(page->out, "  and %zu more; --json has them all\n", calls->thread_count - shown);
}

/* one object stands before the library as a rule: the program, or an earlier preload */
static void unseen(const struct page *page, const struct ex_calls *calls)
{
	for (size_t n = 0, same; n < calls->unseen_count; n += same) {
		const struct ex_module *module = calls->unseen[n].module;
		const char *name = ex_calls_module_name(module);
		for (same = 0; n + same < calls->unseen_count && calls->unseen[n + same].module == module; same++)
			;
		fprintf(page->out, "  %snot counted%s: calls that %s takes before the library sees them:", page->red,
			page->plain, *name ? name : "another object");
		for (size_t i = 0; i < same && i < UNSEEN_MOST; i++)
			fprintf(page->out, "%s %s", i ? "," : "", calls->unseen[n + i].function);
		if (same > UNSEEN_MOST)
			fprintf(page->out, " and %zu more", same - UNSEEN_MOST);
		fputc('\n', page->out);
	}
}

void ex_calls_text(const struct ex_calls *calls, FILE *out, int is_colour)
{
	struct page page = {out, is_colour ? "\033[1m" : "", is_colour ? "\033[31m" : "", is_colour ? "\033[0m" : ""};
	const char *allocator = ex_calls_module_name(calls->allocator);
	if (!calls->is_counted)
		return;
	fprintf(out, "\n%scalls of the malloc family%s: %" PRIu64 ", asking for %s%s%s\n", page.bold, page.plain,
		calls->all, ex_bytes_text(calls->bytes), calls->all && *allocator ? "; answered by " : "",
		calls->all ? allocator : "");
	if (calls->all) {
		functions(&page, calls);
		sizes(&page, calls);
		threads(&page, calls);
	}
	unseen(&page, calls);
}
