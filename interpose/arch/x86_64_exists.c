/*
 * x86_64_exists.c: which instructions there are. It knows opcodes, not operands: of a VEX or EVEX prefix the fields for
 * registers, sizes and masks are not looked at. None of them changes a length.
 */
#include "arch/x86_64_maps.h"
#include "arch/x86_64_reader.h"

static int is_memory(const struct reader *r)
{
	return r->mod != 3;
}

static unsigned prefix_of(const struct reader *r)
{
	return r->rep == 0xf3 ? 4 : r->rep == 0xf2 ? 8 : r->has_66 ? 2 : 1;
}

int ex_x86_64_has_opcode(const struct reader *r)
{
	if (r->map == ONE_BYTE)
		return 1; /* the table of what follows knows */
	char digit = prefixes[r->encoding][r->map - 1][r->op];
	unsigned allowed = digit == '.' ? 0 : digit <= '9' ? digit - '0' : digit - 'a' + 10;
	/* LOCK gives F2 and F3 another meaning: xacquire, xrelease */
	return allowed & (r->has_lock ? 3 : prefix_of(r));
}

static int may_lock(const struct reader *r)
{
	if (!r->has_modrm || !is_memory(r) || r->encoding != OLD)
		return 0;
	if (r->map == ONE_BYTE)
		switch (r->op) {
		case 0x00 ... 0x31:
			return (r->op & 7) < 2;
		case 0x80 ... 0x83:
			return r->reg != 7;
		case 0x86 ... 0x87:
			return 1;
		case 0xf6 ... 0xf7:
			return r->reg == 2 || r->reg == 3;
		case 0xfe ... 0xff:
			return r->reg < 2;
		}
	if (r->map == MAP_0F)
		switch (r->op) {
		case 0xab:
		case 0xb0 ... 0xb1:
		case 0xb3:
		case 0xbb:
		case 0xc0 ... 0xc1:
			return 1;
		case 0xba:
			return r->reg >= 5;
		case 0xc7:
			return r->reg == 1;
		}
	return 0;
}

/* F2 or F3 with a one-byte opcode, only where it says something */
static int may_repeat(const struct reader *r)
{
	if (r->has_lock)
		return 1;
	switch (r->op) {
	case 0xa6 ... 0xa7:
	case 0xae ... 0xaf:
		return 1;
	case 0xa4 ... 0xa5:
	case 0xaa ... 0xad:
		return r->rep == 0xf3;
	case 0x90: /* pause */
		return r->rep == 0xf3;
	case 0xc2 ... 0xc3: /* for the branch predictors of old, or bnd */
		return 1;
	case 0x70 ... 0x7f: /* bnd */
	case 0xe8 ... 0xe9:
	case 0xeb:
		return r->rep == 0xf2;
	case 0xff:
		return r->rep == 0xf2 && (r->reg == 2 || r->reg == 4);
	}
	return 0;
}

static int has_one_byte(const struct reader *r)
{
	if (r->rep && !may_repeat(r))
		return 0;
	switch (r->op) {
	case 0x8c: /* mov from a segment register */
		return r->reg < 6;
	case 0x8d:
		return is_memory(r);
	case 0x8f:
		return r->reg == 0;
	case 0xc6 ... 0xc7: /* mov; xabort, xbegin */
		return r->reg == 0 || (r->reg == 7 && r->mod == 3 && r->rm == 0);
	case 0xd8 ... 0xdf:
		return is_memory(r) ? x87[r->op & 7].memory >> r->reg & 1
				    : x87[r->op & 7].registers >> (r->reg * 8 + r->rm) & 1;
	case 0xfe:
		return r->reg < 2;
	case 0xff:
		return r->reg < 7 && r->reg != 3 && r->reg != 5;
	}
	return 1;
}

/* fxsave and those beside it, fences, fsgsbase, waits */
static int has_0fae(const struct reader *r, unsigned prefix)
{
	if (r->encoding == VEX)
		return is_memory(r) && (r->reg == 2 || r->reg == 3);
	switch (prefix) {
	case 1:
		return is_memory(r) || r->reg >= 5;
	case 2:
		return is_memory(r) ? r->reg >= 6 : r->reg == 6;
	case 4:
		return is_memory(r) ? r->reg == 4 : r->reg != 7;
	default:
		return !is_memory(r) && r->reg == 6;
	}
}

