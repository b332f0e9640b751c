/* a load relative to the next instruction, as in sbrk: its displacement changes */
#include "pair.inc"
value:	.quad	1000000
	IN
	push	%r12
	mov	value(%rip), %r12
	lea	(%r12, %rdi), %rax
	pop	%r12
	ret
	TRAMPOLINE
	push	%r12
	mov	value(%rip), %r12
	jmp	in + 9
	PATCHED
	JUMP_TO_HOOK
	int3
	int3
	int3
	OUT	run
