/* another hook through a register: the mov moves, its jmp stays */
#include "pair.inc"
	IN
	movabs	$0x7f0000001234, %rax
	jmp	*%rax
	ret
	TRAMPOLINE
	movabs	$0x7f0000001234, %rax
	jmp	in + 10
	PATCHED
	JUMP_TO_HOOK
	int3
	int3
	int3
	OUT	no
