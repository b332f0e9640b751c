/* it ends before there is room for a jump */
#include "pair.inc"
	IN
	xor	%eax, %eax
	ret
	REFUSED	SHORT
