/*
 * use.h: how a process came to the address at which it died: the instruction there, and which registers make the address.
 */
#ifndef EX_USE_H
#define EX_USE_H

#include "instruction.h"
#include "lead.h"

struct ex_use {
	struct ex_instruction instruction; /* is_known 0: not told, or not decoded */
	unsigned register_count;
	uint64_t regs[33];
	/* two registers that make the address together, one of which leads into a mapping; -1: there are none */
	int base, index;
	unsigned scale;
	int64_t displacement;
};

/* of that CRASH, and the address that it used */
void ex_use_find(struct ex_use *use, const struct ex_leads *leads, const struct ex_event *crash, uint64_t address);

#endif
