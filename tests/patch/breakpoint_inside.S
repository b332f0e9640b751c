/* a breakpoint on the second moved instruction */
#include "pair.inc"
	IN
	mov	%rdi, %rax
	int3
	.byte	0x01, 0xf0
	ret
	REFUSED	TRAP
