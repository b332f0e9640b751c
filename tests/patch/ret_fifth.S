/* five bytes and no more: the store reaches three bytes of what follows */
#include "pair.inc"
	IN
	lea	(%rdi, %rsi), %rax
	ret
	TRAMPOLINE
	lea	(%rdi, %rsi), %rax
	ret
	PATCHED
	JUMP_TO_HOOK
	.byte	0x06, 0x06, 0x06
	OUT	run
