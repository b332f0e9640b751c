/*
 * operand.c: see operand.h. Reads as much of the encoding as tells the memory operand: prefixes, opcode map, ModRM, SIB,
 * displacement. Must say "not known" rather than guess.
 */
#include "operand.h"

#include <string.h>

struct reader {
	const unsigned char *code;
	size_t at, bytes;
	unsigned rex;
	int has_segment; /* of a thread: its base is in no register of a sample */
	int is_short;	 /* addresses of 32 bits */
};

/* of the processor's number of a register, its place in a sample */
static uint64_t reg(const uint64_t *regs, unsigned number)
{
	static const unsigned char dwarf[16] = {0, 2, 1, 3, 7, 6, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15};
	return regs[dwarf[number & 15]];
}

static int next(struct reader *r)
{
	return r->at < r->bytes ? r->code[r->at++] : -1;
}

static int prefixes(struct reader *r)
{
	for (int byte;; r->at++) {
		byte = r->at < r->bytes ? r->code[r->at] : -1;
		if (byte == 0x64 || byte == 0x65)
			r->has_segment = 1;
		else if (byte == 0x67)
			r->is_short = 1;
		else if (byte != 0x66 && byte != 0xf0 && byte != 0xf2 && byte != 0xf3 && byte != 0x2e && byte != 0x36 &&
			 byte != 0x3e && byte != 0x26)
			break;
	}
	if (r->at < r->bytes && (r->code[r->at] & 0xf0) == 0x40)
		r->rex = r->code[r->at++];
	return r->at < r->bytes && !r->has_segment && !r->is_short;
}

/* whether an instruction of the one-byte map has a ModRM */
static int has_modrm(int op)
{
	if (op < 0x40)
		return (op & 7) < 4;
	return op == 0x63 || op == 0x69 || op == 0x6b || (op >= 0x80 && op <= 0x8f) || op == 0xc0 || op == 0xc1 ||
	       op == 0xc6 || op == 0xc7 || (op >= 0xd0 && op <= 0xd3) || (op >= 0xd8 && op <= 0xdf) || op == 0xf6 ||
	       op == 0xf7 || op == 0xfe || op == 0xff;
}

/* of the map behind 0f: moves, arithmetic and vector instructions; the rest is rare or uses no memory */
static int has_modrm_0f(int op)
{
	return (op >= 0x10 && op <= 0x17) || (op >= 0x28 && op <= 0x2f) || (op >= 0x40 && op <= 0x76) ||
	       (op >= 0x7c && op <= 0x7f) || (op >= 0x90 && op <= 0x9f) || op == 0xa3 || op == 0xab || op == 0xaf ||
	       (op >= 0xb0 && op <= 0xbf && op != 0xb9) || op == 0xc0 || op == 0xc1 || op == 0xc2 || op == 0xc4 ||
	       op == 0xc6 || op == 0xc7 || op >= 0xd0;
}

static int displacement(struct reader *r, int bytes, uint64_t *value)
{
	int32_t wide = 0;
	if (r->bytes - r->at < (size_t)bytes)
		return 0;
	memcpy(&wide, r->code + r->at, (size_t)bytes);
	*value += (uint64_t)(int64_t)(bytes == 1 ? (int8_t)wide : wide);
	return 1;
}

/* mod 3 is a register; relative to the instruction is in the module itself */
static int memory(struct reader *r, int modrm, const uint64_t *regs, uint64_t *address)
{
	unsigned mod = (unsigned)modrm >> 6, rm = modrm & 7;
	*address = 0;
	if (mod == 3 || (mod == 0 && rm == 5))
		return 0;
	if (rm == 4) {
		int sib = next(r);
		if (sib < 0)
			return 0;
		unsigned index = ((unsigned)sib >> 3 & 7) | (r->rex & 2) << 2, base = sib & 7;
		if (index != 4)
			*address += reg(regs, index) << ((unsigned)sib >> 6);
		if (base == 5 && mod == 0)
			return displacement(r, 4, address);
		*address += reg(regs, base | (r->rex & 1) << 3);
	} else {
		*address += reg(regs, rm | (r->rex & 1) << 3);
	}
	return mod == 0 || displacement(r, mod == 1 ? 1 : 4, address);
}

/* bits of the register extensions are inverted there */
static int vex(struct reader *r, int op, int *map)
{
	int first = next(r), second = op == 0xc4 ? next(r) : 0;
	if (first < 0 || second < 0)
		return -1;
	*map = op == 0xc5 ? 1 : first & 31;
	if (op == 0xc4)
		r->rex = (~(unsigned)first >> 5) & 7;
	return next(r);
}

int ex_operand_is_impossible(uint64_t address)
{
	return address >> 47 != 0 && address >> 47 != 0x1ffff;
}

int ex_operand_address(const unsigned char *code, size_t bytes, const uint64_t *regs, uint64_t top, uint64_t *address)
{
	struct reader r = {.code = code, .bytes = bytes};
	if (!prefixes(&r))
		return 0;
	int op = next(&r), map = 0, modrm;
	if (op == 0xc3 || op == 0xc2) { /* goes where the stack says */
		*address = top;
		return 1;
	}
	if ((op >= 0xa4 && op <= 0xa7) || (op >= 0xaa && op <= 0xaf)) { /* strings: by rsi, rdi or both */
		uint64_t from = reg(regs, 6), to = reg(regs, 7);
		int reads = op < 0xa8 || op == 0xac || op == 0xad;
		*address = reads && (ex_operand_is_impossible(from) || op == 0xac || op == 0xad) ? from : to;
		return 1;
	}
	if (op == 0xc4 || op == 0xc5) {
		op = vex(&r, op, &map);
		if (op < 0 || map < 1 || map > 3)
			return 0;
	} else if (op == 0x0f) {
		op = next(&r);
		map = 1;
		if (op == 0x38 || op == 0x3a) {
			op = next(&r);
			map = 2;
		}
		if (op < 0 || (map == 1 && !has_modrm_0f(op)))
			return 0;
	} else if (op < 0 || !has_modrm(op) || op == 0x8d) { /* lea uses none */
		return 0;
	}
	modrm = next(&r);
	if (modrm < 0)
		return 0;
	if (!map && op == 0xff && modrm >> 6 == 3 && ((modrm >> 3 & 7) == 2 || (modrm >> 3 & 7) == 4)) {
		*address = reg(regs, (unsigned)(modrm & 7) | (r.rex & 1) << 3); /* call or jump to what it holds */
		return 1;
	}
	return memory(&r, modrm, regs, address);
}
