/*
 * frame.h: how long a function is, by what the unwinder knows of it: there in every object, stripped or not.
 */
#ifndef EX_FRAME_INFO_H
#define EX_FRAME_INFO_H

#include <stddef.h>

#include "object.h"

/* bytes of the function that begins at that address; 0 when none does, or the table has another form than compilers use */
size_t ex_frame_bytes(const struct ex_object *object, uintptr_t fn);

#endif
