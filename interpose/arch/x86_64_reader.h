/*
 * x86_64_reader.h: an instruction while it is being read.
 */
#ifndef EX_ARCH_X86_64_READER_H
#define EX_ARCH_X86_64_READER_H

#include <stdint.h>

enum { OLD, VEX, EVEX }; /* encodings */
enum { ONE_BYTE, MAP_0F, MAP_0F38, MAP_0F3A };

struct reader {
	const uint8_t *code;
	unsigned limit, n; /* bytes there are, bytes read */
	int is_cut;	   /* there were too few */
	unsigned encoding, map, op;
	unsigned rep, rex; /* F2 or F3; 40 to 4F */
	int has_66, has_67, has_lock, has_modrm;
	unsigned mod, reg, rm;
	unsigned near;	    /* where the displacement from the next instruction is, 0 if there is none */
	unsigned immediate; /* bytes that come last */
	int is_relative;    /* those are a displacement */
};

/* whether the opcode is one, with that prefix; asked before what follows it is read */
int ex_x86_64_has_opcode(const struct reader *r);
/* and with this ModRM, where it has one, and these prefixes */
int ex_x86_64_has(const struct reader *r);

#endif
