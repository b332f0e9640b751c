/*
 * salvage_write.h: one object's raw profile, out of its memory.
 */
#ifndef EX_SALVAGE_WRITE_H
#define EX_SALVAGE_WRITE_H

#include "os/os.h"
#include "profile_image.h"

struct ex_salvage_result {
	int error; /* 0, or -errno: nothing was written */
	uint32_t records, converted, left_out;
	uint64_t values, bytes;
};

/* appends the profile to out. is_quiet: no event may be told. Errors of out are not this function's */
void ex_salvage_write(struct ex_os_out *out, const struct ex_profile_image *image, int is_quiet,
		      struct ex_salvage_result *result);

#endif
