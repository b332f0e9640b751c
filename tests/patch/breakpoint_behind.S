/* a breakpoint behind the moved bytes stays one */
#include "pair.inc"
	IN
	mov	$7, %eax
	int3
	.byte	0x01, 0xf8
	ret
	TRAMPOLINE
	mov	$7, %eax
	jmp	in + 5
	PATCHED
	JUMP_TO_HOOK
	int3
	.byte	0x01, 0xf8
	OUT	no
