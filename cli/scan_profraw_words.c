/*
 * scan_profraw_words.c: what is to be said of a raw profile, in sentences. llvm-profdata's own words are quoted, since they are
 * what people search for.
 */
#include "scan_profraw.h"

#include "text.h"

#include <inttypes.h>
#include <string.h>

#define ID_BYTES_MAX 48

const char *ex_scan_profraw_counted(uint64_t count, const char *noun)
{
	return ex_format("%" PRIu64 " %s%s", count, noun, count == 1 ? "" : "s");
}

static const char *which(const struct ex_scan_profraw *profraw)
{
	return profraw->file.count > 1 ? ex_format(", in profile %u of the file", profraw->file.count) : "";
}

static const char *cut(const struct ex_scan_profraw *profraw)
{
	const struct ex_profraw_profile *p = profraw->last;
	uint64_t there = ex_profraw_there(p, p->part), each = 0, count = 0;
	const char *in = which(profraw);
	switch (p->part) {
	case EX_PROFRAW_VALUES:
		if (p->misfits)
			return ex_format("ends inside the value-profile tail%s: a writer died", in);
		return ex_format("ends inside the value-profile tail%s, after the data of %" PRIu64 " of %" PRIu64
				 " functions: a writer died",
				 in, p->with_values_read, p->with_values);
	case EX_PROFRAW_HEAD:
		return ex_format("ends inside the header%s, after %zu bytes: a writer died", in, p->length);
	case EX_PROFRAW_RECORDS:
		each = p->layout->record_bytes;
		count = p->records;
		break;
	case EX_PROFRAW_COUNTERS:
		each = p->counter_bytes;
		count = p->counters;
		break;
	default:
		return ex_format("ends inside the %s%s, after %" PRIu64 " of %" PRIu64
				 " bytes: a writer died, or the file was cut",
				 ex_profraw_part_texts[p->part], in, there, p->size[p->part]);
	}
	return ex_format("ends inside the %s%s, after %" PRIu64 " of %" PRIu64 ": a writer died, or the file was cut",
			 ex_profraw_part_texts[p->part], in, there / each, count);
}

static const char *foreign(const struct ex_profraw_file *file)
{
	static const struct {
		const char *magic, *text;
	} known[] = {
		{"\x81Rforpl\xff", "a raw profile of a 32-bit program, which is not read here"},
		{"\xfflprofr\x81", "a raw profile of a big-endian program, which is not read here"},
		{"\xfflprofR\x81", "a raw profile of a 32-bit big-endian program, which is not read here"},
		{"\xfflprofi\x81", "an indexed profile: what llvm-profdata merge makes out of raw ones"},
	};
	for (size_t n = 0; n < sizeof(known) / sizeof(*known); n++)
		if (file->length >= 8 && memcmp(file->bytes, known[n].magic, 8) == 0)
			return known[n].text;
	return "no raw profile: it does not begin as one";
}

/* what follows the last profile that is one */
static const char *behind(const struct ex_profraw_file *file)
{
	struct ex_profraw_profile next;
	const char *at = ex_format("from byte %" PRIu64 " on", file->foreign_at);
	ex_profraw_read(&next, file->bytes + file->foreign_at, file->length - file->foreign_at);
	if (next.layout && next.layout != file->profiles[0].layout)
		return ex_format(
			"profile %u, %s, is of raw version %u and the first of %u: no llvm-profdata reads both",
			file->count + 1, at, next.layout->version, file->profiles[0].layout->version);
	if (next.what != EX_PROFRAW_FOREIGN)
		return ex_format("profile %u is there %s, which is no multiple of 8: llvm-profdata refuses it",
				 file->count + 1, at);
	return ex_format("foreign bytes behind %s, %s", file->count > 1 ? "its profiles" : "its profile", at);
}

const char *ex_scan_profraw_wrong(const struct ex_scan_profraw *profraw)
{
	const struct ex_profraw_file *file = &profraw->file;
	const struct ex_profraw_profile *p = profraw->last;
	switch (file->what) {
	case EX_PROFRAW_EMPTY:
		return "empty: a process that opened it wrote nothing, or has not yet";
	case EX_PROFRAW_FOREIGN:
		return foreign(file);
	case EX_PROFRAW_UNKNOWN:
		return ex_format("raw version %u, which is not known here (8 to 11 are)",
				 EX_PROFILE_VERSION(p->version));
	case EX_PROFRAW_CUT:
		return cut(profraw);
	case EX_PROFRAW_BROKEN:
		if (file->foreign_at)
			return behind(file);
		if (p->part == EX_PROFRAW_RECORDS)
			return ex_format("%" PRIu64 " of %" PRIu64
					 " records%s lead to counters that are not in the file",
					 p->misfits, p->records, which(profraw));
		return ex_format("the %s%s %s", ex_profraw_part_texts[p->part], which(profraw), p->why);
	default:
		return NULL;
	}
}

