/* mov and syscall: systrap must not see the pair, and does not, because the jump parts it */
#include "pair.inc"
	IN
	mov	$39, %eax
	syscall
	ret
	TRAMPOLINE
	mov	$39, %eax
	jmp	in + 5
	PATCHED
	JUMP_TO_HOOK
	syscall
	ret
	OUT	run
