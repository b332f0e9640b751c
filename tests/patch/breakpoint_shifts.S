/* what a breakpoint leaves of three bytes reads as the begin of ten, and a loop into the moved bytes lies in these */
#include "pair.inc"
	IN
	mov	%rdi, %rax
1:	add	%rsi, %rax
	int3
	.byte	0x48, 0xb8
	jne	1b
	ret
	.fill	8, 1, 0x90
	REFUSED	BRANCH
