/* a call into the moved bytes */
#include "pair.inc"
	IN
	mov	%rdi, %rax
1:	add	%rsi, %rax
	test	%eax, %eax
	jne	2f
	call	1b
2:	ret
	REFUSED	BRANCH
