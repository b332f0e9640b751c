/*
 * cfi.c: see cfi.h. System V ABI for x86-64, section 3.7 ("Stack Unwind Algorithm"), and DWARF 5, section 6.4.2: rows of a
 * table are computed by instructions. Only what a chain of calls needs is kept of a row: where the caller's frame is, and
 * where the frame pointer was saved. A return address has always the same row, so rows are remembered.
 */
#include "cfi.h"

#include "frame.h"
#include "module.h"
#include "os/os.h"
#include "place.h"
#include "thread.h"

#include <string.h>

#define ROWS 4096 /* remembered; a program allocates from fewer places than that */
#define KEEP_MAX 8
#define FRAME_MAX_BYTES ((uintptr_t)1 << 20)
/* DWARF's numbers for x86-64 */
#define REG_FP 6
#define REG_SP 7
#define REG_RA 16

enum base { NONE, BY_SP, BY_FP, BY_SLOT /* the frame is where the word at fp + offset points */ };

struct rule {
	uint8_t base;	  /* NONE: the walk ends here */
	uint8_t fp_saved; /* 0: as it was; 1: at frame + fp_offset; 2: at fp + fp_offset */
	int16_t fp_offset;
	int32_t offset;
};
_Static_assert(sizeof(struct rule) == sizeof(uint64_t), "a word");

/* two words that belong together are read without a lock: the key is xored with the value, so that halves of two rows do not
 * match */
static struct {
	uint64_t key, value;
} rows[ROWS] EX_TABLE;

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
	struct rule now, kept[KEEP_MAX], initial;
	unsigned kept_count;
	uint64_t code_factor;
	int64_t data_factor;
	uintptr_t at, pc;
};

static void save(struct machine *m, uint64_t reg, int64_t offset)
{
	if (reg == REG_RA && offset != -8)
		m->now.base = NONE;
	if (reg != REG_FP)
		return;
	m->now.fp_saved = 1;
	m->now.fp_offset = (int16_t)offset;
	if (m->now.fp_offset != offset)
		m->now.base = NONE;
}

static void forget(struct machine *m, uint64_t reg)
{
	if (reg == REG_FP) {
		m->now.fp_saved = m->initial.fp_saved;
		m->now.fp_offset = m->initial.fp_offset;
	}
}