/* cmpxchg8b, cmpxchg16b, xsavec; rdrand, rdseed, rdpid */
static int has_0fc7(const struct reader *r, unsigned prefix)
{
	if (is_memory(r))
		return (prefix == 1 || r->has_lock) && (r->reg == 1 || r->reg == 4);
	return prefix == 4 ? r->reg == 7 : prefix < 4 && r->reg >= 6;
}

/* shifts by an immediate */
static int has_0f71(const struct reader *r, unsigned prefix)
{
	int is_evex = r->encoding == EVEX;
	if (is_memory(r) && !is_evex)
		return 0;
	switch (r->reg) {
	case 0:
	case 1:
		return is_evex && r->op == 0x72;
	case 2:
	case 6:
		return 1;
	case 4:
		return r->op != 0x73;
	case 3:
	case 7:
		return r->op == 0x73 && prefix == 2;
	}
	return 0;
}

static int has_0f(const struct reader *r, unsigned prefix)
{
	switch (r->op) {
	case 0x01:
		if (r->mod != 3)
			return 0;
		switch (r->reg * 8 + r->rm) {
		case 020: /* xgetbv */
		case 025: /* xend */
		case 026: /* xtest */
		case 056: /* rdpkru */
		case 057: /* wrpkru */
		case 071: /* rdtscp */
			return 1;
		}
		return 0;
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
		return is_memory(r) || (r->op == 0x91 && r->encoding == OLD);
	case 0x1e: /* endbr64, rdssp, nop */
		return prefix != 4 || (!is_memory(r) && (r->reg == 1 || (r->reg == 7 && r->rm == 2)));
	case 0x50:
	case 0xc5:
	case 0xd7:
	case 0xf7:
		return !is_memory(r);
	case 0x41 ... 0x4f:
	case 0x92 ... 0x99: /* mask registers */
		return r->encoding != VEX || !is_memory(r);
	case 0x71 ... 0x73:
		return has_0f71(r, prefix);
	case 0xae:
		return has_0fae(r, prefix);
	case 0xba:
		return r->reg >= 4;
	case 0xc7:
		return has_0fc7(r, prefix);
	case 0xd6:
		return prefix == 2 || !is_memory(r);
	}
	return 1;
}

static int has_0f38_old(const struct reader *r, unsigned prefix)
{
	switch (r->op) {
	case 0x2a:
	case 0xf8 ... 0xf9:
		return is_memory(r);
	case 0xf0 ... 0xf1: /* movbe; crc32 */
		return is_memory(r) || prefix == 8;
	case 0xf6: /* wrss; adcx, adox */
		return is_memory(r) || prefix != 1;
	}
	return 1;
}

static int has_0f38(const struct reader *r, unsigned prefix)
{
	int is_evex = r->encoding == EVEX;
	if (r->encoding == OLD)
		return has_0f38_old(r, prefix);
	switch (r->op) {
	case 0x1a ... 0x1b:
	case 0x5a ... 0x5b:
		return is_memory(r);
	case 0x2a:
		return is_memory(r) == (prefix == 2);
	case 0x28 ... 0x29:
	case 0x38 ... 0x3a:
		return prefix != 4 || !is_memory(r);
	case 0x2c ... 0x2f:
	case 0x8c:
	case 0x8e:
		return is_evex || is_memory(r);
	case 0x7a ... 0x7c:
		return !is_memory(r);
	case 0x90 ... 0x93: /* gather: the SIB is an operand */
		return is_memory(r) && r->rm == 4;
	case 0xa0 ... 0xa3: /* scatter */
		return is_memory(r) && r->rm == 4;
	case 0xf3: /* blsr, blsmsk, blsi */
		return r->reg >= 1 && r->reg <= 3;
	}
	return 1;
}

int ex_x86_64_has(const struct reader *r)
{
	unsigned prefix = prefix_of(r);
	if (r->has_lock && !may_lock(r))
		return 0;
	switch (r->map) {
	case ONE_BYTE:
		return has_one_byte(r);
	case MAP_0F:
		return has_0f(r, prefix);
	case MAP_0F38:
		return has_0f38(r, prefix);
	default: /* shifts of mask registers */
		return r->encoding != VEX || r->op < 0x30 || r->op > 0x33 || !is_memory(r);
	}
}
