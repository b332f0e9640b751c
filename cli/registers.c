/*
 * registers.c: see registers.h.
 */
#include "registers.h"

#include "text.h"

#include <stddef.h>

#define X86_REGS 17
#define ARM_REGS 33

const char *ex_register_name(unsigned count, unsigned n)
{
	static const char *const names[X86_REGS] = {"rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8",
						    "r9",  "r10", "r11", "r12", "r13", "r14", "r15", "rip"};
	if (count == X86_REGS && n < X86_REGS)
		return names[n];
	if (count != ARM_REGS || n >= ARM_REGS)
		return NULL;
	return ex_register_is_sp(count, n) ? "sp" : ex_register_is_pc(count, n) ? "pc" : ex_format("x%u", n);
}

int ex_register_is_sp(unsigned count, unsigned n)
{
	return count == X86_REGS ? n == 7 : n == 31;
}

int ex_register_is_pc(unsigned count, unsigned n)
{
	return count == X86_REGS ? n == 16 : n == 32;
}
