/* a jump of two bytes first: where it does not lead may be reached from elsewhere */
#include "pair.inc"
	IN
	jmp	1f
	mov	$7, %eax
1:	ret
	REFUSED	SHORT
