/*
 * x86_64_decode.c: how long an instruction is, and whether it depends on its place. Fails closed: what a processor might
 * read in another way than we do has length 0.
 */
#include "arch/arch.h"

#include "arch/x86_64_reader.h"

#define LENGTH_MAX 15

/*
 * What follows a one-byte opcode:
 *   .  nothing                     m  ModRM                 j  displacement, 8 bits
 *   i  immediate, 8 bits           b  ModRM and i           J  displacement, 32 bits
 *   I  immediate, 16 or 32 bits    z  ModRM and I           o  address, 64 or 32 bits
 *   v  immediate, 16 to 64 bits    g  ModRM; i if reg < 2   w  immediate, 16 bits
 *   e  w and i (enter)             G  ModRM; I if reg < 2   -  not an opcode, or left out
 *
 * Privileged instructions, far jumps and port input are left out: no function of a program has them, so meeting one
 * means that these bytes are no code.
 */
static const char one_byte[] = "mmmmiI--mmmmiI--" /* 0 */
			       "mmmmiI--mmmmiI--"
			       "mmmmiI--mmmmiI--"
			       "mmmmiI--mmmmiI--"
			       "----------------" /* 4 */
			       "................"
			       "---m----Izib----"
			       "jjjjjjjjjjjjjjjj"
			       "bz-bmmmmmmmmmm-m" /* 8 */
			       "..........-....."
			       "oooo....iI......"
			       "iiiiiiiivvvvvvvv"
			       "bbw.--bze.--.i--" /* c */
			       "mmmm---.mmmmmmmm"
			       "jjjj----JJ-j----"
			       "----..gG..--..mm";

static unsigned next(struct reader *r)
{
	if (r->n < r->limit)
		return r->code[r->n++];
	r->is_cut = 1;
	return 0;
}

static int read_prefixes(struct reader *r)
{
	for (;;) {
		unsigned b = next(r);
		switch (b) {
		case 0x26:
		case 0x2e:
		case 0x36:
		case 0x3e:
		case 0x64:
		case 0x65:
			break;
		case 0x66:
			r->has_66 = 1;
			break;
		case 0x67:
			r->has_67 = 1;
			break;
		case 0xf0:
			r->has_lock = 1;
			break;
		case 0xf2:
		case 0xf3:
			if (r->rep && r->rep != b) /* which of the two counts is nowhere written down */
				return 0;
			r->rep = b;
			break;
		case 0x40 ... 0x4f:
			r->rex = b;
			r->op = next(r); /* a prefix here would make REX void; as an opcode it is refused */
			return !r->is_cut;
		default:
			r->op = b;
			return !r->is_cut;
		}
	}
}

/* the 2 or 3 bytes behind C5, C4 or 62, and the opcode */
static int read_vex(struct reader *r, unsigned first)
{
	unsigned map = first == 0xc5 ? MAP_0F : next(r), last = next(r);
	if (r->rep || r->rex || r->has_66 || r->has_lock)
		return 0;
	r->encoding = first == 0x62 ? EVEX : VEX;
	if (r->encoding == EVEX) {
		if ((map & 8) || !(last & 4)) /* other encodings behind the same first byte */
			return 0;
		map &= 7;
		next(r);
	}
	r->map = map & 31;
	r->has_66 = (last & 3) == 1;
	r->rep = (last & 3) == 2 ? 0xf3 : (last & 3) == 3 ? 0xf2 : 0;
	r->op = next(r);
	return r->map >= MAP_0F && r->map <= MAP_0F3A;
}

static int read_opcode(struct reader *r)
{
	switch (r->op) {
	case 0x62:
	case 0xc4:
	case 0xc5:
		return read_vex(r, r->op);
	case 0x0f:
		r->map = MAP_0F;
		r->op = next(r);
		if (r->op == 0x38 || r->op == 0x3a) {
			r->map = r->op == 0x38 ? MAP_0F38 : MAP_0F3A;
			r->op = next(r);
		}
	}
	return 1;
}

static void read_modrm(struct reader *r)
{
	unsigned b = next(r), bytes = 0;
	r->has_modrm = 1;
	r->mod = b >> 6;
	r->reg = b >> 3 & 7;
	r->rm = b & 7;
	if (r->mod == 3)
		return;
	unsigned base = r->rm == 4 ? next(r) & 7 : r->rm;
	if (r->mod == 0 && r->rm == 5)
		r->near = r->n;
	if (r->mod == 1)
		bytes = 1;
	else if (r->mod == 2 || base == 5)
		bytes = 4;
	while (bytes--)
		next(r);
}

