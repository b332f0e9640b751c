/* nothing but endbr64 and ret */
#include "pair.inc"
	IN
	endbr64
	ret
	REFUSED	SHORT
