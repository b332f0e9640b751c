/* a jump of two bytes at the end: the long form, and nothing to come back to */
#include "pair.inc"
	IN
	lea	(%rdi, %rsi), %rax
	jmp	1f
	ud2
1:	ret
	TRAMPOLINE
	lea	(%rdi, %rsi), %rax
	jmp	in + 8
	PATCHED
	JUMP_TO_HOOK
	int3
	ud2
	OUT	run
