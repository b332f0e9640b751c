/* what comes behind ret is reached from elsewhere only */
#include "pair.inc"
	IN
	xor	%eax, %eax
	ret
	mov	$7, %eax
	ret
	REFUSED	SHORT
