/* an AVX instruction with a displacement */
#include "pair.inc"
	.balign	16
ones:	.quad	1, 1
	IN
	vmovq	ones(%rip), %xmm0
	vmovq	%xmm0, %rax
	add	%rdi, %rax
	ret
	TRAMPOLINE
	vmovq	ones(%rip), %xmm0
	jmp	in + 8
	PATCHED
	JUMP_TO_HOOK
	int3
	int3
	int3
	OUT	avx
