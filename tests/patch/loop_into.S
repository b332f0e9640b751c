/* a loop back into the moved bytes */
#include "pair.inc"
	IN
	mov	%rdi, %rax
1:	add	%rsi, %rax
	dec	%edi
	jne	1b
	ret
	REFUSED	BRANCH
