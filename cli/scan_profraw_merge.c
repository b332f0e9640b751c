/*
 * scan_profraw_merge.c: files of raw profiles that are given together: what stands against merging them. Of each kind the first
 * is kept, and the others are held against it.
 */
#include "scan_profraw.h"

#include "text.h"

#include <inttypes.h>

static const char *level(const struct ex_profraw_profile *p)
{
	return p->version & EX_PROFRAW_IR ? "IR level" : "the front end";
}

static void tell_version(struct ex_scan_profraw *profraw, const struct ex_scan_profraw_kind *kind)
{
	ex_scan_profraw_find(
		profraw, "merge-version", 1,
		ex_format("cannot be merged with %s: that is raw version %u, this %u, and an llvm-profdata "
			  "reads one of them; merge each with its own, then both results with the newer one",
			  kind->path, kind->profile->layout->version, profraw->last->layout->version));
}

static void tell_level(struct ex_scan_profraw *profraw, const struct ex_scan_profraw_kind *kind)
{
	ex_scan_profraw_find(profraw, "merge-level", 1,
			     ex_format("should not be merged with %s: that was instrumented at %s, this at %s; "
				       "llvm-profdata merges them without a word, and a compiler uses one of them",
				       kind->path, level(kind->profile), level(profraw->last)));
}

static void tell_binary(struct ex_scan_profraw *profraw, const struct ex_scan_profraw_kind *kind)
{
	struct ex_profraw_common common = ex_profraw_common(kind->profile, profraw->last);
	const char *text = ex_format("of another binary than %s: %" PRIu64 " of %" PRIu64 " functions are in both",
				     kind->path, common.both, profraw->last->records);
	if (common.other)
		text = ex_format("%s, %" PRIu64 " %s the same name and other code", text, common.other,
				 common.other == 1 ? "has" : "have");
	if (common.clash)
		text = ex_format("%s, %s of the same code have another number of counters: llvm-profdata drops these",
				 text, ex_scan_profraw_counted(common.clash, "function"));
	ex_scan_profraw_find(profraw, "merge-binary", common.clash != 0, text);
}

void ex_scan_profraw_merge(struct ex_scan_profraw *profraw, struct ex_scan_profraw_kinds *seen)
{
	const struct ex_scan_profraw_kind *version = NULL, *instrumented = NULL, *binary = NULL;
	const struct ex_profraw_profile *p = profraw->last;
	if (profraw->file.what != EX_PROFRAW_WHOLE)
		return;
	for (unsigned n = seen->count; n-- > 0;) {
		const struct ex_scan_profraw_kind *kind = &seen->kinds[n];
		if (ex_profraw_is_same_binary(kind->profile, p))
			return;
		if (kind->profile->layout != p->layout)
			version = kind;
		else if ((kind->profile->version ^ p->version) & EX_PROFRAW_IR)
			instrumented = kind;
		else
			binary = kind;
	}
	if (version)
		tell_version(profraw, version);
	if (instrumented)
		tell_level(profraw, instrumented);
	if (binary)
		tell_binary(profraw, binary);
	if (seen->count < EX_SCAN_PROFRAW_KINDS_MAX)
		seen->kinds[seen->count++] = (struct ex_scan_profraw_kind){profraw->path, p};
}
