/*
 * doctor_kernel.c: what the kernel below lacks, each thing tried: gVisor's lacks some, and so may a container with a filter
 * of system calls. What might end us is tried in a copy of this process. Told where it is missing, and all of it in a sandbox.
 */
#include "doctor.h"

#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/membarrier.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#ifndef SYS_rseq
#define SYS_rseq 334
#endif
#ifndef MADV_FREE
#define MADV_FREE 8
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#define CALLS 64
#define CALL_SLOW_US 2.0
#define BARRIER_SLOW_US 100.0

static const char *why; /* of the check that runs, NULL = all is well */

static double now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void *new_page(int prot)
{
	void *page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		abort();
	return page;
}

/* its exit status in a copy of this process; -1 when it ended by a signal */
static int in_copy(void (*what)(void))
{
	int status = -1;
	pid_t pid = fork();
	if (!pid) {
		what();
		_exit(255);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void check_calls(void)
{
	double begin_us = now_us();
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
	double each_us = (now_us() - begin_us) / CALLS;
	if (each_us > CALL_SLOW_US)
		why = ex_format(
			"%.0f us each, where Linux needs 0.1: what makes many of them is slow, as growth page by "
			"page is; recording an event makes none",
			each_us);
}

static void check_membarrier(void)
{
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0)) {
		why = ex_format("%s: programs fall back to slower ways; exeunt does not need it", strerror(errno));
		return;
	}
	double begin_us = now_us();
	syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
	double us = now_us() - begin_us;
	if (us > BARRIER_SLOW_US)
		why = ex_format(
			"%.1f ms a call, where Linux needs less than 1 us: programs that reclaim memory by it (RCU, "
			"hazard pointers, runtimes at each safepoint) are slow; exeunt does not use it",
			us / 1e3);
}

static void check_perf(void)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
				       .size = sizeof(attr),
				       .config = PERF_COUNT_SW_TASK_CLOCK,
				       .disabled = 1,
				       .exclude_kernel = 1};
	long fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd >= 0)
		close((int)fd);
	else
		why = ex_format("%s: perf and profilers like it do not work in here; exeunt does not need them",
				strerror(errno));
}

static void check_userfaultfd(void)
{
	long fd = syscall(SYS_userfaultfd, O_CLOEXEC | 1 /* user mode only */);
	if (fd >= 0)
		close((int)fd);
	else if (errno != EPERM)
		why = ex_format("%s: collectors that track writes by it fall back; exeunt does not need it",
				strerror(errno));
}

static void check_rseq(void)
{
	/* without arguments it can only be refused, and glibc may have registered already */
	if (syscall(SYS_rseq, NULL, 0, 0, 0) && errno == ENOSYS)
		why = "Function not implemented: per-processor caches (tcmalloc's) fall back to per-thread ones, so "
		      "growth "
		      "differs from a run on Linux";
}

static void check_own_memory(void)
{
	unsigned char *page = new_page(PROT_READ), byte = 1;
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	if (fd < 0 || pwrite(fd, &byte, 1, (off_t)(size_t)page) != 1)
		why = ex_format(
			"/proc/self/mem cannot be written (%s): JIT compilers change protections instead, two calls "
			"more for each piece of code; exeunt does too",
			strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void on_fault(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)context;
	_exit(info->si_code);
}

static void read_without_access(void)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
	volatile char *page = new_page(PROT_READ | PROT_WRITE);
	*page = 1;
	mprotect((void *)page, (size_t)sysconf(_SC_PAGESIZE), PROT_NONE);
	sigaction(SIGSEGV, &action, NULL);
	(void)*page;
}

static void check_fault_code(void)
{
	int code = in_copy(read_without_access);
	if (code == SEGV_MAPERR)
		why = "a fault on a page without access is reported as SEGV_MAPERR, as if nothing were mapped, where "
		      "Linux "
		      "says SEGV_ACCERR: handlers that live by guard pages (Julia's safepoints, stack probes) take it "
		      "for "
		      "a crash; -s fix-si-code=yes puts it right";
	else if (code != SEGV_ACCERR)
		why = ex_format("a fault on a page without access was reported with code %d", code);
}

