/*
 * x86_64_decode.c: how long an instruction is, and whether it depends on its place. Fails closed: what a processor might
 * read in another way than we do has length 0. It knows opcodes, not operands: of a VEX or EVEX instruction vvvv, W, L,
 * masks and broadcast are not looked at, none of them changes a length.
 */
#include "arch/arch.h"

#include "arch/x86_64_maps.h"

#define LENGTH_MAX 15

struct reader {
	const uint8_t *code;
	unsigned limit, n; /* bytes there are, bytes read */
	unsigned rep, rex; /* F2 or F3; 40 to 4F */
	int has_66, has_67, has_lock;
	int encoding, map; /* OLD, VEX, EVEX; 0 the one-byte map, 1 0F, 2 0F38, 3 0F3A */
	unsigned op, modrm;
	int has_modrm, is_cut;
	unsigned near, immediate; /* offset of a displacement from the next instruction, or 0; bytes that come last */
};

static unsigned next(struct reader *r)
{
	if (r->n < r->limit)
		return r->code[r->n++];
	r->is_cut = 1;
	return 0;
}

static unsigned reg(const struct reader *r)
{
	return r->modrm >> 3 & 7;
}

static int is_memory(const struct reader *r)
{
	return r->modrm >> 6 != 3;
}

/* the prefix that tells instructions of one opcode apart, as a bit of the tables in x86_64_maps.h */
static unsigned prefix_bit(const struct reader *r)
{
	return r->rep == 0xf3 ? 4 : r->rep == 0xf2 ? 8 : r->has_66 ? 2 : 1;
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
		default:
			if (b >> 4 == 4) {
				r->rex = b;
				b = next(r); /* a prefix here would make the REX void: no opcode, refused */
			}
			r->op = b;
			return !r->is_cut;
		}
	}
}

static int read_map(struct reader *r)
{
	unsigned first = r->op;
	if (first == 0x0f) {
		r->map = 1;
		r->op = next(r);
		if (r->op == 0x38 || r->op == 0x3a) {
			r->map = r->op == 0x38 ? 2 : 3;
			r->op = next(r);
		}
		return 1;
	}
	if (first != 0xc4 && first != 0xc5 && first != 0x62)
		return 1;
	if (r->rep || r->rex || r->has_66 || r->has_lock)
		return 0;
	unsigned p = next(r), pp = p;
	if (first == 0xc5) {
		r->encoding = VEX;
		r->map = 1;
	} else if (first == 0xc4) {
		r->encoding = VEX;
		r->map = p & 31;
		pp = next(r);
	} else {
		r->encoding = EVEX;
		r->map = p & 15;
		pp = next(r);
		if (!(pp & 4)) /* another encoding shares the first byte */
			return 0;
		next(r);
	}
	if (r->map < 1 || r->map > 3)
		return 0;
	r->has_66 = (pp & 3) == 1;
	r->rep = (pp & 3) == 2 ? 0xf3 : (pp & 3) == 3 ? 0xf2 : 0;
	r->op = next(r);
	return 1;
}

static void read_modrm(struct reader *r)
{
	r->has_modrm = 1;
	r->modrm = next(r);
	unsigned mod = r->modrm >> 6, rm = r->modrm & 7, displacement = mod == 1 ? 1 : mod == 2 ? 4 : 0;
	if (mod == 3)
		return;
	if (rm == 4) {
		unsigned base = next(r) & 7;
		if (mod == 0 && base == 5)
			displacement = 4;
	} else if (mod == 0 && rm == 5) {
		displacement = 4;
		r->near = r->n;
	}
	while (displacement--)
		next(r);
}

/* LOCK, only where it is allowed */
static int may_lock(const struct reader *r)
{
	unsigned op = r->op;
	if (!r->has_modrm || !is_memory(r) || r->encoding != OLD)
		return 0;
	if (r->map == 1)
		return op == 0xab || op == 0xb3 || op == 0xbb || op == 0xb0 || op == 0xb1 || op == 0xc0 || op == 0xc1 ||
		       (op == 0xba && reg(r) >= 5) || (op == 0xc7 && reg(r) == 1);
	if (r->map)
		return 0;
	return (op < 0x32 && (op & 7) < 2) || (op >= 0x80 && op <= 0x83 && reg(r) != 7) || op == 0x86 || op == 0x87 ||
	       ((op == 0xf6 || op == 0xf7) && (reg(r) == 2 || reg(r) == 3)) || (op >= 0xfe && reg(r) < 2);
}

/* F2 or F3 with a one-byte opcode, only where it says something */
static int may_repeat(const struct reader *r)
{
	unsigned op = r->op;
	if (r->has_lock) /* xacquire, xrelease */
		return 1;
	if (op >= 0xa4 && op <= 0xaf && op != 0xa8 && op != 0xa9)
		return r->rep == 0xf3 || op == 0xa6 || op == 0xa7 || op >= 0xae;
	if (op == 0x90)
		return r->rep == 0xf3; /* pause */
	if (op == 0xc2 || op == 0xc3)
		return 1; /* for branch predictors, or bnd */
	return r->rep == 0xf2 &&
	       (op == 0xe8 || op == 0xe9 || op == 0xeb || op >> 4 == 7 || (op == 0xff && (reg(r) == 2 || reg(r) == 4)));
}

