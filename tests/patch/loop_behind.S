/* a loop to the first instruction that stays */
#include "pair.inc"
	IN
	mov	$9, %eax
1:	add	%rdi, %rax
	dec	%esi
	jg	1b
	ret
	TRAMPOLINE
	mov	$9, %eax
	jmp	in + 5
	PATCHED
	JUMP_TO_HOOK
	add	%rdi, %rax
	OUT	run
