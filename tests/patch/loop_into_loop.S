/* the same by loop */
#include "pair.inc"
	IN
	mov	%rdi, %rcx
1:	lea	1(%rsi), %rax
	add	%rax, %rsi
	loop	1b
	ret
	REFUSED	BRANCH
