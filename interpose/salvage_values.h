/*
 * salvage_values.h: the value data of one record: which targets an indirect call had, which sizes a memcpy.
 */
#ifndef EX_SALVAGE_VALUES_H
#define EX_SALVAGE_VALUES_H

#include "os/os.h"
#include "profile_image.h"

struct ex_values {
	struct ex_os_out *out;
	const struct ex_profile_image *image;
	const unsigned char *record;
	const struct ex_raw_version *from, *to; /* layout of the record, and of the file */
	int is_quiet;				/* no event may be told */
	int is_cut;				/* result: something could not be read and was left out */
	uint32_t count;				/* result: entries written */
};

/* appends the record's value data, nothing where it has no value sites */
void ex_salvage_values(struct ex_values *values);
/* tells UNREADABLE; piece is EX_profile_piece_* */
void ex_salvage_unreadable(const struct ex_profile_image *image, int piece, uint64_t record, uint64_t address);

#endif
