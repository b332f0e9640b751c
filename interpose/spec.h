/*
 * spec.h: whether a handler is the one that an option names (symbol, module+offset, #n).
 */
#ifndef EX_SPEC_H
#define EX_SPEC_H

#include <stdint.h>

struct ex_spec;

int ex_spec_matches(const struct ex_spec *spec, uintptr_t fn, uint32_t row);
int ex_spec_is_skipped(uintptr_t fn, uint32_t row);

#endif
