/*
 * report_profiles_json.c: what report_profiles.c says, as JSON. See report_json.c.
 */
#include "report.h"

#include "emit_process.h"
#include "profile.h"

#include <inttypes.h>

static void emit_count(struct ex_emit *emit, const char *key, uint64_t count)
{
	if (count)
		ex_emit_uint(emit, key, count);
	else
		ex_emit_null(emit, key);
}

/* of a record in its module, as addr2line takes it; its address where the module is not known */
static void emit_offset(struct ex_emit *emit, const struct ex_profile *profile, uint64_t address)
{
	ex_emit_hex(emit, "offset", address - (profile && profile->module ? profile->module->bias : 0));
}

static void emit_records(struct ex_emit *emit, const struct ex_profile *profile)
{
	static const char *const keys[EX_RECORD_SIZES] =
		{[EX_RECORD_48] = "48", [EX_RECORD_64] = "64", [EX_RECORD_72] = "72"};
	if (!profile->told) {
		ex_emit_null(emit, "records");
		return;
	}
	ex_emit_object(emit, "records");
	for (unsigned size = 0; size < EX_RECORD_SIZES; size++)
		ex_emit_uint(emit, keys[size], profile->records[size]);
	ex_emit_end(emit);
}

/* the last that left a file; else the last that did not */
static void emit_salvaged(struct ex_emit *emit, const struct ex_profile *profile)
{
	const struct ex_event *event = profile->kept ? profile->kept : profile->salvaged;
	if (!event) {
		ex_emit_null(emit, "salvaged");
		return;
	}
	const struct ex_ev_salvaged *file = EX_EVENT(event, salvaged);
	int error = EX_EVENT(profile->salvaged, salvaged)->error;
	ex_emit_object(emit, "salvaged");
	ex_emit_bytes(emit, "path", event->tail[0].bytes, event->tail[0].length);
	ex_emit_text(emit, "point", EX_KIND_TEXT(point, file->point));
	ex_emit_text(emit, "error", error ? ex_growth_errno(error) : NULL);
	ex_emit_uint(emit, "times", file->nth);
	ex_emit_uint(emit, "version", file->version);
	ex_emit_uint(emit, "records", file->records);
	ex_emit_uint(emit, "converted", file->converted);
	ex_emit_uint(emit, "left_out", file->left_out);
	ex_emit_uint(emit, "values", file->values);
	ex_emit_uint(emit, "bytes", file->bytes);
	ex_emit_end(emit);
}

static void emit_unreadable(struct ex_emit *emit, const struct ex_profile *profile)
{
	ex_emit_array(emit, "unreadable");
	for (size_t n = 0; n < profile->unreadable_count; n++) {
		const struct ex_ev_unreadable *piece = EX_EVENT(profile->unreadable[n], unreadable);
		ex_emit_object(emit, NULL);
		ex_emit_text(emit, "piece", EX_KIND_TEXT(profile_piece, piece->piece));
		emit_offset(emit, profile, piece->record);
		ex_emit_hex(emit, "address", piece->address);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}

static void emit_profile(struct ex_emit *emit, const struct ex_profile *profile)
{
	ex_emit_object(emit, NULL);
	ex_emit_text(emit, "module", profile->module ? profile->name : NULL);
	emit_records(emit, profile);
	ex_emit_uint(emit, "unparsed_bytes", profile->unparsed_bytes);
	emit_count(emit, "stride_bytes", profile->stride_bytes);
	emit_count(emit, "version", profile->version);
	ex_emit_text(emit, "source", profile->source < 0 ? NULL : EX_KIND_TEXT(profile_source, profile->source));
	emit_count(emit, "raw_version", EX_PROFILE_VERSION(profile->raw_version));
	ex_emit_bool(emit, "mixed", profile->is_mixed);
	ex_emit_bool(emit, "refused", profile->is_refused);
	ex_emit_bool(emit, "continuous", profile->is_continuous);
	ex_emit_bool(emit, "writer", profile->writer != NULL);
	emit_salvaged(emit, profile);
	emit_unreadable(emit, profile);
	ex_emit_end(emit);
}

void ex_report_profiles_json(const struct ex_report *report, struct ex_emit *emit)
{
	const struct ex_profiles *profiles = &report->profiles;
	ex_emit_array(emit, "profiles");
	for (size_t n = 0; n < profiles->count; n++)
		emit_profile(emit, &profiles->list[n]);
	ex_emit_end(emit);
	if (!profiles->value_profile_asked) {
		ex_emit_null(emit, "returns");
		return;
	}
	ex_emit_array(emit, "returns");
	for (size_t n = 0; n < profiles->return_count; n++) {
		const struct ex_event *event = profiles->returns[n];
		struct ex_place place = ex_report_returns_place(report, event);
		ex_emit_object(emit, NULL);
		ex_emit_text(emit, "symbol", *event->tail[0].bytes ? event->tail[0].bytes : NULL);
		ex_emit_text(emit, "module", place.module ? place.module_name : NULL);
		if (EX_EVENT(event, returns)->result == EX_detour_ABSENT)
			ex_emit_null(emit, "offset");
		else
			ex_emit_hex(emit, "offset", place.offset);
		ex_emit_text(emit, "result", EX_KIND_TEXT(detour, EX_EVENT(event, returns)->result));
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}

void ex_report_misread_json(const struct ex_report *report, struct ex_emit *emit)
{
	ex_emit_array(emit, "misread");
	for (size_t n = 0; n < report->profiles.misread_count; n++) {
		const struct ex_ev_misread *one = EX_EVENT(report->profiles.misreads[n], misread);
		const struct ex_profile *profile = ex_profiles_of(&report->profiles, one->module);
		ex_emit_object(emit, NULL);
		ex_emit_text(emit, "how", EX_KIND_TEXT(misread, one->how));
		ex_emit_text(emit, "module", profile && profile->module ? profile->name : NULL);
		emit_offset(emit, profile, one->record);
		ex_emit_uint(emit, "record_bytes", one->stride);
		ex_emit_uint(emit, "read_as_bytes", one->read_as);
		ex_emit_hex(emit, "word", one->word);
		ex_emit_hex(emit, "address", one->address);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}
