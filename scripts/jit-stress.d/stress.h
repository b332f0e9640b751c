/*
 * stress.h: what a JIT must be able to do for stress.c. One of gcc.c and orc.c is linked with it.
 */
#ifndef STRESS_H
#define STRESS_H

typedef long function(long count);

/* a function that counts down to 0 and returns result; *code is what release wants. Called by one thread at a time */
function *compile(long result, void **code);
/* gives the function's memory back */
void release(void *code);
/* lets go of all else that was needed to make it */
void drop(void *code);

#endif
