/*
 * engine.c: the instrumented half of the demo, a shared library: a small interpreter whose opcodes are called through a
 * table, so that the profile has branch counts and call counts worth keeping.
 */
#include "engine.h"

enum { OP_ADD, OP_MUL, OP_XOR, OP_SHIFT, OP_COUNT };

static unsigned op_add(unsigned a, unsigned b)
{
	return a + b;
}
static unsigned op_mul(unsigned a, unsigned b)
{
	return a * (b | 1);
}
static unsigned op_xor(unsigned a, unsigned b)
{
	return a ^ b;
}
static unsigned op_shift(unsigned a, unsigned b)
{
	return a >> (b & 7);
}

static unsigned (*const ops[OP_COUNT])(unsigned, unsigned) = {op_add, op_mul, op_xor, op_shift};

unsigned engine_run(unsigned steps)
{
	unsigned state = 1107;
	for (unsigned i = 0; i < steps; i++) {
		if (i % 3 == 0)
			state = op_add(state, i);
		state = ops[(state ^ i) % OP_COUNT](state, i);
	}
	return state;
}
