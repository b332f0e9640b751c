/*
 * profraw.h: raw LLVM profiles as a file has them, one behind the other. Read from bytes, and judged as llvm-profdata of
 * the same version judges them. 64-bit, little-endian.
 */
#ifndef EX_PROFRAW_H
#define EX_PROFRAW_H

#include "../schema/profile.h"

#include <stddef.h>
#include <stdint.h>

enum ex_profraw {
	EX_PROFRAW_WHOLE,
	EX_PROFRAW_EMPTY,   /* no byte */
	EX_PROFRAW_CUT,	    /* ends inside a profile */
	EX_PROFRAW_BROKEN,  /* long enough, but its parts contradict each other */
	EX_PROFRAW_FOREIGN, /* no raw profile of a 64-bit little-endian program */
	EX_PROFRAW_UNKNOWN, /* of a version whose layout is not known here */
};

/* parts of a profile, in the order of the file */
#define EX_PROFRAW_PARTS(PART)                                                                                         \
	PART(HEAD, "header")                                                                                           \
	PART(IDS, "binary ids")                                                                                        \
	PART(RECORDS, "records")                                                                                       \
	PART(COUNTERS, "counters")                                                                                     \
	PART(BITMAP, "bitmap")                                                                                         \
	PART(UNIFORM, "uniform counters")                                                                              \
	PART(NAMES, "names")                                                                                           \
	PART(VTABLES, "virtual tables")                                                                                \
	PART(VTABLE_NAMES, "names of virtual tables")                                                                  \
	PART(VALUES, "value-profile tail")
enum ex_profraw_part {
#define PART(NAME, text) EX_PROFRAW_##NAME,
	EX_PROFRAW_PARTS(PART)
#undef PART
		EX_PROFRAW_PARTS_COUNT
};
extern const char *const ex_profraw_part_texts[EX_PROFRAW_PARTS_COUNT];

#define EX_PROFRAW_IR (1ull << 56)
#define EX_PROFRAW_KINDS_MAX 3 /* of value sites: targets of calls, sizes of memory, virtual tables */

struct ex_profraw_profile {
	const unsigned char *bytes; /* its own, from the header on */
	size_t length;		    /* to its last byte; what there is of it */
	enum ex_profraw what;
	enum ex_profraw_part part; /* CUT, BROKEN: where */
	const char *why;	   /* BROKEN: half a sentence */

	uint64_t version;		       /* with its upper bits */
	const struct ex_raw_version *layout;   /* NULL: not known; then nothing below is */
	uint64_t at[EX_PROFRAW_PARTS_COUNT];   /* where each part begins */
	uint64_t size[EX_PROFRAW_PARTS_COUNT]; /* by the header, without padding; of values: as far as they were read */
	uint64_t records, counters;
	unsigned counter_bytes;
	uint64_t counters_delta, bitmap_delta, names_delta;

	uint64_t misfits;			/* records whose counters or bitmap lie elsewhere */
	uint64_t with_values, with_values_read; /* functions that have value sites; those whose data was read whole */
	uint64_t values[EX_PROFRAW_KINDS_MAX];	/* entries of these */
	uint64_t nonzero, sum, largest;		/* counters that are in the file; sum and largest stop at the top */
};

struct ex_profraw_record {
	uint64_t name_ref, func_hash;
	int fits;		       /* its counters and bitmap lie within those of the profile */
	const unsigned char *counters; /* NULL: the file has them not, or not whole */
	uint32_t count;
	unsigned sites; /* for values, of all kinds */
};

/* one profile, which begins at bytes; returns profile->what */
enum ex_profraw ex_profraw_read(struct ex_profraw_profile *profile, const unsigned char *bytes, size_t length);
/* how many bytes of a part are there: its size, unless the file ends before */
uint64_t ex_profraw_there(const struct ex_profraw_profile *profile, enum ex_profraw_part part);
/* n below profile->records, and the file has it whole */
struct ex_profraw_record ex_profraw_record(const struct ex_profraw_profile *profile, uint64_t n);
/* the binary id at *at among the ids, from 0 on, which moves on to the next; NULL: there is none */
const unsigned char *ex_profraw_id(const struct ex_profraw_profile *profile, uint64_t *at, uint64_t *bytes);
/* profraw_values.c: the value data, record by record. Sets the profile's length, and what is wrong */
void ex_profraw_read_values(struct ex_profraw_profile *profile);

/* all profiles of a file */
struct ex_profraw_file {
	const unsigned char *bytes;
	size_t length;
	struct ex_profraw_profile *profiles;
	unsigned count, whole; /* all of them; those before the first that is not whole */
	enum ex_profraw what;
	uint64_t foreign_at; /* BROKEN with all profiles whole: bytes that begin none */
};

/* bytes stay the caller's */
void ex_profraw_file_read(struct ex_profraw_file *file, const unsigned char *bytes, size_t length);
/* frees what _read made */
void ex_profraw_file_close(struct ex_profraw_file *file);
/* profraw_file.c: reads a regular file into memory; 0, or -1 with errno */
int ex_profraw_file_load(struct ex_profraw_file *file, const char *path);
/* is that file whole? count: its profiles up to the first that is not. Of a version that is not known here, an installed
 * llvm-profdata has the word */
enum ex_profraw ex_profraw_check(const char *path, unsigned *count);

#endif
