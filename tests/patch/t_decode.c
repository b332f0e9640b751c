/*
 * t_decode.c: what the decoder says of single instructions; and that it never reads beyond what it was given.
 */
#include "tap.h"

#include <sys/mman.h>
#include <unistd.h>

#include "arch/arch.h"
#include "draw.h"

static const struct {
	const char *text;
	uint8_t code[16];
	struct ex_insn insn;
} known[] = {
#define BYTES(...)                                                                                                     \
	{                                                                                                              \
		__VA_ARGS__                                                                                            \
	}
#define PLAIN(n)                                                                                                       \
	{                                                                                                              \
		n, EX_INSN_PLAIN, 0, 0                                                                                 \
	}
#define REFUSED                                                                                                        \
	{                                                                                                              \
		0                                                                                                      \
	}
	{"nop", BYTES(0x90), PLAIN(1)},
	{"endbr64", BYTES(0xf3, 0x0f, 0x1e, 0xfa), PLAIN(4)},
	{"mov $imm64, %rax", BYTES(0x48, 0xb8), PLAIN(10)},
	{"mov $imm16, %ax", BYTES(0x66, 0xb8), PLAIN(4)},
	{"mov $imm32, %eax", BYTES(0xb8), PLAIN(5)},
	{"mov address64, %al", BYTES(0xa0), PLAIN(9)},
	{"mov address32, %eax", BYTES(0x67, 0xa1), PLAIN(6)},
	{"test $imm8, %al, F6 /0", BYTES(0xf6, 0xc0), PLAIN(3)},
	{"F6 /1, the same", BYTES(0xf6, 0xc8), PLAIN(3)},
	{"not %al, F6 /2", BYTES(0xf6, 0xd0), PLAIN(2)},
	{"test $imm16, %ax, F7 /0", BYTES(0x66, 0xf7, 0xc0), PLAIN(5)},
	{"test $imm32, %rax: REX.W is stronger than 66", BYTES(0x66, 0x48, 0xf7, 0xc0), PLAIN(8)},
	{"mul %rax, F7 /4", BYTES(0x48, 0xf7, 0xe0), PLAIN(3)},
	{"enter", BYTES(0xc8), PLAIN(4)},
	{"imul $imm32, 8(%rsp), %eax", BYTES(0x69, 0x44, 0x24, 0x08), PLAIN(8)},
	{"mov disp32(,%rax,8), %rax", BYTES(0x48, 0x8b, 0x04, 0xc5), PLAIN(8)},
	{"vzeroupper", BYTES(0xc5, 0xf8, 0x77), PLAIN(3)},
	{"vpshufd $imm8, %ymm1, %ymm0", BYTES(0xc5, 0xfd, 0x70, 0xc1), PLAIN(5)},
	{"vmovdqu64 64(%rsi), %zmm16", BYTES(0x62, 0xe1, 0xfe, 0x48, 0x6f, 0x46, 0x01), PLAIN(7)},
	{"mov x(%rip), %rax", BYTES(0x48, 0x8b, 0x05), {7, EX_INSN_NEAR, 3, 4}},
	{"cmpl $imm8, x(%rip)", BYTES(0x83, 0x3d), {7, EX_INSN_NEAR, 2, 4}},
	{"vmovdqa x(%rip), %ymm0", BYTES(0xc5, 0xfd, 0x6f, 0x05), {8, EX_INSN_NEAR, 4, 4}},
	{"vpternlogd $imm8, x(%rip), %zmm0, %zmm0",
	 BYTES(0x62, 0xf3, 0x7d, 0x48, 0x25, 0x05),
	 {11, EX_INSN_NEAR, 6, 4}},
	{"jmp rel8", BYTES(0xeb), {2, EX_INSN_JUMP, 1, 1}},
	{"jmp rel32", BYTES(0xe9), {5, EX_INSN_JUMP, 1, 4}},
	{"bnd jmp rel32", BYTES(0xf2, 0xe9), {6, EX_INSN_JUMP, 2, 4}},
	{"je rel8", BYTES(0x74), {2, EX_INSN_BRANCH, 1, 1}},
	{"je rel32", BYTES(0x0f, 0x84), {6, EX_INSN_BRANCH, 2, 4}},
	{"call rel32", BYTES(0xe8), {5, EX_INSN_CALL, 1, 4}},
	{"call rel32 as linkers pad it", BYTES(0x67, 0xe8), {6, EX_INSN_CALL, 2, 4}},
	{"call of __tls_get_addr", BYTES(0x66, 0x66, 0x48, 0xe8), {8, EX_INSN_CALL, 4, 4}},
	{"call *%rax", BYTES(0xff, 0xd0), {2, EX_INSN_CALL_AT, 0, 0}},
	{"call *x(%rip)", BYTES(0xff, 0x15), {6, EX_INSN_CALL_AT, 2, 4}},
	{"ret", BYTES(0xc3), {1, EX_INSN_END, 0, 0}},
	{"rep ret", BYTES(0xf3, 0xc3), {2, EX_INSN_END, 0, 0}},
	{"jmp *x(%rip)", BYTES(0xff, 0x25), {6, EX_INSN_END, 2, 4}},
	{"jmp *address32", BYTES(0xff, 0x24, 0x25), {7, EX_INSN_END, 0, 0}},
	{"notrack jmp *%rax", BYTES(0x3e, 0xff, 0xe0), {3, EX_INSN_END, 0, 0}},
	{"ud2", BYTES(0x0f, 0x0b), {2, EX_INSN_END, 0, 0}},
	{"hlt", BYTES(0xf4), {1, EX_INSN_END, 0, 0}},
	{"loop", BYTES(0xe2), {2, EX_INSN_FIXED, 1, 1}},
	{"jrcxz", BYTES(0xe3), {2, EX_INSN_FIXED, 1, 1}},
	{"xbegin", BYTES(0xc7, 0xf8), {6, EX_INSN_FIXED, 2, 4}},
	{"int3", BYTES(0xcc), {1, EX_INSN_TRAP, 0, 0}},
	{"jmp rel16 or rel32, by the processor's maker", BYTES(0x66, 0xe9), REFUSED},
	{"je rel32, the same", BYTES(0x66, 0x0f, 0x84), REFUSED},
	{"an address relative to eip", BYTES(0x67, 0x8b, 0x05), REFUSED},
	{"a prefix behind REX", BYTES(0x48, 0x66, 0x90), REFUSED},
	{"two REX", BYTES(0x48, 0x48, 0x90), REFUSED},
	{"F2 and F3", BYTES(0xf2, 0xf3, 0xa4), REFUSED},
	{"LOCK on what cannot be locked", BYTES(0xf0, 0x8b, 0x00), REFUSED},
	{"LOCK without memory", BYTES(0xf0, 0x01, 0xc0), REFUSED},
	{"REX before VEX", BYTES(0x48, 0xc5, 0xf8, 0x77), REFUSED},
	{"66 before VEX", BYTES(0x66, 0xc5, 0xf8, 0x77), REFUSED},
	{"no opcode in this mode", BYTES(0x06), REFUSED},
	{"XOP", BYTES(0x8f, 0xe8, 0x78, 0xc2, 0xec, 0x0e), REFUSED},
	{"REX2", BYTES(0xd5, 0x00, 0x90), REFUSED},
	{"EVEX, map 4", BYTES(0x62, 0xf4, 0x7c, 0x08, 0x01, 0xc0), REFUSED},
	{"port input", BYTES(0xec), REFUSED},
};

