/*
 * scan_profraw.c: one file of raw profiles, judged. See scan_profraw.h.
 */
#include "scan_profraw.h"

#include "experiment.h"
#include "profraw_tool.h"
#include "scan_elf.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BACK_MAX 64 /* profiles that a profile is compared with */

void ex_scan_profraw_find(struct ex_scan_profraw *profraw, const char *id, int is_wrong, const char *text)
{
	if (profraw->finding_count < EX_SCAN_PROFRAW_FINDINGS_MAX)
		profraw->findings[profraw->finding_count++] = (struct ex_scan_finding){id, text, is_wrong};
}

static void advise(struct ex_scan_profraw *profraw, const char *text)
{
	profraw->advice = ex_format("%s%s%s", profraw->advice, *profraw->advice ? "\n" : "", text);
}

/* each profile beside the nearest earlier one from the same addresses; the worst of all is told */
static void judge_repeats(struct ex_scan_profraw *profraw)
{
	const struct ex_profraw_file *file = &profraw->file;
	for (unsigned later = 1; later < file->count; later++)
		for (unsigned back = 1; back <= later && back <= BACK_MAX; back++) {
			enum ex_profraw_repeat repeat =
				ex_profraw_repeat(&file->profiles[later - back], &file->profiles[later]);
			if (repeat > profraw->repeat) {
				profraw->repeat = repeat;
				profraw->repeat_of = later - back + 1;
				profraw->repeated_by = later + 1;
			}
			if (repeat != EX_PROFRAW_ANOTHER_RUN)
				break;
		}
	if (file->count < 2)
		return;
	ex_scan_profraw_find(profraw, "appended", profraw->repeat == EX_PROFRAW_TWICE,
			     ex_scan_profraw_repeats(profraw));
	if (profraw->repeat == EX_PROFRAW_TWICE)
		advise(profraw,
		       "write once: after an early __llvm_profile_write_file() call __llvm_profile_set_dumped()");
	if (profraw->repeat == EX_PROFRAW_TWICE && profraw->repeated_by == file->whole)
		advise(profraw, ex_format("or take the last one alone: tail -c %zu %s >ONE.profraw",
					  file->profiles[file->whole - 1].length, ex_experiment_quoted(profraw->path)));
}

static void judge_pool(struct ex_scan_profraw *profraw)
{
	if (profraw->pool == EX_PROFRAW_POOL_NONE || profraw->file.what == EX_PROFRAW_WHOLE ||
	    profraw->file.what == EX_PROFRAW_UNKNOWN)
		return;
	if (profraw->refusal)
		ex_scan_profraw_find(
			profraw, "pool", 1,
			ex_format("one of a pool (%%m): a program that merges into it will print \"%s\" and "
				  "write nothing, without crashing: it masks the crash; delete it",
				  profraw->refusal));
	else
		ex_scan_profraw_find(
			profraw, "pool", 0,
			"one of a pool (%m): the next program that merges into it will make it whole, with what "
			"it has");
}

static void judge_mixed(struct ex_scan_profraw *profraw)
{
	if (!profraw->last || !profraw->last->misfits)
		return;
	ex_profraw_layouts(&profraw->layouts, profraw->last);
	const char *others = ex_scan_profraw_others(profraw);
	if (others)
		ex_scan_profraw_find(profraw, "mixed-layouts", 1, others);
}

static void judge_file(struct ex_scan_profraw *profraw)
{
	static const char *const ids[] = {
		[EX_PROFRAW_EMPTY] = "empty",	  [EX_PROFRAW_CUT] = "cut",	    [EX_PROFRAW_BROKEN] = "broken",
		[EX_PROFRAW_FOREIGN] = "foreign", [EX_PROFRAW_UNKNOWN] = "version",
	};
	const char *wrong = ex_scan_profraw_wrong(profraw);
	int is_damaged = profraw->file.what == EX_PROFRAW_CUT || profraw->file.what == EX_PROFRAW_BROKEN;
	if (wrong)
		ex_scan_profraw_find(profraw, ids[profraw->file.what], 1,
				     ex_format("%s%s", is_damaged && !profraw->finding_count ? "DAMAGED: " : "",
					       wrong));
}

