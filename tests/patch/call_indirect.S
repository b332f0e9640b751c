/* the same through a register */
#include "pair.inc"
	IN
	mov	%rdi, %rax
	call	*%rsi
	ret
	REFUSED	PINNED
