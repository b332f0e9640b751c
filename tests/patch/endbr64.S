/* endbr64 stays where it is, the patch comes behind it */
#include "pair.inc"
	IN
	endbr64
	mov	$7, %eax
	add	%rdi, %rax
	ret
	TRAMPOLINE
	mov	$7, %eax
	jmp	in + 9
	PATCHED
	endbr64
	JUMP_TO_HOOK
	add	%rdi, %rax
	OUT	run
