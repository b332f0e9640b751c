/*
 * profile_words.c: profiles in words. Owns the wording that the report, verdicts and doctor share. See profiles.h.
 */
#include "profiles.h"

#include "text.h"

#include <inttypes.h>
#include <string.h>

static const struct {
	unsigned version, first, last, record_bytes;
} versions[] = {
#define RAW(version, llvm_first, llvm_last, words, record_bytes, ...) {version, llvm_first, llvm_last, record_bytes},
#include "profile.def"
#undef RAW
};

#define VERSIONS (sizeof(versions) / sizeof(*versions))

unsigned ex_record_bytes(unsigned size)
{
	static const unsigned bytes[EX_RECORD_SIZES] = {[EX_RECORD_48] = 48, [EX_RECORD_64] = 64, [EX_RECORD_72] = 72};
	return bytes[size];
}

static const char *releases(unsigned first, unsigned last)
{
	return first == last ? ex_format("LLVM %u", first) : first ? ex_format("LLVM %u to %u", first, last) : "";
}

const char *ex_llvm_of_record(unsigned record_bytes)
{
	unsigned first = 0, last = 0;
	for (size_t n = 0; n < VERSIONS; n++) {
		if (versions[n].record_bytes != record_bytes)
			continue;
		first = first ? first : versions[n].first;
		last = versions[n].last;
	}
	return first ? releases(first, last) : "";
}

const char *ex_llvm_of_version(unsigned version)
{
	for (size_t n = 0; n < VERSIONS; n++)
		if (versions[n].version == version)
			return releases(versions[n].first, versions[n].last);
	return "";
}

const char *ex_profile_records_text(const struct ex_profile *profile)
{
	unsigned order[EX_RECORD_SIZES] = {EX_RECORD_48, EX_RECORD_64, EX_RECORD_72};
	const char *text = "";
	for (unsigned n = 0; n < EX_RECORD_SIZES; n++) {
		for (unsigned later = n + 1; later < EX_RECORD_SIZES; later++)
			if (profile->records[order[later]] > profile->records[order[n]]) {
				unsigned size = order[n];
				order[n] = order[later];
				order[later] = size;
			}
		uint32_t count = profile->records[order[n]];
		unsigned bytes = ex_record_bytes(order[n]);
		if (!count)
			break;
		text = ex_format("%s%" PRIu32 "%s of %u bytes (%s)", n ? ex_format("%s, ", text) : "", count,
				 n	      ? ""
				 : count == 1 ? " record"
					      : " records",
				 bytes, ex_llvm_of_record(bytes));
	}
	return text;
}

const char *ex_profile_place(const struct ex_profile *profile, uint64_t address)
{
	if (!profile || !profile->module)
		return ex_format("0x%" PRIx64, address);
	return ex_format("%s+0x%" PRIx64, profile->name, address - profile->module->bias);
}

/* the walk that comes by the place which a register holds */
static const struct ex_event *other(const struct ex_profiles *profiles, const struct ex_event *misread, int how)
{
	const struct ex_ev_misread *one = EX_EVENT(misread, misread);
	for (size_t n = 0; n < profiles->misread_count; n++) {
		const struct ex_ev_misread *that = EX_EVENT(profiles->misreads[n], misread);
		if (that->how == how && that->record == one->record && that->read_as == one->read_as)
			return profiles->misreads[n];
	}
	return NULL;
}

int ex_misread_is_repeated(const struct ex_profiles *profiles, const struct ex_event *misread)
{
	return EX_EVENT(misread, misread)->how == EX_misread_REGISTER && other(profiles, misread, EX_misread_WALK);
}

const char *ex_misread_text(const struct ex_profiles *profiles, const struct ex_event *misread)
{
	const struct ex_ev_misread *fixed = EX_EVENT(misread, misread);
	const struct ex_profile *profile = ex_profiles_of(profiles, fixed->module);
	const char *lies = fixed->stride ? ex_format("a profile record of %u bytes lies", fixed->stride)
					 : "no profile record begins";
	const char *fault = ex_format("0x%" PRIx64, fixed->word);
	/* the processor tells no address, 0, of an access to one that is not canonical; it may be what was read there */
	if ((fixed->word >> 47) != 0 && (fixed->word >> 47) != UINT64_MAX >> 47)
		fault = ex_format("%s, which is no address", fault);
	else if (fixed->address && fixed->address != fixed->word)
		fault = ex_format("%s, and the fault was at 0x%" PRIx64, fault, fixed->address);
	if (fixed->how == EX_misread_WALK)
		return ex_format("a walk over the profile records of %s in steps of %u bytes comes by %s, where %s: "
				 "taken for one of %u bytes, it has its value data at %s%s",
				 profile ? profile->name : "an object", fixed->read_as,
				 ex_profile_place(profile, fixed->record), lies, fixed->read_as, fault,
				 other(profiles, misread, EX_misread_REGISTER) ? "; a register holds that place too"
									       : "");
	return ex_format("a register holds %s, where %s: taken for one of %u bytes, it has its value data at %s",
			 ex_profile_place(profile, fixed->record), lies, fixed->read_as, fault);
}
