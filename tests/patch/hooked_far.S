/* the long jump of another hook: the address that it reads stays where it is */
#include "pair.inc"
	IN
	jmp	*1f(%rip)
1:	.quad	0x7f0000001234
	.byte	0x00, 0x00
	ret
	TRAMPOLINE
	jmp	*in + 6(%rip)
	PATCHED
	JUMP_TO_HOOK
	int3
	.byte	0x34, 0x12
	OUT	no
