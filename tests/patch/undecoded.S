/* port input: no program does that, so these bytes are something else */
#include "pair.inc"
	IN
	mov	%rdi, %rax
	.byte	0xec	/* in (%dx), %al */
	ret
	REFUSED	UNDECODED
