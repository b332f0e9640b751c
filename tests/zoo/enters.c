/* expect: status 0: a local function that is called by private rules leaves every register as it was, three times */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "mark.h"

struct registers {
	uint64_t general[9], flags; /* rax rcx rdx rsi rdi r8 r9 r10 r11 */
	unsigned char vector[16][32];
};

void call_leaf(const struct registers *in, struct registers *out, int has_avx);

__asm__(".text\n"
	".type leaf, @function\n"
	"leaf:\n"
	".cfi_startproc\n"
	"	nopw	0(%rax,%rax)\n"
	"	nopl	0(%rax)\n"
	"	ret\n"
	".cfi_endproc\n"
	".size leaf, .-leaf\n"
	".macro	all what\n"
	"	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
	"	\\what	\\n\n"
	"	.endr\n"
	".endm\n"
	".macro	load n\n"
	"	movdqu	80+32*\\n(%rbx), %xmm\\n\n"
	".endm\n"
	".macro	load_avx n\n"
	"	vmovdqu	80+32*\\n(%rbx), %ymm\\n\n"
	".endm\n"
	".macro	save n\n"
	"	movdqu	%xmm\\n, 80+32*\\n(%r12)\n"
	".endm\n"
	".macro	save_avx n\n"
	"	vmovdqu	%ymm\\n, 80+32*\\n(%r12)\n"
	".endm\n"
	".globl call_leaf\n"
	".type call_leaf, @function\n"
	"call_leaf:\n"
	".cfi_startproc\n"
	"	push	%rbx\n"
	".cfi_adjust_cfa_offset 8\n"
	"	push	%r12\n"
	".cfi_adjust_cfa_offset 8\n"
	"	push	%r13\n"
	".cfi_adjust_cfa_offset 8\n"
	"	mov	%rdi, %rbx\n"
	"	mov	%rsi, %r12\n"
	"	mov	%edx, %r13d\n"
	"	test	%r13d, %r13d\n"
	"	jz	1f\n"
	"	all	load_avx\n"
	"	jmp	2f\n"
	"1:	all	load\n"
	"2:	push	72(%rbx)\n"
	".cfi_adjust_cfa_offset 8\n"
	"	popf\n"
	".cfi_adjust_cfa_offset -8\n"
	"	mov	(%rbx), %rax\n"
	"	mov	8(%rbx), %rcx\n"
	"	mov	16(%rbx), %rdx\n"
	"	mov	24(%rbx), %rsi\n"
	"	mov	32(%rbx), %rdi\n"
	"	mov	40(%rbx), %r8\n"
	"	mov	48(%rbx), %r9\n"
	"	mov	56(%rbx), %r10\n"
	"	mov	64(%rbx), %r11\n"
	"	call	leaf\n"
	"	mov	%rax, (%r12)\n"
	"	mov	%rcx, 8(%r12)\n"
	"	mov	%rdx, 16(%r12)\n"
	"	mov	%rsi, 24(%r12)\n"
	"	mov	%rdi, 32(%r12)\n"
	"	mov	%r8, 40(%r12)\n"
	"	mov	%r9, 48(%r12)\n"
	"	mov	%r10, 56(%r12)\n"
	"	mov	%r11, 64(%r12)\n"
	"	pushf\n"
	".cfi_adjust_cfa_offset 8\n"
	"	pop	72(%r12)\n"
	".cfi_adjust_cfa_offset -8\n"
	"	test	%r13d, %r13d\n"
	"	jz	1f\n"
	"	all	save_avx\n"
	"	vzeroupper\n"
	"	jmp	2f\n"
	"1:	all	save\n"
	"2:	pop	%r13\n"
	".cfi_adjust_cfa_offset -8\n"
	"	pop	%r12\n"
	".cfi_adjust_cfa_offset -8\n"
	"	pop	%rbx\n"
	".cfi_adjust_cfa_offset -8\n"
	"	ret\n"
	".cfi_endproc\n"
	".size call_leaf, .-call_leaf\n");

#define ARITHMETIC 0x8d5 /* overflow, sign, zero, adjust, parity, carry */

static void at_exit(void)
{
	static struct registers in, out;
	unsigned char *bytes = (unsigned char *)&in;
	int has_avx = __builtin_cpu_supports("avx");
	for (unsigned i = 0; i < sizeof(in); i++)
		bytes[i] = out.flags + i * 7 + 3;
	in.flags = ARITHMETIC;
	if (!has_avx)
		for (int i = 0; i < 16; i++)
			memset(in.vector[i] + 16, 0, 16);
	call_leaf(&in, &out, has_avx);
	in.flags &= ARITHMETIC;
	out.flags &= ARITHMETIC;
	if (memcmp(&in, &out, sizeof(in)))
		_exit(1);
	MARK("at_exit");
}

int main(void)
{
	atexit(at_exit);
	at_exit();
	at_exit();
	return 0;
}
