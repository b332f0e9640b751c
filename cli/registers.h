/*
 * registers.h: the registers of a sample by name, in DWARF order: x86-64 has 17, aarch64 33.
 */
#ifndef EX_REGISTERS_H
#define EX_REGISTERS_H

/* count: registers in the sample; NULL: no such one */
const char *ex_register_name(unsigned count, unsigned n);
int ex_register_is_sp(unsigned count, unsigned n);
int ex_register_is_pc(unsigned count, unsigned n);

#endif
