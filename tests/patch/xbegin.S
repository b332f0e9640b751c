/* xbegin is relative, too */
#include "pair.inc"
	IN
	xbegin	1f
	xend
1:	ret
	REFUSED	PINNED
