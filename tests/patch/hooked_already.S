/* somebody else was here before: his jump moves; what he left of the rest is no instruction */
#include "pair.inc"
	IN
	jmp	other
	.byte	0x06, 0x07
	ret
	.fill	200, 1, 0x90
other:	lea	(%rdi, %rsi), %rax
	ret
	TRAMPOLINE
	jmp	other
	PATCHED
	JUMP_TO_HOOK
	.byte	0x06, 0x07
	ret
	OUT	run
