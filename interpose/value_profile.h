/*
 * value_profile.h: treatment value-profile: LLVM's functions that record values return at once.
 */
#ifndef EX_VALUE_PROFILE_H
#define EX_VALUE_PROFILE_H

#include <stdint.h>

/* in all objects that no look at the modules has seen before; before their constructors, but for those that dlopen brings */
void ex_value_profile_place(void);

#endif
