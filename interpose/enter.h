/*
 * enter.h: option enter: each entry of a function that it names is told. Such a function may be a local one, which is
 * called by rules of its own: nothing that its caller can see may change.
 */
#ifndef EX_ENTER_H
#define EX_ENTER_H

#include <stdint.h>

/* hooks those of the named functions that are there by now; after each look at the modules */
void ex_enter_place(void);
/* the module in that range is gone */
void ex_enter_forget(uintptr_t begin, uintptr_t end);
/* where an instruction that has moved stands in the program's own file; any other pc as it is. From signal handlers */
uintptr_t ex_enter_pc(uintptr_t pc);

#endif
