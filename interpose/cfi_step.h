/*
 * cfi_step.h: one step of a walk, where its row of the tables is remembered and is of the usual kind: a few instructions, to be
 * part of what runs with every allocation. cfi.c has the others.
 */
#ifndef EX_CFI_STEP_H
#define EX_CFI_STEP_H

#include "arch/arch.h"
#include "cfi.h"
#include "thread.h"

#define EX_CFI_ROW_BITS 14 /* a compiler allocates from 10 000 places */
#define EX_CFI_FRAME_MAX_BYTES ((uintptr_t)1 << 20)

/*
 * A row in one word, so that it is read at once. From the highest bit on: 33 bits that tell the address, with the row's place: the
 * product with an odd number is another one for each of 2^47 addresses, and its highest bits are the place. 2 bits what the
 * frame is found by, 14 how many words above that it is; 1 whether the frame pointer is saved, 14 how many words below the
 * frame.
 */
extern uint64_t ex_cfi_rows[] __attribute__((visibility("hidden")));
#define EX_CFI_ADDRESS_BITS 47
#define EX_CFI_TAG_BITS (EX_CFI_ADDRESS_BITS - EX_CFI_ROW_BITS)
enum { EX_CFI_ROW_OTHER, EX_CFI_ROW_END, EX_CFI_ROW_SP, EX_CFI_ROW_FP };

static inline __attribute__((always_inline)) uint64_t ex_cfi_hash(uintptr_t pc)
{
	return (pc * 0x9e3779b97f4a7c15ull) & (((uint64_t)1 << EX_CFI_ADDRESS_BITS) - 1);
}

struct ex_cfi_state {
	uintptr_t pc, sp, fp, fp_at; /* fp_at: where the frame pointer was saved and has not been read yet; 0 */
};

enum { EX_CFI_STEP_OTHER, EX_CFI_STEP_END, EX_CFI_STEP_BY_SP, EX_CFI_STEP_BY_FP };

static inline __attribute__((always_inline)) int ex_cfi_step(struct ex_cfi_state *s)
{
	uint64_t hash = ex_cfi_hash(s->pc);
	uint64_t row = __atomic_load_n(&ex_cfi_rows[hash >> EX_CFI_TAG_BITS], __ATOMIC_RELAXED);
	uintptr_t walked = ex_self.walked, known = ex_self.walked_end - walked;
	if ((row ^ hash << (64 - EX_CFI_TAG_BITS)) >> (64 - EX_CFI_TAG_BITS))
		return EX_CFI_STEP_OTHER;
	unsigned kind = row >> 29 & 3;
	uintptr_t frame = s->sp;
	if (__builtin_expect(kind != EX_CFI_ROW_SP, 0)) {
		if (kind != EX_CFI_ROW_FP)
			return kind == EX_CFI_ROW_END ? EX_CFI_STEP_END : EX_CFI_STEP_OTHER;
		if (s->fp_at && s->fp_at - walked >= known)
			return EX_CFI_STEP_OTHER;
		frame = s->fp_at ? *(const uintptr_t *)s->fp_at : s->fp;
	}
	frame += (row >> 15 & 0x3fff) * sizeof(uintptr_t);
	uintptr_t back = frame + (uintptr_t)(intptr_t)EX_RETURN_AT;
	if (frame % sizeof(uintptr_t) || frame - s->sp - 1 >= EX_CFI_FRAME_MAX_BYTES || back - walked >= known)
		return EX_CFI_STEP_OTHER;
	if (row >> 14 & 1)
		s->fp_at = frame - (row & 0x3fff) * sizeof(uintptr_t);
	s->sp = frame;
	s->pc = *(const uintptr_t *)back;
	return kind == EX_CFI_ROW_SP ? EX_CFI_STEP_BY_SP : EX_CFI_STEP_BY_FP;
}

/* hooks stand between main and what called it, between a thread's function and libc: not the program's own frames */
static inline __attribute__((always_inline)) int ex_cfi_is_ours(uintptr_t pc)
{
	extern const char begin[] __asm__("__ehdr_start") __attribute__((visibility("hidden")));
	extern const char end[] __asm__("_etext") __attribute__((visibility("hidden")));
	return pc - (uintptr_t)begin < (uintptr_t)end - (uintptr_t)begin;
}

#endif
