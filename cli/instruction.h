/*
 * instruction.h: the instruction at which a process died: its text, and which memory it used by which registers. Over
 * Zydis, for x86-64, where it was there when exeunt was built; else nothing is known of any instruction.
 */
#ifndef EX_INSTRUCTION_H
#define EX_INSTRUCTION_H

#include <stddef.h>
#include <stdint.h>

struct ex_instruction {
	int is_known;
	uint64_t address;
	unsigned length;
	char text[96]; /* Intel's order, numbers in hexadecimal */
	int has_memory;
	int reads, writes; /* that memory */
	int base, index;   /* DWARF numbers of the registers, -1: none, or not one of those that are recorded */
	unsigned scale;	   /* of index */
	int64_t displacement;
	unsigned memory_bytes; /* how many are read or written there, 0 = not known */
	uint64_t memory;       /* the address that it used; what push, pop and string operations use too */
	int is_memory_known;   /* all that makes it is known (not so with fs: and gs:) */
	uint64_t other;	       /* the second place of a string operation */
	int is_other_known;
	uint64_t target; /* a call or jump by a register goes there */
	int is_target_known;
	int is_return; /* goes where the stack says */
};

#define EX_INSTRUCTION_BYTES 15 /* the longest */

/* 0: built without Zydis */
int ex_instruction_is_possible(void);

/* regs: 17 words in DWARF's order, NULL: not known */
void ex_instruction_decode(struct ex_instruction *instruction, const unsigned char *bytes, size_t count,
			   uint64_t address, const uint64_t *regs);
/* those before and behind that can be told from bytes[0..count), which begin at begin, with the one at pc among them.
 * Returns their number; what lies before pc is left out where no decoding falls into step with pc */
size_t ex_instructions_around(struct ex_instruction *list, size_t max, const unsigned char *bytes, size_t count,
			      uint64_t begin, uint64_t pc, const uint64_t *regs);

/* no mapping can have it */
int ex_address_is_impossible(uint64_t address);
/* the address that it used, or was to go to, and that no mapping can have: of a fault without an address. The processor tells
 * none of these, but neither of an instruction that is not aligned as it must be, or not allowed. top: the word on top of the
 * stack. 0: it used none */
int ex_instruction_impossible(const struct ex_instruction *instruction, uint64_t top, uint64_t *address);

#endif
