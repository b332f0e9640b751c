/* __lll_lock_wait_private: two instructions that make five bytes */
#include "pair.inc"
	IN
	mov	%edi, %eax
	cmp	$2, %eax
	je	1f
	add	%rsi, %rax
1:	ret
	TRAMPOLINE
	mov	%edi, %eax
	cmp	$2, %eax
	jmp	in + 5
	PATCHED
	JUMP_TO_HOOK
	.byte	0x74, 3, 0x48
	OUT	run
