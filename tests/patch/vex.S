/* instructions of AVX */
#include "pair.inc"
	.balign	16
ones:	.quad	1, 1
	IN
	vmovq	%rdi, %xmm0
	vpaddq	ones(%rip), %xmm0, %xmm0
	vmovq	%xmm0, %rax
	ret
	TRAMPOLINE
	vmovq	%rdi, %xmm0
	jmp	in + 5
	PATCHED
	JUMP_TO_HOOK
	.byte	0xc5, 0xf9, 0xd4
	OUT	avx
