/*
 * report_profiles.c: LLVM profiles in the report for people: what the records of each object look like, where they were
 * salvaged to, what could not be read. See report.h.
 */
#include "report.h"

#include "profile.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

#define LINES_MAX 8

static const char *point_words(int point)
{
	static const char *const words[] = {
		[EX_point_MAIN_END] = "when main ended",     [EX_point_EXIT] = "at exit",
		[EX_point_BEFORE] = "before a handler",	     [EX_point_AFTER] = "after a handler",
		[EX_point_SIGNAL] = "at a signal",	     [EX_point_EVERY] = "at an interval",
		[EX_point_WRITER] = "in its writer's place", [EX_point_DEATH] = "at the process's death",
	};
	return point >= 0 && point < (int)(sizeof(words) / sizeof(*words)) ? words[point] : "at an unknown point";
}

static const char *counted(uint64_t count, const char *noun)
{
	return ex_format("%" PRIu64 " %s%s", count, noun, count == 1 ? "" : "s");
}

static const char *runtime_words(const struct ex_profile *profile)
{
	static const char *const sources[] = {
		[EX_profile_source_CODE] = "its code says so",
		[EX_profile_source_RECORDS] = "as most records are: a guess",
	};
	const char *llvm = ex_llvm_of_version(profile->version);
	int is_known = profile->source >= 0 && profile->source < (int)(sizeof(sources) / sizeof(*sources)) &&
		       sources[profile->source];
	if (!profile->stride_bytes)
		return "which its runtime reads is not known";
	return ex_format("its runtime reads %u (%s%s%s)", profile->stride_bytes, llvm, *llvm ? "; " : "",
			 is_known ? sources[profile->source] : "it is not known whence");
}

static void records_line(const struct ex_profile *profile, FILE *out)
{
	const char *records = ex_profile_records_text(profile);
	fprintf(out, "  %s: %s", profile->name,
		!profile->told ? "its records were not told"
		: *records     ? records
			       : "no record");
	if (profile->is_mixed)
		fprintf(out, ": mixed; %s", runtime_words(profile));
	else if (profile->others)
		fprintf(out, ": of another layout than its runtime's; %s", runtime_words(profile));
	if (profile->unparsed_bytes)
		fprintf(out, "; %s that fit no known layout", counted(profile->unparsed_bytes, "byte"));
	if (profile->is_refused)
		fprintf(out,
			"; the version that the program carries is %u (%s), its runtime's is %u: that one writes "
			"nothing",
			EX_PROFILE_VERSION(profile->raw_version),
			ex_llvm_of_version(EX_PROFILE_VERSION(profile->raw_version)), profile->version);
	if (profile->is_continuous)
		fputs("; continuous mode (%c): the runtime maps its counters to the file", out);
	else if (profile->told && !profile->writer)
		fputs("; no profile writer registered", out);
	fputc('\n', out);
}

static void salvaged_line(const struct ex_profile *profile, FILE *out)
{
	const struct ex_event *event = profile->kept;
	if (event) {
		const struct ex_ev_salvaged *file = EX_EVENT(event, salvaged);
		fprintf(out, "    salvaged to %s: %s, %" PRIu32 " converted, %" PRIu32 " left out, ",
			event->tail[0].bytes, counted(file->records, "function"), file->converted, file->left_out);
		if (file->values)
			fprintf(out, "%s, ", counted(file->values, "recorded value"));
		fprintf(out, "%s, %s", ex_bytes_text(file->bytes), point_words(file->point));
		if (profile->snapshots)
			fprintf(out, "; %s before", counted(profile->snapshots, "snapshot"));
		fputc('\n', out);
	}
	if (profile->salvaged && profile->salvaged != event)
		fprintf(out, "    could not be salvaged %s: %s\n",
			point_words(EX_EVENT(profile->salvaged, salvaged)->point),
			strerror(EX_EVENT(profile->salvaged, salvaged)->error));
}

static const char *unreadable_words(const struct ex_profile *profile, const struct ex_ev_unreadable *piece)
{
	const char *where = ex_profile_place(profile, piece->record);
	if (piece->piece == EX_profile_piece_RECORD)
		return ex_format("a record that fits no known layout, at %s", where);
	return ex_format("%s of the record at %s: nothing to read at 0x%" PRIx64,
			 piece->piece == EX_profile_piece_SITES ? "the value sites" : "an entry of a value site", where,
			 piece->address);
}

static void unreadable_lines(const struct ex_profile *profile, FILE *out)
{
	for (size_t n = 0; n < profile->unreadable_count && n < LINES_MAX; n++)
		fprintf(out, "    left out: %s\n",
			unreadable_words(profile, EX_EVENT(profile->unreadable[n], unreadable)));
	if (profile->unreadable_count > LINES_MAX)
		fprintf(out, "    left out: %zu more\n", profile->unreadable_count - LINES_MAX);
}

struct ex_place ex_report_returns_place(const struct ex_report *report, const struct ex_event *event)
{
	ex_symbols_at(report->symbols, event->time_ns);
	struct ex_place place = ex_symbols_place(report->symbols, EX_EVENT(event, returns)->fn, 0);
	ex_symbols_at(report->symbols, UINT64_MAX - 1);
	return place;
}

static const char *function_name(const struct ex_report *report, const struct ex_event *event)
{
	struct ex_place place = ex_report_returns_place(report, event);
	const char *symbol = event->tail[0].bytes;
	return *symbol ? ex_format("%s (%s)", symbol, place.module_name) : ex_place_module_offset(&place);
}

static void returns_lines(const struct ex_report *report, FILE *out)
{
	const struct ex_profiles *profiles = &report->profiles;
	const char *mark = "  made to return at once: ";
	unsigned shown = 0, untold = 0;
	for (size_t n = 0; n < profiles->return_count; n++) {
		if (EX_EVENT(profiles->returns[n], returns)->result != EX_detour_PLACED)
			continue;
		if (shown++ >= LINES_MAX) {
			untold++;
			continue;
		}
		fprintf(out, "%s%s", mark, function_name(report, profiles->returns[n]));
		mark = ", ";
	}
	if (untold)
		fprintf(out, " and %u more", untold);
	if (shown)
		fputc('\n', out);
	for (size_t n = 0; n < profiles->return_count; n++) {
		int result = EX_EVENT(profiles->returns[n], returns)->result;
		if (result == EX_detour_ABSENT &&
		    profiles->placed) /* where there is none at all, that is told elsewhere */
			fprintf(out, "  none found that records values in %s\n",
				ex_report_returns_place(report, profiles->returns[n]).module_name);
		else if (result != EX_detour_PLACED && result != EX_detour_ABSENT)
			fprintf(out, "  could not be made to return at once: %s (%s)\n",
				function_name(report, profiles->returns[n]), EX_KIND_TEXT(detour, result));
	}
}

void ex_report_profiles_text(const struct ex_report *report, FILE *out)
{
	const struct ex_profiles *profiles = &report->profiles;
	if (!profiles->count && !profiles->return_count)
		return;
	fputs("\nLLVM profiles\n", out);
	for (size_t n = 0; n < profiles->count; n++) {
		records_line(&profiles->list[n], out);
		salvaged_line(&profiles->list[n], out);
		unreadable_lines(&profiles->list[n], out);
	}
	returns_lines(report, out);
}
