/* two instructions of ten bytes, as in mmap: int3 behind the jump, as far as one store goes */
#include "pair.inc"
	IN
	mov	%edi, %r10d
	test	$0xfff, %esi
	je	1f
	lea	(%r10, %rsi), %rax
	ret
1:	mov	%r10, %rax
	ret
	TRAMPOLINE
	mov	%edi, %r10d
	test	$0xfff, %esi
	jmp	in + 9
	PATCHED
	JUMP_TO_HOOK
	int3
	int3
	int3
	OUT	run
