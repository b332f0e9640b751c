/*
 * t_operand.c: the address that an instruction uses, of encodings that an assembler made (as: .byte here are its output).
 */
#include "operand.h"

#include "check.h"

/* DWARF order: rax rdx rcx rbx rsi rdi rbp rsp r8 … r15 rip */
static const uint64_t regs[17] = {0x1000, 0x2000, 0x3000, 0x4000, 0x5000, 0x6000, 0x7000,  0x8000,  0x9000,
				  0xa000, 0xb000, 0xc000, 0xd000, 0xe000, 0xf000, 0x10000, 0x400000};

static uint64_t used(const char *code, size_t bytes)
{
	uint64_t address = 0;
	return ex_operand_address((const unsigned char *)code, bytes, regs, 0x77, &address) ? address : 1;
}
#define USED(text) used(text, sizeof(text) - 1)
#define NONE 1

static void check_memory(void)
{
	CHECK(USED("\x8b\x07") == 0x6000);			 /* mov (%rdi),%eax */
	CHECK(USED("\x0f\xbe\x04\x37") == 0xb000);		 /* movsbl (%rdi,%rsi,1),%eax */
	CHECK(USED("\x48\x89\x46\x08") == 0x5008);		 /* mov %rax,0x8(%rsi) */
	CHECK(USED("\x48\x8b\x80\x00\xff\xff\xff") == 0xf00);	 /* mov -0x100(%rax),%rax */
	CHECK(USED("\x4b\x8b\x04\xfe") == 0xf000 + 8 * 0x10000); /* mov (%r14,%r15,8),%rax */
	CHECK(USED("\x41\x8b\x45\x00") == 0xe000);		 /* mov 0x0(%r13),%eax */
	CHECK(USED("\x49\x8b\x04\x24") == 0xd000);		 /* mov (%r12),%rax */
	CHECK(USED("\x8b\x04\x8d\x10\x00\x00\x00") == 0xc010);	 /* mov 0x10(,%rcx,4),%eax */
	CHECK(USED("\x66\x0f\x6f\x06") == 0x5000);		 /* movdqa (%rsi),%xmm0 */
	CHECK(USED("\xc5\xfe\x6f\x06") == 0x5000);		 /* vmovdqu (%rsi),%ymm0 */
	CHECK(USED("\xc4\xc1\x7e\x6f\x00") == 0x9000);		 /* vmovdqu (%r8),%ymm0 */
	CHECK(USED("\x0f\x29\x04\x24") == 0x8000);		 /* movaps %xmm0,(%rsp) */
	CHECK(USED("\xf3\xa4") == 0x6000);			 /* rep movsb */
	CHECK(USED("\xff\x10") == 0x1000);			 /* call *(%rax) */
}

static void check_targets(void)
{
	CHECK(USED("\xff\xd2") == 0x2000);     /* call *%rdx */
	CHECK(USED("\x41\xff\xe3") == 0xc000); /* jmp *%r11 */
	CHECK(USED("\xc3") == 0x77);	       /* ret */
}

static void check_none(void)
{
	CHECK(USED("\xf4") == NONE);				 /* hlt */
	CHECK(USED("\x0f\x01\xd0") == NONE);			 /* xgetbv */
	CHECK(USED("\x0f\x30") == NONE);			 /* wrmsr */
	CHECK(USED("\x48\x8d\x04\x37") == NONE);		 /* lea (%rdi,%rsi,1),%rax */
	CHECK(USED("\x48\x01\xd8") == NONE);			 /* add %rbx,%rax */
	CHECK(USED("\x8b\x05\x10\x00\x00\x00") == NONE);	 /* mov 0x10(%rip),%eax */
	CHECK(USED("\x64\x8b\x04\x25\x10\x00\x00\x00") == NONE); /* mov %fs:0x10,%eax */
	CHECK(USED("\x67\x8b\x07") == NONE);			 /* mov (%edi),%eax */
	CHECK(USED("\x8b") == NONE);				 /* cut */
	CHECK(USED("\x8b\x80\x00") == NONE);
	CHECK(USED("") == NONE);
}

int main(void)
{
	check_memory();
	check_targets();
	check_none();
	CHECK(ex_operand_is_impossible(0xdead0000beef0000) && ex_operand_is_impossible(0x800000000000));
	CHECK(!ex_operand_is_impossible(0x7fffffffffff) && !ex_operand_is_impossible(0xffff800000000000));
	CHECK_DONE();
}
