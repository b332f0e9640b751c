/*
 * cfi_row.h: what .eh_frame says of one place in the code: where the caller's frame is, and where the frame pointer was saved.
 */
#ifndef EX_CFI_ROW_H
#define EX_CFI_ROW_H

#include <stdint.h>

enum ex_cfi_base {
	EX_CFI_NONE, /* nothing that is known here: a walk ends */
	EX_CFI_BY_SP,
	EX_CFI_BY_FP,
	EX_CFI_BY_SLOT, /* the frame is where the word at fp + offset points */
};

struct ex_cfi_row {
	uint8_t base;	  /* EX_CFI_* */
	uint8_t fp_saved; /* 0: as it was; 1: at frame + fp_offset; 2: at fp + fp_offset */
	int16_t fp_offset;
	int32_t offset;
};
_Static_assert(sizeof(struct ex_cfi_row) == sizeof(uint64_t), "a word");

/* of the instruction at pc */
struct ex_cfi_row ex_cfi_row(uintptr_t pc);

#endif
