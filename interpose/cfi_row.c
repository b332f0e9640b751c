/*
 * cfi_row.c: see cfi_row.h. DWARF 5, section 6.4.2, as the Linux Standard Base has it for .eh_frame: rows of a table are computed
 * by instructions. Only what a chain of calls needs is kept of a row.
 */
#include "cfi_row.h"

#include "arch/arch.h"
#include "frame.h"
#include "module.h"

#include <string.h>

#define KEEP_MAX 8

struct reader {
	const uint8_t *at, *end;
	int is_bad;
};

static uint64_t take(struct reader *r, unsigned bytes)
{
	uint64_t value = 0;
	if ((size_t)(r->end - r->at) < bytes) {
		r->is_bad = 1;
		r->at = r->end;
		return 0;
	}
	__builtin_memcpy(&value, r->at, bytes);
	r->at += bytes;
	return value;
}

static uint64_t take_leb(struct reader *r, int is_signed)
{
	uint64_t value = 0, byte;
	unsigned shift = 0;
	do {
		byte = take(r, 1);
		if (shift < 64)
			value |= (byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80 && !r->is_bad);
	if (is_signed && byte & 0x40 && shift < 64)
		value |= ~(uint64_t)0 << shift;
	return value;
}

struct machine {
	struct ex_cfi_row now, kept[KEEP_MAX], initial;
	unsigned kept_count;
	uint64_t code_factor;
	int64_t data_factor;
	uintptr_t at, pc;
};

static void save(struct machine *m, uint64_t reg, int64_t offset)
{
	if (reg == EX_DWARF_RA && offset != EX_RETURN_AT)
		m->now.base = EX_CFI_NONE;
	if (reg != EX_DWARF_FP)
		return;
	m->now.fp_saved = 1;
	m->now.fp_offset = (int16_t)offset;
	if (m->now.fp_offset != offset)
		m->now.base = EX_CFI_NONE;
}

static void forget(struct machine *m, uint64_t reg)
{
	if (reg == EX_DWARF_FP) {
		m->now.fp_saved = m->initial.fp_saved;
		m->now.fp_offset = m->initial.fp_offset;
	}
}

static void base_on(struct machine *m, uint64_t reg)
{
	m->now.base = reg == EX_DWARF_SP ? EX_CFI_BY_SP : reg == EX_DWARF_FP ? EX_CFI_BY_FP : EX_CFI_NONE;
}

/* functions that align their stack keep where it was below the frame pointer: DW_OP_breg6 n, DW_OP_deref; and say of the frame
 * pointer itself DW_OP_breg6 n */
static void expression(struct machine *m, struct reader *r, int is_frame, uint64_t reg)
{
	uint64_t bytes = take_leb(r, 0);
	if (bytes > (uint64_t)(r->end - r->at)) {
		r->is_bad = 1;
		return;
	}
	struct reader e = {r->at, r->at + bytes, 0};
	r->at += bytes;
	if (!is_frame && reg != EX_DWARF_FP && reg != EX_DWARF_RA)
		return;
	uint64_t first = take(&e, 1);
	int64_t offset = (int64_t)take_leb(&e, 1);
	int is_known = first == 0x70 + EX_DWARF_FP && !e.is_bad && offset >= INT16_MIN && offset <= INT16_MAX;
	if (is_frame && is_known && take(&e, 1) == 0x06 && e.at == e.end) {
		m->now.base = EX_CFI_BY_SLOT;
		m->now.offset = (int32_t)offset;
	} else if (!is_frame && reg == EX_DWARF_FP && is_known && e.at == e.end) {
		m->now.fp_saved = 2;
		m->now.fp_offset = (int16_t)offset;
	} else {
		m->now.base = EX_CFI_NONE;
	}
}

/* those whose operand is not in the first byte; 0 when this one is not known, and nothing can be said */
static int extended(struct machine *m, struct reader *r, unsigned op)
{
	uint64_t reg;
	switch (op) {
	case 0x00: /* nop */
	case 0x2d:
		return 1;
	case 0x02: /* advance_loc1, 2, 4 */
		m->at += take(r, 1) * m->code_factor;
		return 1;
	case 0x03:
		m->at += take(r, 2) * m->code_factor;
		return 1;
	case 0x04:
		m->at += take(r, 4) * m->code_factor;
		return 1;
	case 0x05: /* offset_extended, and with a sign */
	case 0x11:
		reg = take_leb(r, 0);
		save(m, reg, (int64_t)take_leb(r, op == 0x11) * m->data_factor);
		return 1;
	case 0x06: /* restore_extended */
	case 0x08: /* same_value */
		forget(m, take_leb(r, 0));
		return 1;
	case 0x07: /* undefined: of the return address, the end of the stack */
		if (take_leb(r, 0) == EX_DWARF_RA)
			m->now.base = EX_CFI_NONE;
		return 1;
	case 0x0a: /* remember_state, restore_state */
		if (m->kept_count == KEEP_MAX)
			return 0;
		m->kept[m->kept_count++] = m->now;
		return 1;
	case 0x0b:
		if (!m->kept_count)
			return 0;
		m->now = m->kept[--m->kept_count];
		return 1;
	case 0x0c: /* def_cfa, its register, its offset, and with a sign */
		base_on(m, take_leb(r, 0));
		m->now.offset = (int32_t)take_leb(r, 0);
		return 1;
	case 0x0d:
		base_on(m, take_leb(r, 0));
		return 1;
	case 0x0e:
		m->now.offset = (int32_t)take_leb(r, 0);
		return 1;
	case 0x12:
		base_on(m, take_leb(r, 0));
		m->now.offset = (int32_t)((int64_t)take_leb(r, 1) * m->data_factor);
		return 1;
	case 0x13:
		m->now.offset = (int32_t)((int64_t)take_leb(r, 1) * m->data_factor);
		return 1;
	case 0x0f: /* def_cfa_expression, expression */
		expression(m, r, 1, 0);
		return 1;
	case 0x10:
		reg = take_leb(r, 0);
		expression(m, r, 0, reg);
		return 1;
	case 0x2e: /* GNU_args_size */
		take_leb(r, 0);
		return 1;
	default:
		return 0;
	}
}

/* up to the row of pc */
static int run(struct machine *m, struct reader r)
{
	while (r.at < r.end && m->at <= m->pc) {
		unsigned byte = (unsigned)take(&r, 1), low = byte & 0x3f;
		switch (byte >> 6) {
		case 1:
			m->at += low * m->code_factor;
			break;
		case 2:
			save(m, low, (int64_t)take_leb(&r, 0) * m->data_factor);
			break;
		case 3:
			forget(m, low);
			break;
		default:
			if (!extended(m, &r, low))
				return 0;
		}
	}
	return !r.is_bad;
}

/* the part that entries share: version, augmentation, factors, and which register the return address is */
static int read_common(struct machine *m, const struct ex_frame_info *info, struct reader *common, int *has_data)
{
	struct reader r = {info->common, info->common_end, 0};
	unsigned version = (unsigned)take(&r, 1);
	const char *augmentation = (const char *)r.at;
	while (take(&r, 1))
		;
	m->code_factor = take_leb(&r, 0);
	m->data_factor = (int64_t)take_leb(&r, 1);
	if (r.is_bad || (version != 1 && version != 3) || (version == 1 ? take(&r, 1) : take_leb(&r, 0)) != EX_DWARF_RA)
		return 0;
	*has_data = *augmentation == 'z';
	if (*has_data) {
		uint64_t bytes = take_leb(&r, 0);
		if (bytes > (uint64_t)(r.end - r.at))
			return 0;
		r.at += bytes;
	}
	/* S: a signal's frame, where the call is no call */
	for (const char *c = augmentation; *c; c++)
		if (*c == 'S' || (!*has_data && c == augmentation))
			return 0;
	*common = r;
	return !r.is_bad;
}

struct ex_cfi_row ex_cfi_row(uintptr_t pc)
{
	const struct ex_object *object = ex_module_object(pc);
	struct machine m = {.pc = pc, .at = 0};
	struct ex_frame_info info;
	struct reader common, own;
	int has_data;
	if (!object || !ex_frame_find(object, pc, &info) || !read_common(&m, &info, &common, &has_data))
		return (struct ex_cfi_row){EX_CFI_NONE, 0, 0, 0};
	own = (struct reader){info.own, info.own_end, 0};
	if (has_data) {
		uint64_t bytes = take_leb(&own, 0);
		own.at += bytes < (uint64_t)(own.end - own.at) ? bytes : (uint64_t)(own.end - own.at);
	}
	if (!run(&m, common))
		return (struct ex_cfi_row){EX_CFI_NONE, 0, 0, 0};
	m.initial = m.now;
	m.at = info.begin;
	if (!run(&m, own) || (m.now.base != EX_CFI_BY_SLOT && m.now.offset < 8))
		return (struct ex_cfi_row){EX_CFI_NONE, 0, 0, 0};
	return m.now;
}
