/*
 * operand.h: which address an x86-64 instruction was about to use. For faults of which the processor tells none: it tells none of
 * an address that is not canonical, but neither of an instruction that is not aligned as it must be, or not allowed.
 */
#ifndef EX_OPERAND_H
#define EX_OPERAND_H

#include <stddef.h>
#include <stdint.h>

#define EX_OPERAND_CODE_BYTES 15 /* the longest instruction */

/* regs: 17 in DWARF order; top: the word on top of the stack. 0: it uses none, or one that these do not tell */
int ex_operand_address(const unsigned char *code, size_t bytes, const uint64_t *regs, uint64_t top, uint64_t *address);
/* no mapping can have it */
int ex_operand_is_impossible(uint64_t address);

#endif
