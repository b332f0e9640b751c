/*
 * ways.c: see ways.h. WAYS: the name of this variant.
 */
#include "ways.h"

#include <alloca.h>
#include <stdint.h>

#define NOINLINE static __attribute__((noinline))

static volatile unsigned touched;

/* what stands behind a call keeps it from being a jump */
NOINLINE void plain_inner(void (*then)(void))
{
	then();
	touched++;
}
NOINLINE void plain_outer(void (*then)(void))
{
	plain_inner(then);
	touched++;
}

NOINLINE void tail_inner(void (*then)(void))
{
	plain_inner(then);
}
NOINLINE void tail_outer(void (*then)(void))
{
	tail_inner(then);
	touched++;
}

NOINLINE void stack_inner(void (*then)(void), unsigned bytes)
{
	volatile char *room = alloca(bytes);
	room[0] = room[bytes - 1] = 1;
	plain_inner(then);
	touched += (unsigned char)room[0];
}
NOINLINE void stack_outer(void (*then)(void))
{
	stack_inner(then, 300 + touched % 7 * 16);
	touched++;
}

NOINLINE void aligned_inner(void (*then)(void), unsigned bytes)
{
	_Alignas(64) volatile char room[128];
	volatile char *more = alloca(bytes);
	room[5] = more[0] = 1;
	plain_inner(then);
	touched += (unsigned char)(room[5] + more[0]);
}
NOINLINE void aligned_outer(void (*then)(void))
{
	aligned_inner(then, 100);
	touched++;
}

NOINLINE void recursion_inner(void (*then)(void), unsigned depth)
{
	volatile char room[3000]; /* several pages in all */
	room[depth] = 1;
	if (depth)
		recursion_inner(then, depth - 1);
	else
		plain_inner(then);
	touched += (unsigned char)room[depth];
}
NOINLINE void recursion_outer(void (*then)(void))
{
	recursion_inner(then, 5);
	touched++;
}

NOINLINE void registers_inner(void (*then)(void))
{
	unsigned a = touched, b = a * 3, c = b ^ 17, d = c + a, e = d * b, f = e ^ c;
	plain_inner(then);
	touched += a + b + c + d + e + f;
}
NOINLINE void registers_outer(void (*then)(void))
{
	unsigned a = touched, b = a * 5, c = b ^ 11;
	registers_inner(then);
	touched += a + b + c;
}

const struct ways WAYS = {plain_outer, tail_outer, stack_outer, aligned_outer, recursion_outer, registers_outer};
