/* two of them */
#include "pair.inc"
	IN
	inc	%edi
	je	1f
	js	1f
	mov	%rdi, %rax
	ret
1:	lea	1(%rsi), %rax
	ret
	TRAMPOLINE
	inc	%edi
	je	in + 10
	js	in + 10
	jmp	in + 6
	PATCHED
	JUMP_TO_HOOK
	int3
	mov	%rdi, %rax
	OUT	run
