/* the same by a long branch */
#include "pair.inc"
	IN
	mov	%rdi, %rax
1:	add	%rsi, %rax
	.fill	200, 1, 0x90
	dec	%edi
	jne	1b
	ret
	REFUSED	BRANCH
