/* a moved branch to another moved instruction */
#include "pair.inc"
	IN
	je	1f
1:	nop
	mov	$7, %eax
	ret
	REFUSED	BRANCH
