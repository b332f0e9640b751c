/* a breakpoint on the first instruction */
#include "pair.inc"
	IN
	int3
	.byte	7, 0, 0, 0
	add	%rdi, %rax
	ret
	REFUSED	TRAP
