/* nor of loop */
#include "pair.inc"
	IN
	nop
	loop	1f
	nop
	nop
1:	ret
	REFUSED	PINNED
