/* expect: exit 0 and "sound". Assembly calls libc's memory functions with a stack that is aligned to 8 bytes only: each is
 * a plain system call, or little more, and does not mind. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

long call_unaligned(void *fn, long a, long b, long c, long d, long e, long f);
__asm__(".text\n"
	".type call_unaligned, @function\n"
	"call_unaligned:\n"
	"	push %rbp\n"
	"	mov %rsp, %rbp\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %rdi\n"
	"	mov %rdx, %rsi\n"
	"	mov %rcx, %rdx\n"
	"	mov %r8, %rcx\n"
	"	mov %r9, %r8\n"
	"	mov 16(%rbp), %r9\n"
	"	and $-16, %rsp\n"
	"	sub $8, %rsp\n"
	"	call *%rax\n"
	"	leave\n"
	"	ret\n"
	".size call_unaligned, .-call_unaligned\n");

int main(void)
{
	for (int i = 0; i < 100; i++) {
		long p = call_unaligned((void *)mmap, 0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
					0);
		if (p == -1 || call_unaligned((void *)mprotect, p, 4096, PROT_READ, 0, 0, 0) ||
		    call_unaligned((void *)madvise, p + 4096, 4096, MADV_DONTNEED, 0, 0, 0) ||
		    call_unaligned((void *)munmap, p, 65536, 0, 0, 0, 0) ||
		    call_unaligned((void *)sbrk, 4096, 0, 0, 0, 0, 0) == -1)
			return 1;
	}
	puts("sound");
	return 0;
}
