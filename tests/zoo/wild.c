/* expect: signal 11. A base pointer is right, the index is garbage: an access 860 MiB past the end of a mapping whose first byte
 * is in a register. "scaled", "offset": 820 MiB off one of 192 KiB, base and index in registers; "high": at an address that
 * none can be; "again": a handler of its own sees it and sends the signal again. None of that are "gone": where memory was
 * until it was unmapped; "stack": recursion without end; "odd": a vector that is not aligned as it must be, with garbage in a
 * register; "halt": an instruction that only the kernel may use */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MIB ((size_t)1 << 20)
#define BYTES (4 * MIB)

int use(volatile char *base, size_t index);
int sink(int depth);

__attribute__((noinline)) int use(volatile char *base, size_t index)
{
	int value = base[index];
	return value + (base == NULL);
}

__attribute__((noinline)) int sink(int depth)
{
	volatile char room[1024];
	room[depth % 1024] = (char)depth;
	return depth < 0 ? 0 : sink(depth + 1) + room[0];
}

static char *linear(void)
{
	return mmap((void *)0x300000000000, 192 << 10, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void handler(int signo)
{
	signal(signo, SIG_DFL);
	raise(signo);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	/* a place that neither programs nor kernels use by themselves */
	char *place = (char *)0x200000000000;
	char *base = mmap(place, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (base != place)
		return 2;
	if (!strcmp(how, "gone")) {
		mmap(place + BYTES, 1024 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		     0);
		munmap(place + BYTES, 1024 * MIB);
	}
	if (!strcmp(how, "again"))
		signal(SIGSEGV, handler);
	if (!strcmp(how, "stack"))
		return sink(0);
	if (!strcmp(how, "odd"))
		__asm__ volatile("movaps %%xmm0, (%0)" ::"r"(base + 8), "b"(0xdead0000beef0000));
	if (!strcmp(how, "halt"))
		__asm__ volatile("hlt" ::"b"(0xdead0000beef0000));
	/* off a linear memory of 192 KiB, base and index in registers: as x86-64 has it, and as aarch64 would */
	if (!strcmp(how, "scaled"))
		__asm__ volatile("movl 8(%0,%1,4), %%eax" ::"b"(linear()), "c"(0x3324386cul / 4) : "rax");
	if (!strcmp(how, "offset"))
		__asm__ volatile("movb $1, (%0,%1)" ::"b"(linear()), "c"(0x3324386cul) : "memory");
	if (!strcmp(how, "high"))
		return use((volatile char *)(uintptr_t)0xdead0000beef0000, 8);
	return use(base, BYTES + 860 * MIB);
}
