/* the same, to the endbr64 that stays */
#include "pair.inc"
	IN
	endbr64
	add	%rsi, %rdi
	mov	%rdi, %rax
	dec	%esi
	jne	in
	ret
	REFUSED	BRANCH
