/* a prefix of the short branch goes along */
#include "pair.inc"
	IN
	test	%rdi, %rdi
	.byte	0x3e
	je	1f
	mov	%rsi, %rax
	ret
1:	lea	1(%rsi), %rax
	ret
	TRAMPOLINE
	test	%rdi, %rdi
	.byte	0x3e
	je	in + 10
	jmp	in + 6
	PATCHED
	JUMP_TO_HOOK
	int3
	mov	%rsi, %rax
	OUT	run
