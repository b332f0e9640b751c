/*
 * report_code.c: memory that the program itself made executable, and its life, for people and as JSON. Nothing where there is none,
 * as in most programs.
 */
#include "report.h"

#include "code_life.h"
#include "emit_process.h"
#include "text.h"
#include "who.h"

#include <inttypes.h>
#include <stdlib.h>

#define SHOWN 6
#define SHOWN_JSON 64
#define FRAMES_MAX 16

static const char *const ends[] = {
	[EX_CODE_LIVES] = "lives",	 [EX_CODE_DATA] = "is data again",
	[EX_CODE_UNMAPPED] = "unmapped", [EX_CODE_KEPT] = "unmapped (and kept reserved)",
	[EX_CODE_MOVED] = "moved away",	 [EX_CODE_REPLACED] = "replaced",
};

static uint64_t end_of(const struct ex_image *image)
{
	return image->crash ? image->crash->time_ns : image->end_ns;
}

static const char *step(const struct ex_report *report, const char *what, const struct ex_event *event)
{
	uint64_t end_ns = end_of(report->image);
	const char *who = ex_who_text(report->symbols, event);
	return ex_format("      %s %s before, by thread %u%s%s\n", what,
			 ex_duration_text(end_ns > event->time_ns ? end_ns - event->time_ns : 0), event->tid,
			 who ? ": " : "", who ? who : "");
}

static void life_text(const struct ex_report *report, const struct ex_code_life *life, int is_fault, FILE *out)
{
	const char *again = life->times_made > 1 ? ex_format(", %u times made executable", life->times_made) : "";
	fprintf(out, "  0x%" PRIx64 "-0x%" PRIx64 ", %s: %s%s%s\n", life->begin, life->end,
		ex_bytes_text(life->end - life->begin), ends[life->how], again,
		is_fault ? "; the fault was in here" : "");
	if (life->mapped && life->mapped != life->made)
		fputs(step(report, "mapped", life->mapped), out);
	fputs(step(report, "made executable", life->made), out);
	if (life->gone)
		fputs(step(report, ends[life->how], life->gone), out);
	if (life->reused && life->reused != life->gone)
		fputs(step(report, "its place was given to another mapping", life->reused), out);
}

static int holds(const struct ex_code_life *life, int is_fault, uint64_t address)
{
	return is_fault && address >= life->begin && address < life->end;
}

/* those that hold the fault come first, then the last that went away, then what lives: at most max, moved to the front */
static size_t choose(struct ex_code_lives *lives, size_t max, int is_fault, uint64_t address)
{
	struct ex_code_life *chosen = calloc(max, sizeof(*chosen));
	size_t count = 0;
	if (!chosen)
		abort();
	for (int want = 1; want >= 0; want--)
		for (int is_gone = 1; is_gone >= 0; is_gone--)
			for (size_t i = 0; i < (is_gone ? lives->gone : lives->count - lives->gone) && count < max;
			     i++) {
				size_t n = is_gone ? lives->gone - 1 - i : lives->gone + i;
				if (holds(&lives->list[n], is_fault, address) == want)
					chosen[count++] = lives->list[n];
			}
	for (size_t n = 0; n < count; n++)
		lives->list[n] = chosen[n];
	free(chosen);
	return count;
}

static size_t read_lives(struct ex_code_lives *lives, const struct ex_report *report, size_t max, int *is_fault,
			 uint64_t *address)
{
	uint64_t end_ns = end_of(report->image);
	*is_fault = ex_report_fault_address(report, address);
	ex_code_lives_find(lives, report->image, end_ns);
	if (!lives->count)
		return 0;
	return choose(lives, max, *is_fault, *address);
}

void ex_report_code_text(const struct ex_report *report, FILE *out, const char *bold, const char *plain)
{
	struct ex_code_lives lives;
	uint64_t address = 0;
	int is_fault;
	size_t shown = read_lives(&lives, report, SHOWN, &is_fault, &address);
	const char *mark = ": ";
	if (!shown)
		return;
	fprintf(out, "\n%scode that the program made%s: %zu piece%s", bold, plain, lives.count,
		lives.count > 1 ? "s" : "");
	for (int how = 0; how <= EX_CODE_REPLACED; how++)
		if (lives.by_end[how]) {
			fprintf(out, "%s%zu %s", mark, lives.by_end[how],
				how == EX_CODE_LIVES && lives.by_end[how] > 1  ? "live"
				: how == EX_CODE_DATA && lives.by_end[how] > 1 ? "are data again"
									       : ends[how]);
			mark = ", ";
		}
	fputc('\n', out);
	/* without a fault that is enough */
	for (size_t n = 0; report->image->crash && n < shown; n++)
		life_text(report, &lives.list[n], holds(&lives.list[n], is_fault, address), out);
	if (report->image->crash && lives.count > shown)
		fprintf(out, "  %zu more (--json has %d)\n", lives.count - shown, SHOWN_JSON);
}

static void step_json(const struct ex_report *report, const char *key, const struct ex_event *event,
		      struct ex_emit *emit)
{
	struct ex_place frames[FRAMES_MAX];
	uint64_t end_ns = end_of(report->image);
	if (!event) {
		ex_emit_null(emit, key);
		return;
	}
	ex_emit_object(emit, key);
	ex_emit_uint(emit, "before_ns", end_ns > event->time_ns ? end_ns - event->time_ns : 0);
	ex_emit_uint(emit, "thread", event->tid);
	ex_emit_frames(emit, "stack", frames, ex_who(report->symbols, event, frames, FRAMES_MAX));
	ex_emit_end(emit);
}

void ex_report_code_json(const struct ex_report *report, struct ex_emit *emit)
{
	struct ex_code_lives lives;
	uint64_t address = 0;
	int is_fault;
	size_t shown = read_lives(&lives, report, SHOWN_JSON, &is_fault, &address);
	ex_emit_object(emit, "code");
	ex_emit_uint(emit, "count", lives.count);
	ex_emit_uint(emit, "live", lives.by_end[EX_CODE_LIVES]);
	ex_emit_uint(emit, "gone", lives.gone);
	ex_emit_array(emit, "lives");
	for (size_t n = 0; n < shown; n++) {
		const struct ex_code_life *life = &lives.list[n];
		ex_emit_object(emit, NULL);
		ex_emit_hex(emit, "begin", life->begin);
		ex_emit_hex(emit, "end", life->end);
		ex_emit_text(emit, "how", ends[life->how]);
		ex_emit_bool(emit, "has_fault", holds(life, is_fault, address));
		ex_emit_uint(emit, "times_made", life->times_made);
		step_json(report, "mapped", life->mapped, emit);
		step_json(report, "made", life->made, emit);
		step_json(report, "gone", life->gone, emit);
		step_json(report, "reused", life->reused, emit);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
	ex_emit_end(emit);
}