const char *ex_scan_profraw_quote(const struct ex_profraw_file *file)
{
	const struct ex_profraw_profile *p = file->count ? &file->profiles[file->count - 1] : NULL;
	if (file->what == EX_PROFRAW_EMPTY)
		return "empty raw profile file";
	if (file->what == EX_PROFRAW_BROKEN && p->part == EX_PROFRAW_RECORDS && !file->foreign_at)
		return "malformed instrumentation profile data";
	if (file->what != EX_PROFRAW_CUT)
		return NULL;
	if (p->part == EX_PROFRAW_VALUES)
		return p->length - p->at[EX_PROFRAW_VALUES] - p->size[EX_PROFRAW_VALUES] < 8 ? "truncated profile data"
											     : "too much profile data";
	if (p->part == EX_PROFRAW_HEAD && file->count > 1)
		return "not enough space for another header";
	if (p->part == EX_PROFRAW_HEAD && p->length < 8)
		return "unrecognized instrumentation profile encoding format";
	return "file header is corrupt";
}

const char *ex_scan_profraw_others(const struct ex_scan_profraw *profraw)
{
	const struct ex_profraw_layouts *layouts = &profraw->layouts;
	unsigned own = profraw->last->layout->record_bytes;
	const char *text = "";
	if (!layouts->is_mixed)
		return NULL;
	for (unsigned size = 0; size < EX_RECORD_SIZES; size++)
		if (layouts->records[size] && ex_record_bytes(size) != own)
			text = ex_format("%s%s%s of %u bytes (%s)", text, *text ? " and " : "",
					 ex_scan_profraw_counted(layouts->records[size], "record"),
					 ex_record_bytes(size), ex_llvm_of_record(ex_record_bytes(size)));
	return ex_format("MIXED: %s among %" PRIu64
			 " of %u bytes (%s): the runtime that wrote them took all for %u bytes, "
			 "so parts of the program are of another LLVM than it",
			 text,
			 layouts->records[own == 48   ? EX_RECORD_48
					  : own == 64 ? EX_RECORD_64
						      : EX_RECORD_72],
			 own, ex_llvm_of_record(own), own);
}

const char *ex_scan_profraw_repeats(const struct ex_scan_profraw *profraw)
{
	unsigned later = profraw->repeated_by, earlier = profraw->repeat_of;
	const char *several = ex_format("%u profiles appended", profraw->file.count);
	switch (profraw->repeat) {
	case EX_PROFRAW_TWICE:
		return ex_format(
			"%s: profile %u contains profile %u, from the same addresses and with no smaller count: "
			"written twice by one process, or by it and a child that it forked; llvm-profdata adds "
			"them, so counts are doubled or more",
			several, later, earlier);
	case EX_PROFRAW_SHARED:
		return ex_format(
			"%s: profile %u is from the same addresses as profile %u, as a child's that its process "
			"forked: llvm-profdata adds them, and what was counted before the fork counts twice",
			several, later, earlier);
	case EX_PROFRAW_PERHAPS_TWICE:
		return ex_format(
			"%s: two runs, or an early flush and the writer at exit: the addresses do not tell, "
			"being the same in every run, and no count of profile %u is smaller than in profile %u; "
			"llvm-profdata adds their counts",
			several, later, earlier);
	default:
		return ex_format("%s, each by a process of its own: llvm-profdata adds their counts", several);
	}
}

const char *ex_scan_profraw_variants(uint64_t version)
{
	static const struct {
		unsigned bit;
		const char *text;
	} known[] = {
		{57, "context-sensitive"},    {58, "entry counters first"},  {59, "records in the debug information"},
		{60, "counters of one byte"}, {61, "function entries only"}, {62, "memory profile"},
		{63, "order of first calls"},
	};
	const char *text = "";
	for (size_t n = 0; n < sizeof(known) / sizeof(*known); n++)
		if (version >> known[n].bit & 1)
			text = ex_format("%s%s%s", text, *text ? ", " : "", known[n].text);
	return text;
}

const char *ex_scan_profraw_id(const unsigned char *id, uint64_t bytes)
{
	const char *text = "";
	for (uint64_t n = 0; n < bytes && n < ID_BYTES_MAX; n++)
		text = ex_format("%s%02x", text, id[n]);
	return text;
}
