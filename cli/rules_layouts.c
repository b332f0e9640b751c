/*
 * rules_layouts.c: profile records of more than one LLVM, as the sentences of verdicts have them. See rules.h.
 */
#include "rules.h"

#include "profile.h"
#include "text.h"

/* "LLVM 19 to 22" of the runtime, else of its records' size */
static const char *runtime_text(const struct ex_profile *p)
{
	const char *text = ex_llvm_of_version(p->version);
	return *text ? text : *ex_llvm_of_record(p->stride_bytes) ? ex_llvm_of_record(p->stride_bytes) : "LLVM";
}

/* "540 records of 48 bytes (LLVM 14 to 17)": those that are not the runtime's */
static const char *others_text(const struct ex_profile *p)
{
	struct ex_profile others = *p;
	for (unsigned size = 0; size < EX_RECORD_SIZES; size++)
		if (ex_record_bytes(size) == p->stride_bytes)
			others.records[size] = 0;
	const char *text = p->stride_bytes ? ex_profile_records_text(&others) : "";
	return *text ? text : "records of another version";
}

const char *ex_rules_mixed_cause(const struct ex_profile *p, enum ex_mixed mixed)
{
	static const char *const when[] = {
		[EX_MIXED_RECORDING] = " when values were recorded",
		[EX_MIXED_WRITING] = " when the profile was written",
		[EX_MIXED_NOTHING] = ", and the profile that was left cannot be read",
	};
	const char *parts = ex_format("Parts of %s were instrumented by another LLVM", p->name);
	unsigned won = EX_PROFILE_VERSION(p->raw_version);
	if (mixed == EX_MIXED_NOTHING && p->is_refused)
		return ex_format(
			"%s: its profile runtime (%s) found version %u (%s), and refused to write the profile.", parts,
			runtime_text(p), won, ex_llvm_of_version(won));
	return ex_format("%s: %s were read as those of its profile runtime (%s)%s.", parts, others_text(p),
			 runtime_text(p), when[mixed]);
}

void ex_rules_say_layouts(struct ex_candidate *c, const struct ex_profile *p)
{
	const char *known = p->source == EX_profile_source_RECORDS ? ", going by what most of them are" : "";
	ex_rules_evidence(c, "layouts", "%s has %s in one section, and its profile runtime reads all as %u bytes%s",
			  p->name, ex_profile_records_text(p), p->stride_bytes, known);
	if (!p->raw_version)
		return;
	unsigned won = EX_PROFILE_VERSION(p->raw_version);
	if (p->is_refused)
		ex_rules_evidence(c, "raw-version",
				  "__llvm_profile_raw_version is %u in it (%s), and its runtime is of version %u: that "
				  "refuses to write",
				  won, ex_llvm_of_version(won), p->version);
	else
		ex_rules_evidence(c, "raw-version",
				  "__llvm_profile_raw_version is %u in it, as its runtime expects, so that its one "
				  "check passes: the number is that of whichever object was linked first",
				  won);
}
