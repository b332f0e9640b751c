/* the return address would lie in the trampoline, where no unwinder knows how to go on */
#include "pair.inc"
	IN
	call	other
	add	%rdi, %rax
	ret
	.fill	200, 1, 0x90
other:	mov	$1, %eax
	ret
	REFUSED	PINNED
