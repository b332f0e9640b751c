/* the symbol's size ends inside an instruction */
#include "pair.inc"
	IN
	mov	%rdi, %rax
	.byte	0xb8, 1, 2
	REFUSED	UNDECODED