static int is_insn(const uint8_t *code, size_t bytes, const struct ex_insn *wanted)
{
	struct ex_insn got;
	int length = ex_arch_decode(code, bytes, &got);
	if (length == wanted->length && got.length == wanted->length && got.kind == wanted->kind &&
	    got.at == wanted->at && got.width == wanted->width)
		return 1;
	printf("# %zu of", bytes);
	for (size_t i = 0; i < bytes; i++)
		printf(" %02x", code[i]);
	printf(": returned %d, length %u kind %u at %u width %u\n", length, got.length, got.kind, got.at, got.width);
	return 0;
}

static uint8_t *guard; /* what is here cannot be read */

/* whether it is an instruction with all of its bytes before the guard, and none with fewer; found: which */
static int is_cut_right(const uint8_t *code, struct ex_insn *found)
{
	static const struct ex_insn none;
	if (!ex_arch_decode(code, 15, found))
		return 1;
	for (size_t n = 0; n <= found->length; n++) {
		memcpy(guard - n, code, n);
		if (!is_insn(guard - n, n, n < found->length ? &none : found))
			return 0;
	}
	return 1;
}

static void test_cut(const char *name, void (*make)(uint8_t *), unsigned long count, uint64_t seed)
{
	unsigned long bad = 0, instructions = 0;
	seed_with(seed);
	for (unsigned long i = 0; i < count; i++) {
		uint8_t code[16];
		struct ex_insn insn;
		make(code);
		bad += !is_cut_right(code, &insn);
		instructions += insn.length != 0;
	}
	printf("# %s, seed %llu: %lu instructions\n", name, (unsigned long long)seed, instructions);
	OK(instructions > count / 10, "%s: enough of %lu are instructions", name, count);
	IS_INT(bad, 0, "%s: cut anywhere, they are refused, and nothing behind is read", name);
}

int main(void)
{
	long page = sysconf(_SC_PAGESIZE);
	guard = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	guard += page;
	OK(mprotect(guard, page, PROT_NONE) == 0, "a page that cannot be read");
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct ex_insn insn;
		OK(is_insn(known[i].code, 16, &known[i].insn) && is_cut_right(known[i].code, &insn), "%s",
		   known[i].text);
	}
	/* prefixes alone are never enough, and never too much for fifteen bytes */
	memset(guard - 15, 0x66, 15);
	struct ex_insn none = {0}, longest = {15, EX_INSN_PLAIN, 0, 0};
	OK(is_insn(guard - 15, 15, &none), "fifteen prefixes");
	guard[-1] = 0x90;
	OK(is_insn(guard - 15, 15, &longest), "fourteen, and nop");
	memset(guard - 16, 0x66, 15);
	OK(is_insn(guard - 16, 16, &none), "fifteen, and nop: too long");
	test_cut("every opcode", every_opcode, 10ul << 18, 20260103);
	test_cut("likely bytes", likely_bytes, 200000, 20260104);
	return tap_done();
}
