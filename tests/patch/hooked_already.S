/* somebody else was here before: his jump moves, what he left of the rest is not looked at */
#include "pair.inc"
	IN
	jmp	other
	.byte	0x00, 0x00
	ret
	.fill	200, 1, 0x90
other:	lea	(%rdi, %rsi), %rax
	ret
	TRAMPOLINE
	jmp	other
	PATCHED
	JUMP_TO_HOOK
	.byte	0x00, 0x00
	ret
	OUT	run
