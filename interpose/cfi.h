/*
 * cfi.h: who called whom, in this process and at once: return addresses by the tables that compilers write for exceptions
 * (.eh_frame), which are there in stripped objects and without frame pointers. For what cannot wait for the command, which
 * unwinds samples: a block's allocation site is a few frames, asked for with each block.
 */
#ifndef EX_CFI_H
#define EX_CFI_H

#include <stdint.h>

/* where a frame goes on: the call that led into the library, as its hook sees it */
struct ex_cfi_frame {
	uintptr_t pc, sp, fp; /* of the caller, once the call has returned */
};

/* pcs[0] is frame's own pc, then its callers' return addresses, at most max in all; how many. Ends where the tables do: at
 * JIT code, at a signal's frame, or at one that is computed in a way that is not known here. Takes no lock, may be called in
 * signal handlers */
unsigned ex_cfi_walk(struct ex_cfi_frame frame, uintptr_t *pcs, unsigned max);

/* code has gone: another object may come where it was */
void ex_cfi_forget(void);

#endif
