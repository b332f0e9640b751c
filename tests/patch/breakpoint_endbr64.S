/* a breakpoint in place of endbr64 */
#include "pair.inc"
	IN
	int3
	.byte	0x0f, 0x1e, 0xfa
	mov	$7, %eax
	ret
	REFUSED	TRAP
