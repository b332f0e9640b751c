/* one instruction of exactly five bytes, as in munmap, mprotect, madvise, brk */
#include "pair.inc"
	IN
	mov	$7, %eax
	add	%rdi, %rax
	ret
	TRAMPOLINE
	mov	$7, %eax
	jmp	in + 5
	PATCHED
	JUMP_TO_HOOK
	add	%rdi, %rax
	OUT	run
