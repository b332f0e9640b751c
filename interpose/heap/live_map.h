/*
 * live_map.h: which blocks of the wrapped malloc family carry a mark of treatment guard, or did. One byte for 16 bytes of
 * address space, in pieces that are mapped where blocks are: two loads to find it, and it can be walked at the end.
 */
#ifndef EX_HEAP_LIVE_MAP_H
#define EX_HEAP_LIVE_MAP_H

#include <stdint.h>

enum ex_live {
	EX_LIVE_NONE,	/* not known: given out by somebody else, or before the guard was on */
	EX_LIVE_FREED,	/* was marked, and has been given back; nobody has got it again that we know of */
	EX_LIVE_MARKED, /* in the program's hands, with a mark behind it; what is above says how large it is, too */
};

#define EX_LIVE_GRAIN 16
#define EX_LIVE_PIECE_BYTES ((uintptr_t)64 << 20) /* of address space, a piece */
#define EX_LIVE_PIECES ((uintptr_t)1 << 21)	  /* 47 bits of addresses */

extern uint8_t **ex_live_pieces __attribute__((visibility("hidden")));

/* the byte of a block, NULL: its piece is not there. Blocks that are not aligned to the grain have none */
static inline __attribute__((always_inline)) uint8_t *ex_live_of(uintptr_t block)
{
	uintptr_t piece = block / EX_LIVE_PIECE_BYTES;
	if (__builtin_expect(block % EX_LIVE_GRAIN != 0 || piece >= EX_LIVE_PIECES || !ex_live_pieces, 0))
		return (uint8_t *)0;
	uint8_t *bytes = __atomic_load_n(&ex_live_pieces[piece], __ATOMIC_ACQUIRE);
	return bytes ? bytes + block % EX_LIVE_PIECE_BYTES / EX_LIVE_GRAIN : (uint8_t *)0;
}

int ex_live_prepare(void); /* 1, or 0 when there is no address space for it */
/* as ex_live_of, but makes the piece where it is missing */
uint8_t *ex_live_make(uintptr_t block) __attribute__((cold));
/* calls back for each marked block, in order of address */
void ex_live_each(void (*each)(void *arg, uintptr_t block), void *arg);

#endif
