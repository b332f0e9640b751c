/* a symbol without a size */
#include "pair.inc"
	IN
	REFUSED	SHORT