static void advise_on_damage(struct ex_scan_profraw *profraw)
{
	const struct ex_profraw_file *file = &profraw->file;
	const char *quoted = ex_experiment_quoted(profraw->path);
	if (file->what != EX_PROFRAW_CUT && file->what != EX_PROFRAW_BROKEN && file->what != EX_PROFRAW_EMPTY)
		return;
	if (profraw->layouts.is_mixed)
		advise(profraw, ex_format("see which parts of the program have other records: exeunt scan PROGRAM\n%s",
					  ex_scan_mixed_advice()));
	else
		advise(profraw, "find out what its writer died of: exeunt diagnose -- CMD");
	if (file->whole)
		advise(profraw, ex_format("what is whole in it, %u of %u: head -c %" PRIu64 " %s >WHOLE.profraw",
					  file->whole, file->count,
					  (uint64_t)(file->foreign_at ? file->foreign_at
								      : (uint64_t)(profraw->last->bytes - file->bytes)),
					  quoted));
	if (profraw->pool && profraw->refusal)
		advise(profraw, ex_format("delete it before the next run: rm %s", quoted));
}

static const char *summary(const struct ex_scan_profraw *profraw)
{
	const struct ex_profraw_profile *p = profraw->last;
	uint64_t values = 0;
	for (unsigned kind = 0; kind < EX_PROFRAW_KINDS_MAX; kind++)
		values += p->values[kind];
	return ex_format("whole: %s, %s (%" PRIu64 " not zero), %s", ex_scan_profraw_counted(p->records, "function"),
			 ex_scan_profraw_counted(p->counters, "counter"), p->nonzero,
			 ex_scan_profraw_counted(values, "value"));
}

/* a version that is not known here is the installed tools' business */
static void judge_unknown(struct ex_scan_profraw *profraw, int is_file)
{
	if (profraw->file.what != EX_PROFRAW_UNKNOWN || !is_file)
		return;
	switch (ex_profraw_tools_ask(profraw->path)) {
	case EX_PROFRAW_WHOLE:
		profraw->findings[0].is_wrong = 0;
		profraw->findings[0].text =
			ex_format("%s; an installed llvm-profdata reads it", profraw->findings[0].text);
		break;
	case EX_PROFRAW_BROKEN:
		ex_scan_profraw_find(profraw, "broken", 1,
				     "the installed llvm-profdata of its version calls it damaged");
		break;
	default:
		ex_scan_profraw_find(profraw, "no-tool", 1, "no installed llvm-profdata reads it");
	}
}

void ex_scan_profraw_judge(struct ex_scan_profraw *profraw, int is_file)
{
	const struct ex_profraw_file *file = &profraw->file;
	profraw->last = file->count ? &file->profiles[file->count - 1] : NULL;
	profraw->advice = "";
	profraw->pool = ex_profraw_pool(profraw->path, file);
	profraw->refusal = file->what == EX_PROFRAW_WHOLE ? NULL : ex_profraw_refusal(file);
	profraw->quote = ex_scan_profraw_quote(file);
	if (profraw->last && profraw->last->layout && is_file)
		profraw->tools = ex_profraw_tools(profraw->last->layout);
	judge_mixed(profraw);
	judge_file(profraw);
	judge_unknown(profraw, is_file);
	judge_pool(profraw);
	judge_repeats(profraw);
	advise_on_damage(profraw);
	if (!profraw->finding_count)
		ex_scan_profraw_find(profraw, "whole", 0, summary(profraw));
}

int ex_scan_profraw_status(const struct ex_scan_profraw *profraw)
{
	for (unsigned n = 0; n < profraw->finding_count; n++)
		if (profraw->findings[n].is_wrong)
			return EX_SCAN_WRONG;
	return EX_SCAN_RIGHT;
}

void ex_scan_profraw_page(struct ex_scan *scan, const struct ex_scan_profraw *profraw)
{
	ex_scan_open(scan, &(struct ex_scan_head){.path = profraw->path,
						  .kind = "raw profile",
						  .status = ex_scan_profraw_status(profraw),
						  .verdict = profraw->findings[0].text,
						  .advice = profraw->advice,
						  .own = "profile"});
	if (scan->emit) {
		ex_emit_object(scan->emit, "profile");
		ex_scan_profraw_json(scan, profraw);
		ex_emit_end(scan->emit);
	} else {
		ex_scan_profraw_text(scan, profraw);
	}
	ex_scan_close(scan);
}

int ex_scan_profraw(struct ex_scan *scan, const char *path)
{
	static struct ex_scan_profraw_kinds seen;
	struct ex_scan_profraw *profraw = calloc(1, sizeof(*profraw));
	if (!profraw)
		abort();
	profraw->path = path;
	if (ex_profraw_file_load(&profraw->file, path))
		return ex_scan_unreadable(scan, path, strerror(errno));
	ex_scan_profraw_judge(profraw, 1);
	ex_scan_profraw_merge(profraw, &seen);
	ex_scan_profraw_page(scan, profraw);
	return ex_scan_profraw_status(profraw);
}
