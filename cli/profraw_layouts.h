/*
 * profraw_layouts.h: what sizes the records in a raw profile really have. The runtime copies a whole section, as if all of it
 * were of its own making; where another compiler's records are among them, the file has them as they were.
 */
#ifndef EX_PROFRAW_LAYOUTS_H
#define EX_PROFRAW_LAYOUTS_H

#include "profiles.h"
#include "profraw.h"

#define EX_PROFRAW_FIRST_MAX 4

struct ex_profraw_layouts {
	uint64_t records[EX_RECORD_SIZES], with_sites; /* these of all sizes */
	uint64_t unparsed_bytes;		       /* that fit no layout */
	uint64_t others;			       /* records of another size than the file's version has */
	uint64_t first[EX_PROFRAW_FIRST_MAX];	       /* the first of these: names by hash */
	int is_mixed;
};

void ex_profraw_layouts(struct ex_profraw_layouts *layouts, const struct ex_profraw_profile *profile);

#endif
