/* bytes in the body that are no instruction: a branch back could hide in them */
#include "pair.inc"
	IN
	mov	$7, %eax
	ret
	.byte	0x06, 0x07, 0x0e
	REFUSED	UNDECODED
