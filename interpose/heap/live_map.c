/*
 * live_map.c: see live_map.h.
 */
#include "live_map.h"

#include "os/os.h"

#define BYTES_EACH (EX_LIVE_PIECE_BYTES / EX_LIVE_GRAIN)

uint8_t **ex_live_pieces;

int ex_live_prepare(void)
{
	if (!ex_live_pieces)
		ex_live_pieces = ex_os_map(EX_LIVE_PIECES * sizeof(uint8_t *));
	return ex_live_pieces != 0;
}

uint8_t *ex_live_make(uintptr_t block)
{
	uintptr_t piece = block / EX_LIVE_PIECE_BYTES;
	if (block % EX_LIVE_GRAIN != 0 || piece >= EX_LIVE_PIECES || !ex_live_pieces)
		return (uint8_t *)0;
	uint8_t *fresh = ex_os_map(BYTES_EACH), *there = (uint8_t *)0;
	if (!fresh)
		return (uint8_t *)0;
	if (!__atomic_compare_exchange_n(&ex_live_pieces[piece], &there, fresh, 0, __ATOMIC_RELEASE, __ATOMIC_ACQUIRE))
		ex_os_unmap(fresh, BYTES_EACH); /* another thread was first */
	return ex_live_of(block);
}

/* most of it is empty: eight blocks at a look */
static void walk(const uint8_t *bytes, uintptr_t begin, void (*each)(void *arg, uintptr_t block), void *arg)
{
	for (uintptr_t i = 0; i < BYTES_EACH; i += sizeof(uint64_t)) {
		if (!*(const uint64_t *)(const void *)(bytes + i))
			continue;
		for (uintptr_t k = i; k < i + sizeof(uint64_t); k++)
			if (__atomic_load_n(&bytes[k], __ATOMIC_RELAXED) >= EX_LIVE_MARKED)
				each(arg, begin + k * EX_LIVE_GRAIN);
	}
}

void ex_live_each(void (*each)(void *arg, uintptr_t block), void *arg)
{
	for (uintptr_t piece = 0; ex_live_pieces && piece < EX_LIVE_PIECES; piece++)
		if (ex_live_pieces[piece])
			walk(ex_live_pieces[piece], piece * EX_LIVE_PIECE_BYTES, each, arg);
}
