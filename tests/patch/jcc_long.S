/* a branch of six bytes: its displacement changes */
#include "pair.inc"
	IN
	test	%edi, %edi
	je	1f
	mov	%rsi, %rax
	ret
	.fill	200, 1, 0x90
1:	lea	1(%rsi), %rax
	ret
	TRAMPOLINE
	test	%edi, %edi
	je	in + 212
	jmp	in + 8
	PATCHED
	JUMP_TO_HOOK
	int3
	int3
	int3
	OUT	run
