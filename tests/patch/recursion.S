/* a call of its own begin is a call like any other */
#include "pair.inc"
	IN
	lea	(%rdi, %rsi), %rax
	test	%rdi, %rdi
	jle	1f
	push	%rbx
	mov	%rax, %rbx
	xor	%edi, %edi
	call	in
	add	%rbx, %rax
	pop	%rbx
1:	ret
	TRAMPOLINE
	lea	(%rdi, %rsi), %rax
	test	%rdi, %rdi
	jmp	in + 7
	PATCHED
	JUMP_TO_HOOK
	int3
	int3
	.byte	0x7e	/* jle */
	OUT	run
