/*
 * scan_profile.h: the LLVM profile in one ELF file: sections, records by size, the functions and objects that they are of,
 * the runtime that would read them.
 */
#ifndef EX_SCAN_PROFILE_H
#define EX_SCAN_PROFILE_H

#include "elf_file.h"
#include "profile.h"
#include "profile_code.h"
#include "profiles.h"
#include "scan_names.h"

#define EX_PROFILE_IR_LEVEL (1ull << 56) /* of a raw version: instrumented at IR level, else by the front end */

struct ex_scan_record {
	uint64_t offset; /* in the file */
	unsigned bytes;	 /* 0: a gap of 8 bytes that fit no layout */
	uint32_t counters, sites;
	const struct ex_scan_name *name; /* NULL: not found */
};

/* records of one size that follow one another */
struct ex_scan_run {
	const struct ex_scan_record *first;
	size_t count;
};

/* an object file that was linked, or, with LTO, a source */
struct ex_scan_unit {
	const char *name;     /* NULL: nothing names it */
	const char *function; /* of its first record */
	unsigned block;
	uint32_t records[EX_RECORD_SIZES];
};

/* why records could not be read */
enum ex_scan_unread {
	EX_SCAN_READ,
	EX_SCAN_FOREIGN,    /* 32-bit, or big-endian */
	EX_SCAN_CORRELATED, /* counters only: records are in debug information, or in sections that are not loaded */
	EX_SCAN_DAMAGED,    /* the section's bytes are not in the file */
};

struct ex_scan_profile {
	int is_there; /* a section, or the runtime's code */
	enum ex_scan_unread unread;
	const struct ex_elf_section **sections; /* all that belong to the profile, in the file's order */
	size_t section_count;
	uint64_t data_bytes;
	struct ex_scan_record *records;
	size_t record_count; /* gaps included */
	struct ex_scan_run *runs;
	size_t run_count;
	struct ex_scan_unit *units;
	size_t unit_count;
	uint32_t by_size[EX_RECORD_SIZES], with_sites[EX_RECORD_SIZES];
	uint64_t unparsed_bytes;
	struct ex_scan_names names;
	size_t named;		  /* records whose name was found */
	unsigned runtime_version; /* of the runtime inside; 0: none found */
	unsigned stride_bytes;	  /* by which it reads; 0: not known */
	uint64_t raw_version;	  /* that won; 0: not found */
	int raw_from_symbol;	  /* by .symtab, not by the runtime's code */
	const char *file_name;	  /* built in, NULL */
};

void ex_scan_profile_read(struct ex_scan_profile *profile, const struct ex_elf_file *file);
/* EX_RECORD_* of that many bytes, EX_RECORD_SIZES for none */
unsigned ex_scan_size_of(unsigned record_bytes);
/* more than one size, or bytes of none among them */
int ex_scan_profile_is_mixed(const struct ex_scan_profile *profile);
/* records of another size than the runtime reads */
uint32_t ex_scan_profile_misread(const struct ex_scan_profile *profile);
/* of these, those with value sites: the runtime is handed them before it writes */
uint32_t ex_scan_profile_misread_sites(const struct ex_scan_profile *profile);
/* the version that won is another than the runtime's */
int ex_scan_profile_is_refused(const struct ex_scan_profile *profile);
/* whether its records, taken by themselves or with the runtime, are as they must not be */
int ex_scan_profile_is_wrong(const struct ex_scan_profile *profile);
/* one sentence */
const char *ex_scan_profile_verdict(const struct ex_scan_profile *profile);

/* scan_records.c: the section's records, of a linked file or of a relocatable one */
void ex_scan_records_read(struct ex_scan_profile *profile, const struct ex_elf_file *file);

#endif
