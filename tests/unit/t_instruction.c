/*
 * t_instruction.c: instructions at a crash: which memory they used, by which registers. The bytes are the assembler's.
 */
#include "instruction.h"

#include "tap.h"

#include <string.h>

#ifdef EX_HAS_ZYDIS
static const uint64_t regs[17] =
	{[0] = 0x3324386c, [3] = 0x7f0000001000, [7] = 0x7ffe00000000, [6] = 0xffffffff00000010};
#define DECODE(...)                                                                                                    \
	do {                                                                                                           \
		static const unsigned char bytes[] = {__VA_ARGS__};                                                    \
		ex_instruction_decode(&i, bytes, sizeof(bytes), 0x401000, regs);                                       \
	} while (0)

static void memory(void)
{
	struct ex_instruction i;
	DECODE(0x89, 0x0c, 0x83); /* mov %ecx,(%rbx,%rax,4) */
	IS_TEXT(i.text, "mov [rbx+rax*4], ecx", "a store by base and index");
	OK(i.writes && !i.reads && i.base == 3 && i.index == 0 && i.scale == 4, "its parts");
	IS_INT(i.memory, 0x7f0000001000 + 4 * 0x3324386cull, "its address");
	DECODE(0x48, 0x8b, 0x43, 0xf8); /* mov -8(%rbx),%rax */
	OK(i.reads && !i.writes && i.displacement == -8 && i.memory == 0x7f0000000ff8, "a load, backwards");
	DECODE(0x67, 0x8b, 0x45, 0x00); /* mov (%ebp),%eax */
	IS_INT(i.memory, 0x10, "a register of 32 bits has no upper half");
	DECODE(0x64, 0x48, 0x8b, 0x04, 0x25, 0x28, 0, 0, 0); /* mov %fs:0x28,%rax */
	OK(i.has_memory && !i.is_memory_known, "where fs: leads is not known");
	DECODE(0x48, 0x8b, 0x05, 0x10, 0, 0, 0); /* mov 0x10(%rip),%rax */
	IS_INT(i.memory, 0x401017, "from the next instruction on");
	DECODE(0x48, 0x8d, 0x04, 0x83); /* lea (%rbx,%rax,4),%rax */
	OK(!i.has_memory, "lea uses none");
	DECODE(0xff, 0x13); /* call *(%rbx) */
	OK(i.has_memory && i.reads && i.memory == 0x7f0000001000, "a call through memory reads it");
	DECODE(0x50); /* push %rax */
	OK(i.writes && !i.reads, "push writes");
	DECODE(0xf0, 0x01, 0x03); /* lock add %eax,(%rbx) */
	OK(i.reads && i.writes, "an addition to memory does both");
	DECODE(0x06);
	OK(!i.is_known, "no instruction");
}

/* what a fault without an address was about: the address that no mapping can have, else 1 */
static uint64_t impossible(const char *code, size_t bytes, const uint64_t *at, uint64_t top)
{
	struct ex_instruction i;
	uint64_t address = 0;
	ex_instruction_decode(&i, (const unsigned char *)code, bytes, 0x401000, at);
	return ex_instruction_impossible(&i, top, &address) ? address : 1;
}
#define ODD 0xdead000000000000
/* DWARF's order: each register has its own number on ODD */
static const uint64_t odd[17] = {ODD + 0x1000, ODD + 0x2000, ODD + 0x3000, ODD + 0x4000,  ODD + 0x5000, ODD + 0x6000,
				 ODD + 0x7000, ODD + 0x8000, ODD + 0x9000, ODD + 0xa000,  ODD + 0xb000, ODD + 0xc000,
				 ODD + 0xd000, ODD + 0xe000, ODD + 0xf000, ODD + 0x10000, 0x401000};
#define USED(text) impossible(text, sizeof(text) - 1, odd, ODD + 0x77)
#define NONE 1

static void addresses(void)
{
	IS_INT(USED("\x8b\x07"), ODD + 0x6000, "mov (rdi),eax");
	IS_INT(USED("\x48\x89\x46\x08"), ODD + 0x5008, "mov rax,0x8(rsi)");
	IS_INT(USED("\x48\x8b\x80\x00\xff\xff\xff"), ODD + 0xf00, "mov -0x100(rax),rax");
	IS_INT(USED("\x41\x8b\x45\x00"), ODD + 0xe000, "mov 0x0(r13),eax");
	IS_INT(USED("\x49\x8b\x04\x24"), ODD + 0xd000, "mov (r12),rax");
	IS_INT(USED("\x66\x0f\x6f\x06"), ODD + 0x5000, "movdqa (rsi),xmm0");
	IS_INT(USED("\xc5\xfe\x6f\x06"), ODD + 0x5000, "vmovdqu (rsi),ymm0");
	IS_INT(USED("\xc4\xc1\x7e\x6f\x00"), ODD + 0x9000, "vmovdqu (r8),ymm0");
	IS_INT(USED("\x0f\x29\x04\x24"), ODD + 0x8000, "movaps xmm0,(rsp)");
	IS_INT(USED("\xff\x10"), ODD + 0x1000, "call *(rax)");
	IS_INT(USED("\x0f\xbe\x04\x37"), 2 * ODD + 0xb000, "movsbl (rdi,rsi,1),eax");
	IS_INT(USED("\x4b\x8b\x04\xfe"), 9 * ODD + 0xf000 + 8 * 0x10000, "mov (r14,r15,8),rax");
	IS_INT(USED("\x8b\x04\x8d\x10\x00\x00\x00"), 4 * ODD + 0xc010, "mov 0x10(,rcx,4),eax");
}

