/* the instruction under the breakpoint may have been a branch into the moved bytes */
#include "pair.inc"
	IN
	mov	%rdi, %rax
	add	%rsi, %rax
	int3
	.byte	in + 3 - (. + 1)
	ret
	REFUSED	TRAP
