/*
 * draw.h: bytes that nobody wrote, the same for the same seed.
 */
#ifndef DRAW_H
#define DRAW_H

#include <stdint.h>
#include <string.h>

static uint64_t state;
static unsigned long drawn;

static uint64_t draw(void) /* xorshift64* */
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1d;
}

static void seed_with(uint64_t seed)
{
	state = seed;
	drawn = 0;
}

static void any_bytes(uint8_t *code)
{
	for (int i = 0; i < 2; i++) {
		uint64_t bits = draw();
		memcpy(code + 8 * i, &bits, 8);
	}
}

/* random bytes are hardly ever behind a certain prefix and in a certain map */
__attribute__((unused)) static void likely_bytes(uint8_t *code)
{
	static const uint8_t legacy[] = {0x66, 0x66, 0xf2, 0xf3, 0xf0, 0x67, 0x2e, 0x65};
	any_bytes(code);
	uint64_t bits = draw();
	int n = 0;
	while ((bits & 3) == 0 && n < 3) {
		code[n++] = legacy[bits >> 2 & 7];
		bits >>= 5;
	}
	if (bits >> 30 & 1)
		code[n++] = 0x40 | (bits >> 31 & 15);
	switch (bits >> 40 & 7) {
	case 0:
	case 1:
		break; /* one byte */
	case 2:
	case 3:
		code[n++] = 0x0f;
		break;
	case 4:
		code[n++] = 0x0f;
		code[n++] = bits >> 43 & 1 ? 0x38 : 0x3a;
		break;
	case 5:
		code[0] = 0xc5;
		code[1] |= 0x78;
		break;
	case 6:
		code[0] = 0xc4;
		code[1] = 0xe0 | (1 + (bits >> 43) % 3);
		code[2] |= 0x78;
		break;
	case 7:
		code[0] = 0x62;
		code[1] = 0xf0 | (1 + (bits >> 43) % 3);
		code[2] |= 0x7c;
		code[3] = (code[3] & 0x60) | 8;
		break;
	}
}

/* all maps of all encodings, all opcodes, all prefixes that tell instructions apart, all ModRM */
__attribute__((unused)) static void every_opcode(uint8_t *code)
{
	static const uint8_t prefix[] = {0x66, 0xf3, 0xf2};
	unsigned long i = drawn++;
	unsigned modrm = i & 255, pp = i >> 8 & 3, op = i >> 10 & 255, map = i >> 18;
	int n = 0;
	any_bytes(code);
	if (map < 4) {
		unsigned rex = code[15] & 15;
		if (pp)
			code[n++] = prefix[pp - 1];
		if (rex)
			code[n++] = 0x40 | rex;
		if (map)
			code[n++] = 0x0f;
		if (map > 1)
			code[n++] = map == 2 ? 0x38 : 0x3a;
	} else if (map < 7) {
		code[n++] = 0xc4;
		code[n++] = 0xe0 | (map - 3);
		code[n++] = 0x78 | (code[15] & 0x84) | pp;
	} else {
		code[n++] = 0x62;
		code[n++] = 0xf0 | (map - 6);
		code[n++] = 0x7c | (code[15] & 0x80) | pp;
		code[n++] = 8 | (code[15] & 0x60);
	}
	code[n++] = op;
	code[n] = modrm;
}

#endif
