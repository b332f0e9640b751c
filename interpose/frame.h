/*
 * frame.h: how long a function is, by what the unwinder knows of it: there in every object, stripped or not.
 */
#ifndef EX_FRAME_INFO_H
#define EX_FRAME_INFO_H

#include <stddef.h>

#include "object.h"

/* bytes of the function that begins at that address; 0 when none does, or the table has another form than compilers use */
size_t ex_frame_bytes(const struct ex_object *object, uintptr_t fn);

/* what there is to say of the frames of the function that holds pc: its entry in .eh_frame and what that has in common with
 * others, from behind their headers. 1, or 0 when there is none */
struct ex_frame_info {
	uintptr_t begin; /* of the function */
	const uint8_t *common, *common_end, *own, *own_end;
};
int ex_frame_find(const struct ex_object *object, uintptr_t pc, struct ex_frame_info *info);

#endif
