/*
 * spec.h: whether a handler is the one that an option names (symbol, module+offset, #n).
 */
#ifndef EX_SPEC_H
#define EX_SPEC_H

#include <stdint.h>

struct ex_spec;

int ex_spec_matches(const struct ex_spec *spec, uintptr_t fn, uint32_t row);
/* one of these */
int ex_spec_is_in(const struct ex_spec *specs, int count, uintptr_t fn, uint32_t row);

#endif
