/* there is no long form */
#include "pair.inc"
	IN
	mov	%rdi, %rcx
	jrcxz	1f
	mov	%rsi, %rax
1:	ret
	REFUSED	PINNED