#ifdef REG_ERR
static void on_write(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)info;
	_exit(((ucontext_t *)context)->uc_mcontext.gregs[REG_ERR] & 2 ? 0 : 1);
}

static void write_read_only(void)
{
	struct sigaction action = {.sa_sigaction = on_write, .sa_flags = SA_SIGINFO};
	volatile char *page = new_page(PROT_READ);
	sigaction(SIGSEGV, &action, NULL);
	*page = 1;
}

static void check_fault_kind(void)
{
	if (in_copy(write_read_only) != 0)
		why = "a signal's context has no error code: handlers cannot tell a write from a read";
}
#else
static void check_fault_kind(void)
{
}
#endif

static void check_madv_free(void)
{
	if (madvise(new_page(PROT_READ | PROT_WRITE), (size_t)sysconf(_SC_PAGESIZE), MADV_FREE))
		why = ex_format(
			"%s: allocators give memory back by MADV_DONTNEED instead, so it is zeroed and faulted in "
			"again",
			strerror(errno));
}

static void check_noreplace(void)
{
	size_t bytes = (size_t)sysconf(_SC_PAGESIZE);
	void *page = new_page(PROT_READ);
	void *other = mmap(page, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (other == MAP_FAILED)
		return;
	munmap(other, bytes);
	why = "MAP_FIXED_NOREPLACE: an occupied address is not refused, memory comes elsewhere: a program must compare "
	      "what it got";
}

static void install_filter(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {1, &allow};
	_exit(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}

static void check_filters(void)
{
	if (in_copy(install_filter) != 0)
		why = "none can be installed: sandboxes inside (browsers, sshd) do not start";
}

static void check_faults(void)
{
	struct rusage before, after;
	getrusage(RUSAGE_SELF, &before);
	for (int i = 0; i < 4; i++)
		*(volatile char *)new_page(PROT_READ | PROT_WRITE) = 1;
	getrusage(RUSAGE_SELF, &after);
	if (after.ru_minflt == before.ru_minflt)
		why = "page faults are not counted: time -v and getrusage say 0";
}

static void exceed_data(void)
{
	struct rlimit limit = {1 << 20, 1 << 20};
	setrlimit(RLIMIT_DATA, &limit);
	_exit(mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

static void check_data_limit(void)
{
	if (in_copy(exceed_data) != 0)
		why = "ulimit -d does not bound what is mapped: growth is never refused for it in here";
}

static void check_pagemap(void)
{
	if (access("/proc/self/pagemap", F_OK))
		why = "/proc/self/pagemap is not there: which pages are in memory cannot be told";
}

void ex_doctor_kernel(struct ex_doctor *doctor, int is_sandbox)
{
	static const struct {
		const char *name;
		void (*check)(void);
	} checks[] = {
		{"system calls", check_calls},
		{"membarrier", check_membarrier},
		{"perf events", check_perf},
		{"userfaultfd", check_userfaultfd},
		{"rseq", check_rseq},
		{"own memory", check_own_memory},
		{"fault code", check_fault_code},
		{"fault kind", check_fault_kind},
		{"MADV_FREE", check_madv_free},
		{"no-replace maps", check_noreplace},
		{"seccomp filters", check_filters},
		{"page faults", check_faults},
		{"data limit", check_data_limit},
		{"page map", check_pagemap},
	};
	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
		why = NULL;
		checks[i].check();
		if (why)
			ex_doctor_add(doctor, EX_FINDING_NOTE, checks[i].name, "%s", why);
		else if (is_sandbox)
			ex_doctor_add(doctor, EX_FINDING_OK, checks[i].name, "as on Linux");
	}
}
