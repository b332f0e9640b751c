/*
 * x86_64_enter.c: which registers a function may be called with, besides the general ones: x87, SSE, AVX, AVX-512. Our own
 * C code uses SSE only, but it calls libc, which may be built for more.
 */
#include <cpuid.h>

#include "arch/arch.h"

#define OSXSAVE (1u << 27)
#define LEGACY_BYTES 512 /* what fxsave writes */
#define HEADER_END 576
#define SAVED 0xe7u /* x87, SSE, AVX, opmask, ZMM_Hi256, Hi16_ZMM */

uint32_t ex_entry_area = LEGACY_BYTES; /* bytes that they take */
uint32_t ex_entry_mask;		       /* xsave's mask; 0: there is fxsave only */

void ex_arch_far_jump(uint8_t *to, uintptr_t target)
{
	static const uint8_t jmp[] = {0xff, 0x25, 0, 0, 0, 0};
	for (unsigned i = 0; i < sizeof(jmp); i++)
		to[i] = jmp[i];
	for (unsigned i = 0; i < sizeof(target); i++)
		to[sizeof(jmp) + i] = (uint8_t)(target >> (8 * i));
}

void ex_arch_entry_prepare(void)
{
	uint32_t a, b, c, d, enabled, high;
	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & OSXSAVE))
		return;
	__asm__ volatile("xgetbv" : "=a"(enabled), "=d"(high) : "c"(0));
	uint32_t area = HEADER_END;
	for (uint32_t i = 2; i < 8; i++) {
		if (!(enabled & SAVED & (1u << i)))
			continue;
		__cpuid_count(0xd, i, a, b, c, d); /* a: size, b: offset */
		area = a + b > area ? a + b : area;
	}
	ex_entry_area = area;
	ex_entry_mask = enabled & SAVED;
}