static int fits_one_byte(const struct reader *r)
{
	unsigned op = r->op;
	if (r->rep && !may_repeat(r))
		return 0;
	if (op >= 0xd8 && op <= 0xdf)
		return is_memory(r) ? x87[op & 7].memory >> reg(r) & 1 : x87[op & 7].registers >> (r->modrm & 63) & 1;
	switch (op) {
	case 0x8c:
		return reg(r) < 6;
	case 0x8d:
		return is_memory(r);
	case 0x8e:
		return 0;
	case 0x8f:
		return reg(r) == 0;
	case 0xc6:
	case 0xc7:
		return reg(r) == 0 || r->modrm == 0xf8; /* mov; xabort, xbegin */
	case 0xfe:
		return reg(r) < 2;
	case 0xff:
		return reg(r) < 7 && reg(r) != 3 && reg(r) != 5;
	}
	return 1;
}

/* the instructions of 0F AE and 0F C7 */
static int fits_group(const struct reader *r, unsigned prefix)
{
	if (r->op == 0xc7)
		return is_memory(r) ? prefix == 1 && (reg(r) == 1 || reg(r) == 4)
				    : (reg(r) >= 6 && prefix < 4) || (reg(r) == 7 && prefix == 4);
	if (is_memory(r))
		return prefix == 1 || (prefix == 2 && reg(r) >= 6) || (prefix == 4 && reg(r) == 4);
	return (prefix == 1 && reg(r) >= 5) || (prefix == 4 && reg(r) != 7) || ((prefix & 10) && reg(r) == 6);
}

static int fits_0f(const struct reader *r, unsigned prefix)
{
	switch (r->op) {
	case 0x01: /* xgetbv, xend, xtest, rdpkru, wrpkru, rdtscp */
		return r->modrm == 0xd0 || r->modrm == 0xd5 || r->modrm == 0xd6 || r->modrm == 0xee ||
		       r->modrm == 0xef || r->modrm == 0xf9;
	case 0x12:
	case 0x16:
		return prefix != 2 || is_memory(r);
	case 0x13:
	case 0x17:
	case 0x2b:
	case 0x91:
	case 0xc3:
	case 0xe7:
	case 0xf0:
		return is_memory(r);
	case 0x1e:
		return prefix != 4 || r->modrm == 0xfa || (!is_memory(r) && reg(r) == 1); /* endbr64; rdssp */
	case 0x50:
	case 0xc5:
	case 0xd7:
	case 0xf7:
		return !is_memory(r);
	case 0x71:
	case 0x72:
	case 0x73:
		if (r->encoding == EVEX)
			return reg(r) == 2 || reg(r) == 6 ||
			       (r->op == 0x73 ? reg(r) == 3 || reg(r) == 7 : reg(r) == 4) ||
			       (r->op == 0x72 && reg(r) < 2);
		return !is_memory(r) &&
		       (reg(r) == 2 || reg(r) == 6 || (r->op == 0x73 ? prefix == 2 && (reg(r) & 3) == 3 : reg(r) == 4));
	case 0xae:
		return r->encoding == OLD ? fits_group(r, prefix) : is_memory(r) && (reg(r) == 2 || reg(r) == 3);
	case 0xba:
		return reg(r) >= 4;
	case 0xc7:
		return fits_group(r, prefix);
	case 0xd6:
		return prefix == 2 || !is_memory(r);
	}
	if (r->encoding == VEX && (r->op >> 4 == 4 || (r->op >> 4 == 9 && r->op != 0x90)))
		return !is_memory(r); /* mask registers */
	return 1;
}

static int fits_0f38(const struct reader *r, unsigned prefix)
{
	unsigned op = r->op;
	if (r->encoding == OLD)
		return is_memory(r) || !(op == 0x2a || op == 0xf8 || op == 0xf9 || (op >> 1 == 0x78 && prefix < 8) ||
					 (op == 0xf6 && prefix == 1));
	if (op >> 2 == 0x24 || (r->encoding == EVEX && op >> 2 == 0x28)) /* gather, scatter: the SIB is an operand */
		return is_memory(r) && (r->modrm & 7) == 4;
	if (r->encoding == EVEX &&
	    ((op >= 0x7a && op <= 0x7c) || (prefix == 4 && ((op & 0xee) == 0x28 || (op & 0xef) == 0x2a))))
		return !is_memory(r);
	if (op == 0x1a || op == 0x1b || op == 0x2a || op == 0x5a || op == 0x5b ||
	    (r->encoding == VEX && ((op >= 0x2c && op <= 0x2f) || op == 0x8c || op == 0x8e)))
		return is_memory(r);
	return op != 0xf3 || (reg(r) >= 1 && reg(r) <= 3);
}

static int fits_0f3a(const struct reader *r)
{
	return r->encoding != VEX || r->op >> 2 != 0x0c || !is_memory(r); /* shifts of mask registers */
}

