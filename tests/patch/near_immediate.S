/* the displacement is not the last part: an immediate comes behind it */
#include "pair.inc"
value:	.long	77
	IN
	cmpl	$77, value(%rip)
	lea	(%rdi, %rsi), %rax
	jne	1f
	neg	%rax
1:	ret
	TRAMPOLINE
	cmpl	$77, value(%rip)
	jmp	in + 7
	PATCHED
	JUMP_TO_HOOK
	int3
	int3
	lea	(%rdi, %rsi), %rax
	OUT	run
