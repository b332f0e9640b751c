/*
 * md5.c: see md5.h.
 */
#include "md5.h"

#include <endian.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

static uint32_t rotate(uint32_t value, unsigned bits)
{
	return value << bits | value >> (32 - bits);
}

static void block(uint32_t state[4], const unsigned char bytes[64])
{
	static const unsigned char shifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
	static const unsigned char strides[4] = {1, 5, 3, 7}, starts[4] = {0, 1, 5, 0};
	static uint32_t sines[64];
	uint32_t words[16], a = state[0], b = state[1], c = state[2], d = state[3];
	if (!sines[0])
		for (unsigned n = 64; n-- > 0;)
			sines[n] = (uint32_t)(fabs(sin(n + 1)) * 4294967296.0);
	for (unsigned n = 0; n < 16; n++) {
		memcpy(&words[n], bytes + 4 * n, 4);
		words[n] = le32toh(words[n]);
	}
	for (unsigned n = 0; n < 64; n++) {
		unsigned round = n / 16;
		uint32_t mixed = round == 0   ? (b & c) | (~b & d)
				 : round == 1 ? (d & b) | (~d & c)
				 : round == 2 ? b ^ c ^ d
					      : c ^ (b | ~d);
		uint32_t sum = a + mixed + sines[n] + words[(starts[round] + strides[round] * n) % 16];
		a = d;
		d = c;
		c = b;
		b += rotate(sum, shifts[round][n % 4]);
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
}

void ex_md5(unsigned char digest[16], const void *bytes, size_t length)
{
	uint32_t state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
	unsigned char last[128] = {0};
	const unsigned char *at = bytes;
	size_t left = length;
	for (; left >= 64; left -= 64, at += 64)
		block(state, at);
	memcpy(last, at, left);
	last[left] = 0x80;
	size_t end = left < 56 ? 64 : 128;
	uint64_t bits = htole64((uint64_t)length * 8);
	memcpy(last + end - 8, &bits, 8);
	for (size_t n = 0; n < end; n += 64)
		block(state, last + n);
	for (unsigned n = 0; n < 4; n++) {
		uint32_t word = htole32(state[n]);
		memcpy(digest + 4 * n, &word, 4);
	}
}
