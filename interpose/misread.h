/*
 * misread.h: whether a crash is one of profile records that were read by another layout than theirs.
 */
#ifndef EX_MISREAD_H
#define EX_MISREAD_H

#include <stdint.h>

/* is_nowhere: the fault has no address, since what was used as one is none (not canonical).
 * Tells PROFILE of objects that nobody has looked at yet, and MISREAD for each record that leads to the faulting address;
 * regs: EX_REGS of them. From the signal handler of a process that is about to die */
void ex_misread_tell(const uint64_t *regs, uintptr_t address, int is_nowhere);

#endif
