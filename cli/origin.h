/*
 * origin.h: where the bad value of a crash came from: the word of memory that a register was loaded from which made the address,
 * or the target of the jump. Found by reading the code before the place of death backwards; x86-64, over Zydis.
 */
#ifndef EX_ORIGIN_H
#define EX_ORIGIN_H

#include "symbols.h"

struct ex_origin {
	int is_known;	 /* address and bytes are */
	const char *why; /* it is not known; NULL */
	int reg;	 /* DWARF number of the register that held the bad value at the crash; -1: none did */
	uint64_t value;	 /* as that register held it; where it was none, the program counter */
	uint64_t loaded; /* the same without what was added, or shifted, after it was loaded: what the word held */
	uint64_t address;
	unsigned bytes;	   /* of the word: 1, 2, 4, 8 */
	uint64_t pc;	   /* of the instruction that loaded it */
	const char *text;  /* that instruction, as Intel writes it */
	int is_return;	   /* the word is a return address on the stack */
	const char *word;  /* as watch= takes it: "MODULE+0xOFF", or "0xADDRESS" where it is in no module */
	const char *where; /* for people: "app+0x4010 (table+0x10)", "mapping #4 + 0x10000"; NULL: not known */
};

/* of the image's crash. Returns is_known */
int ex_origin_word(struct ex_origin *origin, const struct ex_image *image, struct ex_symbols *symbols);

#endif