static void base_on(struct machine *m, uint64_t reg)
{
	m->now.base = reg == REG_SP ? BY_SP : reg == REG_FP ? BY_FP : NONE;
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
	if (!is_frame && reg != REG_FP && reg != REG_RA)
		return;
	uint64_t first = take(&e, 1);
	int64_t offset = (int64_t)take_leb(&e, 1);
	int is_known = first == 0x70 + REG_FP && !e.is_bad && offset >= INT16_MIN && offset <= INT16_MAX;
	if (is_frame && is_known && take(&e, 1) == 0x06 && e.at == e.end) {
		m->now.base = BY_SLOT;
		m->now.offset = (int32_t)offset;
	} else if (!is_frame && reg == REG_FP && is_known && e.at == e.end) {
		m->now.fp_saved = 2;
		m->now.fp_offset = (int16_t)offset;
	} else {
		m->now.base = NONE;
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
		if (take_leb(r, 0) == REG_RA)
			m->now.base = NONE;
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
	if (r.is_bad || (version != 1 && version != 3) || (version == 1 ? take(&r, 1) : take_leb(&r, 0)) != REG_RA)
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

static struct rule look_up(uintptr_t pc)
{
	const struct ex_object *object = ex_module_object(pc);
	struct machine m = {.pc = pc, .at = 0};
	struct ex_frame_info info;
	struct reader common, own;
	int has_data;
	if (!object || !ex_frame_find(object, pc, &info) || !read_common(&m, &info, &common, &has_data))
		return (struct rule){NONE, 0, 0, 0};
	own = (struct reader){info.own, info.own_end, 0};
	if (has_data) {
		uint64_t bytes = take_leb(&own, 0);
		own.at += bytes < (uint64_t)(own.end - own.at) ? bytes : (uint64_t)(own.end - own.at);
	}
	if (!run(&m, common))
		return (struct rule){NONE, 0, 0, 0};
	m.initial = m.now;
	m.at = info.begin;
	if (!run(&m, own) || (m.now.base != BY_SLOT && m.now.offset < 8))
		return (struct rule){NONE, 0, 0, 0};
	return m.now;
}

static struct rule rule_of(uintptr_t pc)
{
	size_t i = (pc * 0x9e3779b97f4a7c15ull) >> 52;
	uint64_t value = __atomic_load_n(&rows[i].value, __ATOMIC_RELAXED);
	struct rule rule;
	if ((__atomic_load_n(&rows[i].key, __ATOMIC_RELAXED) ^ value) == pc) {
		__builtin_memcpy(&rule, &value, sizeof(rule));
		return rule;
	}
	rule = look_up(pc - 1); /* the call, which may be the function's last instruction */
	__builtin_memcpy(&value, &rule, sizeof(value));
	__atomic_store_n(&rows[i].key, pc ^ value, __ATOMIC_RELAXED);
	__atomic_store_n(&rows[i].value, value, __ATOMIC_RELAXED);
	return rule;
}
_Static_assert(ROWS == 1 << (64 - 52), "bits of the hash");

/* Whether a word of a stack can be read. It may be a coroutine's, which ends where nobody has told us; so each page is asked
 * for, once: as long as code runs on a stack it stays */
static int is_there(uintptr_t at)
{
	struct ex_thread *self = &ex_self;
	uintptr_t page = ex_os_page_bytes(), begin = at & ~(page - 1);
	char byte;
	if (at - self->walked < self->walked_end - self->walked)
		return 1;
	if (!ex_os_peek(&byte, at, 1))
		return 0;
	if (begin == self->walked_end)
		self->walked_end += page;
	else if (begin + page == self->walked)
		self->walked = begin;
	else {
		self->walked = begin;
		self->walked_end = begin + page;
	}
	return 1;
}

/* hooks stand between main and what called it, between a thread's function and libc: not the program's own frames */
static int is_ours(uintptr_t pc)
{
	extern const char begin[] __asm__("__ehdr_start") __attribute__((visibility("hidden")));
	extern const char end[] __asm__("_etext") __attribute__((visibility("hidden")));
	return pc - (uintptr_t)begin < (uintptr_t)end - (uintptr_t)begin;
}

unsigned ex_cfi_walk(struct ex_cfi_frame f, uintptr_t *pcs, unsigned max)
{
	unsigned count = 0;
	while (f.pc) {
		if (!is_ours(f.pc))
			pcs[count++] = f.pc;
		if (count == max)
			break;
		struct rule rule = rule_of(f.pc);
		uintptr_t frame = 0, slot = f.fp + (uintptr_t)(intptr_t)rule.fp_offset;
		if (rule.base == BY_SP)
			frame = f.sp + (uintptr_t)(intptr_t)rule.offset;
		else if (rule.base == BY_FP)
			frame = f.fp + (uintptr_t)(intptr_t)rule.offset;
		else if (rule.base == BY_SLOT) {
			uintptr_t at = f.fp + (uintptr_t)(intptr_t)rule.offset;
			if (at - f.sp < FRAME_MAX_BYTES && !(at & 7) && is_there(at))
				frame = *(const uintptr_t *)at;
		}
		if (rule.fp_saved == 1)
			slot = frame + (uintptr_t)(intptr_t)rule.fp_offset;
		/* a stack grows by whole words, and what is read lies between this frame and the next */
		if (frame & 7 || frame <= f.sp || frame - f.sp > FRAME_MAX_BYTES || !is_there(frame - 8))
			break;
		if (rule.fp_saved) {
			if (slot & 7 || slot < f.sp || slot >= frame || !is_there(slot))
				break;
			f.fp = *(const uintptr_t *)slot;
		}
		f.pc = *(const uintptr_t *)(frame - 8);
		f.sp = frame;
	}
	return count;
}
