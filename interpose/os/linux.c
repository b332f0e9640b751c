/*
 * linux.c: clock, identity, memory. See os.h.
 */
#include "os/os.h"

#include <elf.h>
#include <link.h>
#include <linux/mman.h>
#include <signal.h>
#include <time.h>

#include "real.h"
#include "sys.h"

#define AT_FDCWD_ -100

struct iovec {
	void *iov_base;
	size_t iov_len;
};

uint64_t ex_os_now_ns(void)
{
	struct timespec t = {0, 0};
	/* libc's goes through the vDSO: 20 ns instead of 100, and instead of 20 µs under gVisor */
	if (!ex_real.clock_gettime || ex_real.clock_gettime(CLOCK_MONOTONIC, &t))
		ex_sys(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int64_t ex_os_clock_offset_ns(void)
{
	struct timespec t = {0, 0};
	ex_sys(SYS_clock_gettime, CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec - (int64_t)ex_os_now_ns();
}

int ex_sealed;

void ex_os_seal(int is_sealed)
{
	ex_os_pid();
	ex_sealed = is_sealed;
}

int ex_os_is_sealed(void)
{
	return ex_sealed;
}

uint32_t ex_os_pid(void)
{
	static uint32_t last;
	const struct ex_os_companion *c = ex_os_companion;
	if (ex_sealed)
		return last;
	uint32_t pid = (uint32_t)ex_sys(SYS_getpid);
	last = c && pid == c->pid ? c->owner : pid;
	return last;
}

uint32_t ex_os_ppid(void)
{
	return (uint32_t)ex_sys(SYS_getppid);
}

uint32_t ex_os_tid(void)
{
	return (uint32_t)ex_sys(SYS_gettid);
}

void ex_os_yield(void)
{
	ex_sys(SYS_sched_yield);
}

int ex_os_thread_lives(uint32_t tid)
{
	return ex_sys(SYS_tgkill, ex_os_pid(), tid, 0) != -3; /* ESRCH */
}

size_t ex_os_page_bytes(void)
{
	return 4096; /* x86-64; a port with several page sizes reads AT_PAGESZ */
}

static void *map(size_t bytes, int flags)
{
	long p = ex_sys(SYS_mmap, 0, bytes, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
	return p < 0 && p > -4096 ? NULL : (void *)p;
}

void *ex_os_map(size_t bytes)
{
	return map(bytes, MAP_PRIVATE);
}

void *ex_os_map_shared(size_t bytes)
{
	return map(bytes, MAP_SHARED);
}

void *ex_os_map_near(uintptr_t address, size_t bytes)
{
	const uintptr_t step = 1u << 20, lowest = 1u << 16;
	uintptr_t at = address & ~(uintptr_t)(ex_os_page_bytes() - 1);
	for (int i = 0; i < 1000 && at > lowest + step; i++) {
		at -= step;
		/* MAP_FIXED_NOREPLACE; before Linux 4.17 it is a wish, and another place comes back */
		long p = ex_sys(SYS_mmap, at, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | 0x100000, -1,
				0);
		if ((uintptr_t)p == at)
			return (void *)p;
		if (p > 0 || p <= -4096)
			ex_os_unmap((void *)p, bytes);
	}
	return NULL;
}

int ex_os_protection(void *begin, size_t bytes, int prot)
{
	return (int)ex_sys(SYS_mprotect, begin, bytes, prot);
}

uintptr_t ex_os_auxiliary(char *const envp[], unsigned long type)
{
	while (*envp)
		envp++;
	for (const ElfW(auxv_t) *a = (const ElfW(auxv_t) *)(envp + 1); a->a_type != AT_NULL; a++)
		if (a->a_type == type)
			return a->a_un.a_val;
	return 0;
}

void *ex_os_reserve(size_t bytes)
{
	long p = ex_sys(SYS_mmap, 0, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return p < 0 && p > -4096 ? NULL : (void *)p;
}

int ex_os_keep_reserved(void *begin, size_t bytes, int over)
{
	int flags =
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (over ? MAP_FIXED : 0x100000 /* MAP_FIXED_NOREPLACE */);
	long p = ex_sys(SYS_mmap, begin, bytes, PROT_NONE, flags, -1, 0);
	if (p < 0 && p > -4096)
		return (int)p;
	if (p == (long)begin)
		return 0;
	ex_sys(SYS_munmap, p, bytes); /* a system that takes the address for a wish */
	return -17;		      /* EEXIST */
}

int ex_os_is_mapped(uintptr_t address)
{
	unsigned char is_resident;
	/* ENOMEM where nothing is mapped; gVisor calls all else resident, which is as good */
	return ex_sys(SYS_mincore, address & ~(ex_os_page_bytes() - 1), 1, &is_resident) == 0;
}

int ex_os_is_readable(uintptr_t address)
{
	/* How there is none, but the kernel reads the mask first. Not by process_vm_readv, which gVisor of 2022 has not, nor by
	 * /proc/self/mem, which reads what has no access too */
	return ex_sys(SYS_rt_sigprocmask, 99, address & ~(uintptr_t)7, 0, 8) != -14 /* EFAULT */;
}

void ex_os_unmap(void *begin, size_t bytes)
{
	ex_sys(SYS_munmap, begin, bytes);
}

volatile uint32_t *ex_os_fork_mark(void)
{
	uint32_t *page = map(ex_os_page_bytes(), MAP_PRIVATE);
	if (page && ex_sys(SYS_madvise, page, ex_os_page_bytes(), MADV_WIPEONFORK) == 0) /* Linux 4.14 */
		return page;
	if (page)
		ex_os_unmap(page, ex_os_page_bytes());
	return NULL;
}

int ex_os_signal_stack(uintptr_t *begin, uintptr_t *end)
{
	stack_t now = {.ss_flags = SS_DISABLE};
	ex_sys(SYS_sigaltstack, 0, &now);
	*begin = (uintptr_t)now.ss_sp;
	*end = now.ss_flags & SS_DISABLE ? *begin : *begin + now.ss_size;
	return (now.ss_flags & SS_ONSTACK) != 0;
}

int ex_os_protect(void *begin, size_t bytes, int is_writable)
{
	uintptr_t page = ex_os_page_bytes() - 1, from = (uintptr_t)begin & ~page;
	uintptr_t to = ((uintptr_t)begin + bytes + page) & ~page;
	return (int)ex_sys(SYS_mprotect, from, to - from, is_writable ? PROT_READ | PROT_WRITE : PROT_READ);
}

/*
 * process_vm_readv on ourselves; where it does not exist (gVisor's ptrace platform of 2022: ENOSYS) or a seccomp filter
 * refuses it, /proc/thread-self/mem reads the same. By thread: when main has left by pthread_exit, the kernel says that
 * the process as such has no memory any more.
 */
size_t ex_os_peek(void *to, uintptr_t from, size_t bytes)
{
	struct iovec local = {to, bytes}, remote = {(void *)from, bytes};
	long n = ex_sys(SYS_process_vm_readv, ex_os_tid(), &local, 1, &remote, 1, 0);
	if (n > 0)
		return (size_t)n;
	if (n == -14) { /* EFAULT: not one byte at the start, or the range crosses into nothing */
		size_t page = ex_os_page_bytes(), head = page - (from & (page - 1));
		if (head >= bytes)
			return 0;
		local.iov_len = remote.iov_len = head;
		n = ex_sys(SYS_process_vm_readv, ex_os_tid(), &local, 1, &remote, 1, 0);
		return n > 0 ? (size_t)n : 0;
	}
	long fd = ex_sys(SYS_openat, AT_FDCWD_, "/proc/thread-self/mem", 02000000 /* O_CLOEXEC */, 0);
	if (fd < 0)
		return 0;
	n = ex_sys(SYS_pread64, fd, to, bytes, from);
	ex_sys(SYS_close, fd);
	return n > 0 ? (size_t)n : 0;
}
