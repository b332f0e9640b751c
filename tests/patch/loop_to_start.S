/* a loop to the very start would be a call more for the hook */
#include "pair.inc"
	IN
	add	%rsi, %rdi
	mov	%rdi, %rax
	dec	%esi
	jne	in
	ret
	REFUSED	BRANCH
