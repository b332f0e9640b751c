/*
 * cfi.c: see cfi.h. System V ABI for x86-64, section 3.7 ("Stack Unwind Algorithm"). A return address has always the same row
 * of the tables, so rows are remembered.
 */
#include "cfi.h"

#include "cfi_row.h"
#include "cfi_step.h"
#include "os/os.h"
#include "place.h"

#define WORD sizeof(uintptr_t)

uint64_t ex_cfi_rows[1u << EX_CFI_ROW_BITS] EX_TABLE;

/* those of a usual kind, for the next time. Of the frame pointer nothing else is known than that it lies in its frame */
static void remember(uintptr_t pc, const struct ex_cfi_row *row)
{
	uint64_t kind = EX_CFI_ROW_END, frame = 0, saved = 0, hash = ex_cfi_hash(pc);
	if (pc >> EX_CFI_ADDRESS_BITS)
		return;
	if (row->base != EX_CFI_NONE) {
		kind = row->base == EX_CFI_BY_SP ? EX_CFI_ROW_SP : EX_CFI_ROW_FP;
		frame = (uint64_t)row->offset / WORD;
		saved = (uint64_t)-row->fp_offset / WORD;
		if (row->base == EX_CFI_BY_SLOT || row->fp_saved > 1 || row->offset < 0 || row->offset % WORD ||
		    frame >> 14 || (row->fp_saved && (row->fp_offset >= 0 || row->fp_offset % WORD || saved >> 14)))
			return;
		saved = row->fp_saved ? (uint64_t)1 << 14 | saved : 0;
	}
	__atomic_store_n(&ex_cfi_rows[hash >> EX_CFI_TAG_BITS],
			 hash << (64 - EX_CFI_TAG_BITS) | kind << 29 | frame << 15 | saved, __ATOMIC_RELAXED);
}

void ex_cfi_forget(void)
{
	for (size_t i = 0; i < 1u << EX_CFI_ROW_BITS; i++)
		__atomic_store_n(&ex_cfi_rows[i], 0, __ATOMIC_RELAXED);
}

/* Whether a word of a stack can be read. It may be a coroutine's, which ends where nobody has told us; so each page is asked
 * for, once: as long as code runs on a stack it stays. Those between are asked for too, so that what is known is one piece */
static int is_there(uintptr_t at)
{
	struct ex_thread *self = &ex_self;
	uintptr_t page = ex_os_page_bytes(), begin = at & ~(page - 1);
	char byte;
	if (__builtin_expect(at - self->walked < self->walked_end - self->walked, 1))
		return 1;
	if (begin - self->walked_end >= EX_CFI_FRAME_MAX_BYTES && self->walked - begin > EX_CFI_FRAME_MAX_BYTES)
		self->walked = self->walked_end = begin;
	while (at - self->walked >= self->walked_end - self->walked) {
		uintptr_t next = at < self->walked ? self->walked - page : self->walked_end;
		if (!ex_os_peek(&byte, next, 1)) {
			if (next == begin || !ex_os_peek(&byte, begin, 1))
				return 0;
			next = self->walked = self->walked_end = begin;
		}
		if (next < self->walked)
			self->walked = next;
		else
			self->walked_end = next + page;
	}
	return 1;
}

/* where the caller's frame is: the stack pointer, once the call has returned. 0: not known */
static uintptr_t find_frame(const struct ex_cfi_state *s, const struct ex_cfi_row *row)
{
	uintptr_t offset = (uintptr_t)(intptr_t)row->offset, at;
	switch (row->base) {
	case EX_CFI_BY_SP:
		return s->sp + offset;
	case EX_CFI_BY_FP:
		return s->fp + offset;
	case EX_CFI_BY_SLOT:
		at = s->fp + offset;
		return at - s->sp < EX_CFI_FRAME_MAX_BYTES && at % WORD == 0 && is_there(at) ? *(const uintptr_t *)at
											     : 0;
	default:
		return 0;
	}
}

/* 0: the walk ends */
static int step(struct ex_cfi_state *s)
{
	struct ex_cfi_row row = ex_cfi_row(s->pc - 1); /* the call, which may be the function's last instruction */
	remember(s->pc, &row);
	if (s->fp_at) {
		if (s->fp_at % WORD || !is_there(s->fp_at))
			return 0;
		s->fp = *(const uintptr_t *)s->fp_at;
		s->fp_at = 0;
	}
	uintptr_t frame = find_frame(s, &row), back = frame + (uintptr_t)(intptr_t)EX_RETURN_AT;
	/* a stack grows by whole words, and what is read lies between this frame and the next */
	if (frame % WORD || frame <= s->sp || frame - s->sp > EX_CFI_FRAME_MAX_BYTES || !is_there(back))
		return 0;
	if (row.fp_saved) {
		s->fp_at = (row.fp_saved == 1 ? frame : s->fp) + (uintptr_t)(intptr_t)row.fp_offset;
		if (s->fp_at % WORD || s->fp_at < s->sp || s->fp_at >= frame)
			return 0;
	}
	s->pc = *(const uintptr_t *)back;
	s->sp = frame;
	return 1;
}

unsigned ex_cfi_walk(struct ex_cfi_frame frame, uintptr_t *pcs, unsigned max)
{
	struct ex_cfi_state s = {frame.pc, frame.sp, frame.fp, 0};
	unsigned count = 0;
	while (s.pc) {
		if (!ex_cfi_is_ours(s.pc))
			pcs[count++] = s.pc;
		if (count == max)
			break;
		int how = ex_cfi_step(&s);
		if (how == EX_CFI_STEP_END || (how == EX_CFI_STEP_OTHER && !step(&s)))
			break;
	}
	return count;
}
