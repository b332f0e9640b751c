/* a branch of two bytes gets its long form */
#include "pair.inc"
	IN
	test	%rdi, %rdi
	je	1f
	mov	%rsi, %rax
	ret
1:	lea	1(%rsi), %rax
	ret
	TRAMPOLINE
	test	%rdi, %rdi
	je	in + 9
	jmp	in + 5
	PATCHED
	JUMP_TO_HOOK
	mov	%rsi, %rax
	OUT	run
