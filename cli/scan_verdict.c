/*
 * scan_verdict.c: the profile of a file in one sentence. It says what the file shows and what follows of that alone: that the
 * program dies, only a run shows.
 */
#include "scan_elf.h"

#include "text.h"

#include <inttypes.h>
#include <string.h>

const char *ex_scan_mixed_advice(void)
{
	static const struct {
		const char *name, *advice;
	} verdicts[] = {
#define VERDICT(NAME, name, cause, evidence, confirm, control, advice) {#NAME, advice},
#include "verdicts.def"
#undef VERDICT
	};
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++)
		if (strcmp(verdicts[i].name, "MIXED_PROFILE_LAYOUTS") == 0)
			return verdicts[i].advice;
	return "";
}

static uint32_t total(const struct ex_scan_profile *profile)
{
	uint32_t sum = 0;
	for (unsigned size = 0; size < EX_RECORD_SIZES; size++)
		sum += profile->by_size[size];
	return sum;
}

/* "7 records of 48 bytes (LLVM 14 to 17)" */
static const char *some(uint32_t count, unsigned bytes, const char *records)
{
	return ex_format("%" PRIu32 "%s of %u bytes (%s)", count, records, bytes, ex_llvm_of_record(bytes));
}

/* the rarest first, the most frequent last: "7 records of 48 bytes (LLVM 14 to 17) among 15 of 64 bytes (LLVM 18 to 22)" */
static const char *records_text(const struct ex_scan_profile *profile)
{
	const char *text = NULL;
	unsigned left = (1u << EX_RECORD_SIZES) - 1;
	while (left) {
		unsigned rarest = EX_RECORD_SIZES;
		for (unsigned size = 0; size < EX_RECORD_SIZES; size++)
			if (left >> size & 1 &&
			    (rarest == EX_RECORD_SIZES || profile->by_size[size] < profile->by_size[rarest]))
				rarest = size;
		left &= ~(1u << rarest);
		uint32_t count = profile->by_size[rarest];
		if (!count)
			continue;
		text = text ? ex_format("%s among %s", text, some(count, ex_record_bytes(rarest), ""))
			    : some(count, ex_record_bytes(rarest), count == 1 ? " record" : " records");
	}
	if (!profile->unparsed_bytes)
		return text;
	return ex_format("%" PRIu64 " bytes that fit no known layout among %s", profile->unparsed_bytes, text);
}

/* what follows when the runtime, if it is known, meets these records */
static const char *consequence(const struct ex_scan_profile *profile)
{
	uint32_t misread = ex_scan_profile_misread(profile), sites = ex_scan_profile_misread_sites(profile);
	int is_refused = ex_scan_profile_is_refused(profile);
	const char *early = ex_format("%" PRIu32 "%s as soon as %s, perhaps before main", sites,
				      is_refused || sites == misread ? "" : " of them",
				      sites == 1 ? "its function runs" : "their functions run");
	if (!profile->stride_bytes)
		return "no profile runtime reads both";
	const char *reads = ex_format("the profile runtime reads records of %u bytes (%s)", profile->stride_bytes,
				      ex_llvm_of_version(profile->runtime_version));
	if (is_refused)
		return sites ? ex_format("%s and will misread %s", reads, early) : reads;
	if (!misread)
		return ex_format("%s and will misread what is between them", reads);
	if (!sites)
		return ex_format("%s and will misread %" PRIu32 " at exit, when it writes the profile", reads, misread);
	if (sites == misread)
		return ex_format("%s and will misread %s", reads, early);
	return ex_format("%s and will misread %" PRIu32 ", %s, and the others at exit", reads, misread, early);
}

static const char *refusal(const struct ex_scan_profile *profile)
{
	return ex_format("raw version %u won over a runtime of version %u: it will refuse to write the profile",
			 EX_PROFILE_VERSION(profile->raw_version), profile->runtime_version);
}

const char *ex_scan_profile_verdict(const struct ex_scan_profile *profile)
{
	if (profile->unread == EX_SCAN_DAMAGED)
		return "damaged: the profile records are not in the file";
	if (profile->unread == EX_SCAN_FOREIGN)
		return profile->is_there ? "instrumented, but records are read of 64-bit little-endian files only, and "
					   "of objects for x86-64 and AArch64 only"
					 : "not instrumented";
	if (profile->unread == EX_SCAN_CORRELATED)
		return "instrumented with counters alone; the profile records are in its debug information, or in "
		       "another file";
	if (!profile->data_bytes)
		return profile->runtime_version ? "not instrumented, though it holds a profile runtime"
						: "not instrumented";
	if (!total(profile))
		return ex_format("instrumented, but its %" PRIu64 " bytes of records fit no layout known here "
				 "(LLVM 14 to 23)",
				 profile->data_bytes);
	const char *text = records_text(profile);
	int is_refused = ex_scan_profile_is_refused(profile);
	if (ex_scan_profile_is_mixed(profile))
		text = ex_format("MIXED: %s: %s", text, consequence(profile));
	else if (ex_scan_profile_misread(profile))
		text = ex_format("MISMATCHED: %s, but %s", text, consequence(profile));
	else
		text = ex_format(is_refused ? "REFUSED: %s" : "consistent: %s", text);
	return is_refused ? ex_format("%s; %s", text, refusal(profile)) : text;
}

int ex_scan_elf_status(const struct ex_scan_elf *elf)
{
	return ex_scan_profile_is_wrong(&elf->profile) ? EX_SCAN_WRONG : EX_SCAN_RIGHT;
}

const char *ex_scan_elf_verdict(const struct ex_scan_elf *elf)
{
	return ex_scan_profile_verdict(&elf->profile);
}

const char *ex_scan_elf_advice(const struct ex_scan_elf *elf)
{
	if (elf->profile.unread == EX_SCAN_DAMAGED)
		return "build or copy the file again";
	return ex_scan_elf_status(elf) == EX_SCAN_WRONG ? ex_scan_mixed_advice() : "";
}
