/*
 * scan_names.h: the functions that profile records are about, as section __llvm_prf_names has them, which survives strip.
 * Each object file that was linked left one block in it, in the order of linking.
 */
#ifndef EX_SCAN_NAMES_H
#define EX_SCAN_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct ex_scan_name {
	uint64_t hash; /* NameRef of its record */
	const char *function;
	const char *object; /* the source or codegen unit that it is from; NULL: not told */
	unsigned block;
};

struct ex_scan_names {
	struct ex_scan_name *list; /* by hash; of equal ones the first block's */
	size_t count;
	unsigned blocks;
	int is_damaged; /* something of the section could not be read */
};

/* one section's bytes; more sections are added to what is there. Sorted by ex_scan_names_done */
void ex_scan_names_add(struct ex_scan_names *names, const unsigned char *bytes, size_t length);
void ex_scan_names_done(struct ex_scan_names *names);
const struct ex_scan_name *ex_scan_names_find(const struct ex_scan_names *names, uint64_t hash);

#endif
