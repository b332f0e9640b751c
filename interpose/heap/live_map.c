/*
 * live_map.c: see live_map.h.
 */
#include "live_map.h"

#include "os/os.h"
#include "place.h"

#define BYTES_EACH (EX_LIVE_PIECE_BYTES / EX_LIVE_GRAIN)

#define GROUP (4096 / sizeof(uint8_t *)) /* pieces that are noted together */

uint8_t **ex_live_pieces;
/* whose part of the table is used: the rest is not looked at in the end, which would be 4096 pages */
static uint8_t groups[EX_LIVE_PIECES / GROUP] EX_TABLE;

/* The table can be written only where it is used: what can be written is counted against a limit of data (RLIMIT_DATA), and this
 * are 16 MiB */
int ex_live_prepare(void)
{
	size_t bytes = EX_LIVE_PIECES * sizeof(uint8_t *);
	uint8_t **table = ex_live_pieces ? (uint8_t **)0 : ex_os_reserve(bytes);
	if (table && ex_os_protection(table, bytes, 1) == 0)
		ex_live_pieces = table;
	return ex_live_pieces != 0;
}

uint8_t *ex_live_make(uintptr_t block)
{
	uintptr_t piece = block / EX_LIVE_PIECE_BYTES;
	if (block % EX_LIVE_GRAIN != 0 || piece >= EX_LIVE_PIECES || !ex_live_pieces)
		return (uint8_t *)0;
	if (!__atomic_load_n(&groups[piece / GROUP], __ATOMIC_ACQUIRE)) {
		if (ex_os_protect(&ex_live_pieces[piece], sizeof(uint8_t *), 1))
			return (uint8_t *)0;
		__atomic_store_n(&groups[piece / GROUP], 1, __ATOMIC_RELEASE);
	}
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
		if (!groups[piece / GROUP])
			piece += GROUP - 1;
		else if (ex_live_pieces[piece])
			walk(ex_live_pieces[piece], piece * EX_LIVE_PIECE_BYTES, each, arg);
}
