/* gVisor's systrap makes an absolute jump out of mov and syscall: it can stand anywhere */
#include "pair.inc"
	IN
	jmp	*0x10000000
	ret
	TRAMPOLINE
	jmp	*0x10000000
	PATCHED
	JUMP_TO_HOOK
	int3
	int3
	ret
	OUT	landing
