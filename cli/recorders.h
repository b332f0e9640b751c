/*
 * recorders.h: the functions of an object that record values for its LLVM profile, found without their names: by how its
 * code calls them.
 */
#ifndef EX_RECORDERS_H
#define EX_RECORDERS_H

#include "profiles.h"
#include "symbols.h"

#include <stddef.h>

#define EX_RECORDERS_MAX 8 /* LLVM has had three of them at most */

struct ex_recorders {
	struct {
		uint64_t offset; /* its address in the file */
		unsigned calls;
	} list[EX_RECORDERS_MAX];
	unsigned count;
};

/* code that is mapped at that address, and the records, by their addresses in the file; x86-64. Adds what it finds */
void ex_recorders_in(struct ex_recorders *recorders, const unsigned char *code, size_t length, uint64_t address,
		     uint64_t records, uint64_t records_bytes);
/* those of a profile's object, out of the file that the module was read from */
void ex_recorders_find(struct ex_recorders *recorders, struct ex_symbols *symbols, const struct ex_profile *profile);

#endif
