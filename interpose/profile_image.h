/*
 * profile_image.h: the objects of this process that carry LLVM profile records, as their own section tables say.
 */
#ifndef EX_PROFILE_IMAGE_H
#define EX_PROFILE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "profile.h"
#include "wire.h"

struct ex_profile_file;

#define EX_PROFILES_MAX 64 /* objects with records; further ones are left to their runtimes */

struct ex_profile_part {
	uintptr_t at;
	uint64_t bytes; /* 0: there is none */
};

struct ex_profile_image {
	uint32_t module; /* its number; 0: a free row */
	uintptr_t begin, end, bias;
	struct ex_profile_sections sections;
	struct ex_profile_part names, nodes, vtables, vtable_names;
	const struct ex_raw_version *runtime; /* the layout that its runtime reads; NULL: a version not known here */
	uint16_t version;		      /* of the runtime */
	uint8_t source;			      /* EX_profile_source_* */
	uint64_t raw_version;		      /* 0: not found */
	uint32_t records[3];		      /* of 48, 64, 72 bytes */
	uint64_t unparsed_bytes;
	char built_in[EX_OPTION_MAX_BYTES]; /* name of the file that it writes; "" = not known */
	struct ex_profile_part heads;	    /* of value sites, as far as they are not in the heap */
	uintptr_t dumped_at, name_at;	    /* variables of the runtime; 0 = not found (stripped) */
	uint32_t writer;		    /* handler number, 0 = none */
	int is_written, is_final;	    /* its profile: the last time; for good */
	struct ex_profile_file *file;	    /* that its profile goes to; salvage_file.h */
};

/* the object that an address lies in, if it has records: found now, or before; tells PROFILE once. NULL */
struct ex_profile_image *ex_profile_at(uintptr_t address);
/* a signal is about to end the process: looks at all objects that nobody asked about yet, and tells what they are */
void ex_profile_look_at_all(void);
/* whether its runtime would misread some of its records */
int ex_profile_is_mixed(const struct ex_profile_image *image);
/* all that are known, in the order in which they were found */
struct ex_profile_image *ex_profile_next(const struct ex_profile_image *image);
/* the object in that range is gone */
void ex_profile_forget(uintptr_t begin, uintptr_t end);

#endif
