/*
 * t_instruction.c: instructions at a crash: which memory they used, by which registers. The bytes are the assembler's.
 */
#include "instruction.h"

#include "tap.h"

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
	around();
	return tap_done();
}
