/* a call that leaves out the endbr64 is one of the function, too */
#include "pair.inc"
	IN
	endbr64
	lea	(%rdi, %rsi), %rax
	test	%rdi, %rdi
	jle	1f
	push	%rbx
	mov	%rax, %rbx
	xor	%edi, %edi
	call	in + 4
	add	%rbx, %rax
	pop	%rbx
1:	ret
	TRAMPOLINE
	lea	(%rdi, %rsi), %rax
	test	%rdi, %rdi
	jmp	in + 11
	PATCHED
	endbr64
	JUMP_TO_HOOK
	int3
	int3
	.byte	0x7e	/* jle */
	OUT	run
