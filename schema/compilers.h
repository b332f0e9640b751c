/*
 * compilers.h: compilers as a .comment section names them. Freestanding; both sides.
 */
#ifndef EX_COMPILERS_H
#define EX_COMPILERS_H

#include <stddef.h>

/* LLVM release behind one text of .comment, without NUL: 14, 22; 0: it names no compiler of LLVM's, or it is not known of
 * which: Apple's numbers are its own, and a nightly rustc of a release that changed LLVM may be from before the change */
unsigned ex_compiler_llvm(const char *text, size_t length);

#endif