static void targets(void)
{
	uint64_t half[17];
	IS_INT(USED("\xff\xd2"), ODD + 0x2000, "call *rdx");
	IS_INT(USED("\x41\xff\xe3"), ODD + 0xc000, "jmp *r11");
	IS_INT(USED("\xc3"), ODD + 0x77, "ret");
	IS_INT(USED("\xc2\x08\x00"), ODD + 0x77, "ret $8");
	IS_INT(impossible("\xc3", 1, regs, 0x401000), NONE, "ret to what may be a place");
	IS_INT(USED("\xf3\xa4"), ODD + 0x5000, "rep movsb: what is read, where both are none");
	memcpy(half, odd, sizeof(half));
	half[4] = 0x401000;
	IS_INT(impossible("\xf3\xa4", 2, half, 0), ODD + 0x6000, "rep movsb: what is written, where only that is none");
	IS_INT(impossible("\xaa", 1, half, 0), ODD + 0x6000, "stosb");
	IS_INT(impossible("\xac", 1, odd, 0), ODD + 0x5000, "lodsb");
	IS_INT(impossible("\xa6", 1, half, 0), ODD + 0x6000, "cmpsb");
}

static void none(void)
{
	IS_INT(USED("\xf4"), NONE, "hlt");
	IS_INT(USED("\x0f\x01\xd0"), NONE, "xgetbv");
	IS_INT(USED("\x0f\x30"), NONE, "wrmsr");
	IS_INT(USED("\x48\x8d\x04\x37"), NONE, "lea (rdi,rsi,1),rax");
	IS_INT(USED("\x48\x01\xd8"), NONE, "add rbx,rax");
	IS_INT(USED("\x8b\x05\x10\x00\x00\x00"), NONE, "mov 0x10(rip),eax");
	IS_INT(USED("\x64\x8b\x04\x25\x10\x00\x00\x00"), NONE, "mov fs:0x10,eax");
	IS_INT(USED("\x67\x8b\x07"), NONE, "mov (edi),eax");
	IS_INT(USED("\x8b"), NONE, "cut");
	IS_INT(USED("\x8b\x80\x00"), NONE, "cut in the displacement");
	IS_INT(USED(""), NONE, "nothing");
}

static void around(void)
{
	/* push %rbp; mov %rsp,%rbp; xor %eax,%eax; mov %ecx,(%rbx); pop %rbp; ret */
	static const unsigned char bytes[] = {0x55, 0x48, 0x89, 0xe5, 0x31, 0xc0, 0x89, 0x0b, 0x5d, 0xc3};
	struct ex_instruction list[16];
	size_t n = ex_instructions_around(list, 16, bytes, sizeof(bytes), 0x1000, 0x1006, regs);
	IS_INT(n, 6, "all of them");
	IS_INT(list[3].address, 0x1006, "with the one at pc");
	IS_TEXT(list[5].text, "ret", "to the end");
	IS_INT(ex_instructions_around(list, 16, bytes, sizeof(bytes), 0x1000, 0x100a, regs), 0, "pc behind all of it");
	n = ex_instructions_around(list, 16, bytes, sizeof(bytes), 0x1000, 0x1000, regs);
	OK(n == 6 && list[0].address == 0x1000, "nothing before it");
}
#else
static void memory(void)
{
}
static void addresses(void)
{
}
static void targets(void)
{
}
static void none(void)
{
}
static void around(void)
{
}
#endif

int main(void)
{
	struct ex_instruction i;
	ex_instruction_decode(&i, (const unsigned char *)"\xc3", 1, 0x1000, NULL);
#ifdef EX_HAS_ZYDIS
	OK(i.is_known, "ret, without registers");
#else
	OK(!i.is_known, "built without Zydis, nothing is known");
#endif
	memory();
	addresses();
	targets();
	none();
	OK(ex_address_is_impossible(0xdead0000beef0000) && ex_address_is_impossible(0x800000000000), "no addresses");
	OK(!ex_address_is_impossible(0x7fffffffffff) && !ex_address_is_impossible(0xffff800000000000), "addresses");
	around();
	return tap_done();
}