static int read_behind_one_byte(struct reader *r)
{
	unsigned full = r->has_66 && !(r->rex & 8) ? 2 : 4;
	char form = one_byte[r->op];
	switch (form) {
	case '-':
		return 0;
	case 'm':
	case 'b':
	case 'z':
	case 'g':
	case 'G':
		read_modrm(r);
	}
	switch (form) {
	case 'j':
	case 'J':
		r->immediate = form == 'j' ? 1 : 4;
		r->is_relative = 1;
		break;
	case 'i':
	case 'b':
		r->immediate = 1;
		break;
	case 'I':
	case 'z':
		r->immediate = full;
		break;
	case 'g':
	case 'G':
		r->immediate = r->reg >= 2 ? 0 : form == 'g' ? 1 : full;
		break;
	case 'v':
		r->immediate = r->rex & 8 ? 8 : full;
		break;
	case 'o':
		r->immediate = r->has_67 ? 4 : 8;
		break;
	case 'w':
		r->immediate = 2;
		break;
	case 'e':
		r->immediate = 3;
	}
	if (r->op == 0xc7 && r->reg == 7) /* xbegin */
		r->is_relative = 1;
	return 1;
}

static void read_behind_0f(struct reader *r)
{
	switch (r->op) {
	case 0x77:
		if (r->encoding != EVEX)
			return;
		break;
	case 0x80 ... 0x8f:
		r->immediate = 4;
		r->is_relative = 1;
		return;
	case 0x05: /* syscall */
	case 0x0b: /* ud2 */
	case 0x31: /* rdtsc */
	case 0x33: /* rdpmc */
	case 0xa0 ... 0xa2:
	case 0xa8 ... 0xa9:
	case 0xc8 ... 0xcf:
		return;
	case 0x70 ... 0x73:
	case 0xa4:
	case 0xac:
	case 0xba:
	case 0xc2:
	case 0xc4 ... 0xc6:
		r->immediate = 1;
	}
	read_modrm(r);
}

static int read_behind(struct reader *r)
{
	switch (r->map) {
	case ONE_BYTE:
		return read_behind_one_byte(r);
	case MAP_0F:
		read_behind_0f(r);
		return 1;
	default:
		read_modrm(r);
		r->immediate = r->map == MAP_0F3A;
		return 1;
	}
}

static int kind_of(const struct reader *r)
{
	if (r->map == MAP_0F && (r->op == 0x0b || r->op == 0xb9))
		return EX_INSN_END; /* ud2, ud1 */
	if (r->map == ONE_BYTE)
		switch (r->op) {
		case 0xc2:
		case 0xc3:
		case 0xf4:
			return EX_INSN_END;
		case 0xc7:
		case 0xe0 ... 0xe3:
			if (r->is_relative)
				return EX_INSN_FIXED;
			break;
		case 0xcc:
			return EX_INSN_TRAP;
		case 0xe8:
			return EX_INSN_CALL;
		case 0xe9:
		case 0xeb:
			return EX_INSN_JUMP;
		case 0xff:
			if (r->reg == 2)
				return EX_INSN_CALL_AT;
			if (r->reg == 4)
				return EX_INSN_END;
		}
	return r->is_relative ? EX_INSN_BRANCH : r->near ? EX_INSN_NEAR : EX_INSN_PLAIN;
}

int ex_arch_decode(const uint8_t *code, size_t bytes, struct ex_insn *insn)
{
	struct reader r = {.code = code, .limit = bytes < LENGTH_MAX ? bytes : LENGTH_MAX};
	*insn = (struct ex_insn){0};
	if (!read_prefixes(&r) || !read_opcode(&r) || r.is_cut || !ex_x86_64_has_opcode(&r) || !read_behind(&r) ||
	    r.is_cut || r.n + r.immediate > r.limit || !ex_x86_64_has(&r))
		return 0;
	/* 67 cuts the address to 32 bits; 66 cuts a target to 16 on the processors of one maker and on no other's */
	if ((r.near && r.has_67) || (r.is_relative && r.has_66 && !(r.rex & 8)))
		return 0;
	insn->kind = kind_of(&r);
	if (r.is_relative || r.near) {
		insn->at = r.is_relative ? r.n : r.near;
		insn->width = r.is_relative ? r.immediate : 4;
	}
	insn->length = r.n + r.immediate;
	return insn->length;
}