static int read_one_byte(struct reader *r)
{
	int is_word = r->has_66 && !(r->rex & 8);
	char form = one_byte[r->op];
	switch (form) {
	case '-':
		return 0;
	case 'g':
	case 'G':
	case 'm':
	case 'b':
	case 'z':
		read_modrm(r);
		break;
	}
	switch (form) {
	case 'j':
	case 'i':
	case 'b':
		r->immediate = 1;
		break;
	case 'g':
		r->immediate = reg(r) < 2;
		break;
	case 'J':
		r->immediate = 4;
		break;
	case 'I':
	case 'z':
		r->immediate = is_word ? 2 : 4;
		break;
	case 'G':
		r->immediate = reg(r) >= 2 ? 0 : is_word ? 2 : 4;
		break;
	case 'v':
		r->immediate = r->rex & 8 ? 8 : is_word ? 2 : 4;
		break;
	case 'o':
		r->immediate = r->has_67 ? 4 : 8;
		break;
	case 'w':
		r->immediate = 2;
		break;
	case 'e':
		r->immediate = 3;
		break;
	}
	return fits_one_byte(r);
}

static int read_two_byte(struct reader *r)
{
	unsigned op = r->op, prefix = prefix_bit(r);
	char digit = prefixes[r->encoding][r->map - 1][op];
	unsigned allowed = digit == '.' ? 0 : digit <= '9' ? digit - '0' : digit - 'a' + 10;
	if (!(allowed & prefix) && !(r->has_lock && r->rep))
		return 0;
	if (r->map == 1 && r->encoding != EVEX && op == 0x77)
		return 1;
	if (r->map == 1 && r->encoding == OLD) {
		if (op >> 4 == 8) {
			r->immediate = 4;
			return 1;
		}
		if (op == 0x05 || op == 0x0b || op == 0x31 || op == 0x33 || (op >= 0xa0 && op <= 0xa2) || op == 0xa8 ||
		    op == 0xa9 || (op >= 0xc8 && op <= 0xcf))
			return 1;
	}
	read_modrm(r);
	if (r->map == 3 || (r->map == 1 && ((op >= 0x70 && op <= 0x73) || op == 0xc2 || (op >= 0xc4 && op <= 0xc6) ||
					    (r->encoding == OLD && (op == 0xa4 || op == 0xac || op == 0xba)))))
		r->immediate = 1;
	return r->map == 1 ? fits_0f(r, prefix) : r->map == 2 ? fits_0f38(r, prefix) : fits_0f3a(r);
}

static void set_relative(struct ex_insn *insn, int kind, const struct reader *r)
{
	insn->kind = kind;
	insn->at = r->n;
	insn->width = r->immediate;
}

static void classify(struct ex_insn *insn, const struct reader *r)
{
	insn->kind = EX_INSN_PLAIN;
	if (r->near) {
		insn->kind = EX_INSN_NEAR;
		insn->at = r->near;
		insn->width = 4;
	}
	if (r->map == 1 && r->encoding == OLD) {
		if (r->op >> 4 == 8)
			set_relative(insn, EX_INSN_BRANCH, r);
		else if (r->op == 0x0b || r->op == 0xb9)
			insn->kind = EX_INSN_END;
		return;
	}
	if (r->map)
		return;
	switch (r->op) {
	case 0xe8:
		set_relative(insn, EX_INSN_CALL, r);
		break;
	case 0xe9:
	case 0xeb:
		set_relative(insn, EX_INSN_JUMP, r);
		break;
	case 0xe0:
	case 0xe1:
	case 0xe2:
	case 0xe3:
		set_relative(insn, EX_INSN_FIXED, r);
		break;
	case 0xc7:
		if (r->modrm == 0xf8)
			set_relative(insn, EX_INSN_FIXED, r);
		break;
	case 0xcc:
		insn->kind = EX_INSN_TRAP;
		break;
	case 0xc2:
	case 0xc3:
	case 0xf4:
		insn->kind = EX_INSN_END;
		break;
	case 0xff:
		if (reg(r) == 2)
			insn->kind = EX_INSN_CALL_AT;
		else if (reg(r) == 4)
			insn->kind = EX_INSN_END;
		break;
	default:
		if (r->op >> 4 == 7)
			set_relative(insn, EX_INSN_BRANCH, r);
	}
}

int ex_arch_decode(const uint8_t *code, size_t bytes, struct ex_insn *insn)
{
	struct reader r = {.code = code, .limit = bytes < LENGTH_MAX ? bytes : LENGTH_MAX};
	*insn = (struct ex_insn){0};
	if (!read_prefixes(&r) || !read_map(&r) || r.is_cut || !(r.map ? read_two_byte(&r) : read_one_byte(&r)) ||
	    r.is_cut || r.n + r.immediate > r.limit || (r.has_lock && !may_lock(&r)))
		return 0;
	classify(insn, &r);
	/* with 67 the address is cut to 32 bits; with 66 one maker's processors cut the target to 16 */
	int is_branch = insn->width && !r.near;
	if ((r.near && r.has_67) || (is_branch && r.has_66 && !(r.rex & 8))) {
		*insn = (struct ex_insn){0};
		return 0;
	}
	insn->length = r.n + r.immediate;
	return insn->length;
}
