/*
 * profiles.h: the LLVM profiles of one process image: what each object's records look like, who would write them, what
 * became of that. Out of the events PROFILE, WRITER, SALVAGED, UNREADABLE, RETURNS, MISREAD; rests on nothing else.
 */
#ifndef EX_PROFILES_H
#define EX_PROFILES_H

#include "process.h"

enum { EX_RECORD_48, EX_RECORD_64, EX_RECORD_72, EX_RECORD_SIZES };

/* an object of the process that carries profile records, or whose profile was salvaged */
struct ex_profile {
	uint32_t n;			/* number of its module */
	const struct ex_module *module; /* NULL: its event was lost */
	const char *name;		/* base name of the module's file, "module 7" when that was lost */
	const struct ex_event *told;	/* its PROFILE event, NULL: lost, and all up to writer is 0 */
	uint32_t records[EX_RECORD_SIZES];
	uint64_t unparsed_bytes;
	unsigned stride_bytes, version; /* of its own runtime, 0 = not known */
	int source;			/* EX_profile_source_*: how these two are known, -1 */
	uint64_t raw_version;		/* __llvm_profile_raw_version that won, 0 = not known */
	uint32_t others;		/* records of another size than the runtime's */
	int is_mixed;			/* records of more than one size */
	int is_refused;			/* the version that won is not the runtime's: its writer gives up */
	int is_continuous;
	const struct ex_event *writer;	 /* its WRITER, NULL: none registered */
	const struct ex_event *salvaged; /* its last SALVAGED, NULL */
	const struct ex_event *kept;	 /* its last SALVAGED that left a file, NULL */
	unsigned snapshots;		 /* of flush=signal: and every:, that this file replaced */
	const struct ex_event **unreadable;
	size_t unreadable_count;
};

struct ex_profiles {
	struct ex_profile *list; /* in the order in which they were told */
	size_t count;
	const struct ex_event **returns, **misreads; /* RETURNS of the image and those before it; MISREAD */
	size_t return_count, misread_count;
	unsigned placed;	 /* RETURNS that took effect */
	int salvage_asked;	 /* by salvage=yes, flush=signal: or flush=every: */
	int value_profile_asked; /* value-profile= is set */
};

/* a fork child has what its parents had told before it began; what was salvaged is its own only */
void ex_profiles_build(struct ex_profiles *profiles, const struct ex_image *image);
/* that of a module's number, or of whatever lies at an address; NULL */
const struct ex_profile *ex_profiles_of(const struct ex_profiles *profiles, uint32_t module);
const struct ex_profile *ex_profiles_at(const struct ex_profiles *profiles, uint64_t address);
/* 48, 64, 72 */
unsigned ex_record_bytes(unsigned size);
/* "LLVM 14 to 17": whose records have that many bytes; "LLVM 19 to 22": whose runtime has that raw version. "" */
const char *ex_llvm_of_record(unsigned record_bytes);
const char *ex_llvm_of_version(unsigned version);
/* "6402 records of 64 bytes (LLVM 18 to 22), 540 of 48 bytes (LLVM 14 to 17)"; "" */
const char *ex_profile_records_text(const struct ex_profile *profile);
/* "evtx_dump+0x5a210"; profile may be NULL */
const char *ex_profile_place(const struct ex_profile *profile, uint64_t address);
/* a register that holds what a walk comes by: that event's sentence has both */
int ex_misread_is_repeated(const struct ex_profiles *profiles, const struct ex_event *misread);
/* how a MISREAD event shows what the reader did, as a sentence without its full stop */
const char *ex_misread_text(const struct ex_profiles *profiles, const struct ex_event *misread);
/* whether settings, as the EXEUNT variable has them, make exeunt write the profile: salvage=yes, or a flush= that implies it */
int ex_salvage_asked(const char *settings);

#endif
