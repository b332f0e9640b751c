/*
 * scribble.c: see scribble.h.
 */
#include "scribble.h"

#include "text.h"

void ex_scribble(void *block, size_t from, size_t to, unsigned char byte)
{
	unsigned char *at = block;
	uint64_t word = byte * 0x0101010101010101u;
	if (from > to)
		return;
	if (to - from > EX_SCRIBBLE_BYTES)
		to = from + EX_SCRIBBLE_BYTES;
	while (from < to && from % sizeof(word))
		at[from++] = byte;
	for (; to - from >= sizeof(word); from += sizeof(word))
		memcpy(at + from, &word, sizeof(word));
	while (from < to)
		at[from++] = byte;
}
