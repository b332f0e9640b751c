/*
 * linux_copy.c: copies of the process that outlive it, and that it does not notice. See os.h.
 *
 * By two clones, one behind the other: the first child has no exit signal, so no wait of the program's meets it (but one with
 * __WALL), makes the second and ends; the second is an orphan then. Never by libc's fork, which runs the program's own
 * handlers of fork and takes locks of malloc and stdio. CLONE_UNTRACED: a debugger does not take it for a child to follow.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "arch/arch.h"
#include "os/os.h"
#include "sys.h"
#include "text.h"

#define WNOHANG_ 1
#define WALL_ 0x40000000
#define EAGAIN_ 11
#define EINVAL_ 22
#define ETIMEDOUT_ 110
#define PATH_ 010000000 /* O_PATH */
#define PTRACER_ANY (~0ul)
#define MEMORY_DEVICES 1 /* major number of /dev/null, zero, full, random, urandom */
#define WITHOUT_LIST 1024

/* what libc and the kernel know of the thread by address; a raw clone leaves it as it was in the process */
struct self {
	uint32_t pid, tid;
	uint32_t *word; /* in libc's block of the thread: its number, by which raise and abort send; NULL = not found */
	void *robust;	/* list of its mutexes that are told when it ends */
	size_t robust_bytes;
};

#define THREAD_BLOCK_BYTES 1024 /* glibc 2.17 to 2.42 for x86-64 has the number at 720 */

static uint32_t *find_word(uint32_t tid)
{
	uint32_t *word = NULL, value = 0;
	if (ex_sys(SYS_prctl, PR_GET_TID_ADDRESS, &word) == 0 && word &&
	    ex_os_peek(&value, (uintptr_t)word, sizeof(value)) == sizeof(value) && value == tid)
		return word;
	/* a kernel without CONFIG_CHECKPOINT_RESTORE, gVisor */
	for (uintptr_t at = ex_arch_thread_pointer() + 512, end = at + THREAD_BLOCK_BYTES; at < end; at += 4)
		if (ex_os_peek(&value, at, sizeof(value)) == sizeof(value) && value == tid)
			return (uint32_t *)at;
	return NULL;
}

static void look_at_self(struct self *self)
{
	*self = (struct self){.pid = (uint32_t)ex_sys(SYS_getpid), .tid = (uint32_t)ex_sys(SYS_gettid)};
	self->word = find_word(self->tid);
	if (ex_sys(SYS_get_robust_list, 0, &self->robust, &self->robust_bytes))
		self->robust = NULL;
}

/* in the copy, which has one thread */
static void become(struct self *self)
{
	uint32_t pid = (uint32_t)ex_sys(SYS_getpid);
	if (self->word) {
		if (self->word[1] == self->pid) /* glibc before 2.25 keeps the process's number behind it */
			self->word[1] = pid;
		*self->word = pid;
		ex_sys(SYS_set_tid_address, self->word);
	}
	if (self->robust)
		ex_sys(SYS_set_robust_list, self->robust, self->robust_bytes);
}

static long copy(void)
{
	long pid = ex_sys(SYS_clone, CLONE_UNTRACED, 0, 0, 0, 0);
	return pid == -EINVAL_ ? ex_sys(SYS_clone, 0, 0, 0, 0, 0) : pid;
}

/* the same file at the same place, through a description that nobody else has: reading in one of the two must not move the
 * other, and a lock on the file must go with the process */
static void open_again(int fd)
{
	char path[32];
	struct ex_buffer b;
	long flags = ex_sys(SYS_fcntl, fd, F_GETFL, 0), own = ex_sys(SYS_fcntl, fd, F_GETFD, 0);
	if (flags < 0 || (flags & PATH_))
		return;
	ex_buffer_init(&b, path, sizeof(path));
	ex_buffer_text(&b, "/proc/self/fd/");
	ex_buffer_number(&b, (uint64_t)fd);
	/* not waiting: a lease on it may be the program's own */
	long again = ex_sys(SYS_openat, AT_FDCWD, path,
			    (flags & ~(long)(O_CREAT | O_EXCL | O_TRUNC)) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
	if (again < 0)
		return;
	long at = ex_sys(SYS_lseek, fd, 0, 1 /* SEEK_CUR */);
	if (at > 0)
		ex_sys(SYS_lseek, again, at, 0);
	ex_sys(SYS_fcntl, again, F_SETFL, flags);
	ex_sys(SYS_dup3, again, fd, own & FD_CLOEXEC ? O_CLOEXEC : 0);
	ex_sys(SYS_close, again);
}

static void replace(int fd)
{
	long own = ex_sys(SYS_fcntl, fd, F_GETFD, 0);
	long null = ex_sys(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
	if (null < 0) { /* there may be no number left */
		ex_sys(SYS_close, fd);
		null = ex_sys(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
	}
	if (null < 0) {
		ex_sys(SYS_close, fd);
		return;
	}
	if (null != fd) {
		ex_sys(SYS_dup3, null, fd, own & FD_CLOEXEC ? O_CLOEXEC : 0);
		ex_sys(SYS_close, null);
	}
}

/* 1 when it was replaced */
static int detach(int fd)
{
	struct stat s;
	if (ex_sys(SYS_fstat, fd, &s))
		return 0;
	if (S_ISREG(s.st_mode) || S_ISDIR(s.st_mode)) {
		open_again(fd);
		return 0;
	}
	if (S_ISCHR(s.st_mode) && s.st_rdev >> 8 == MEMORY_DEVICES)
		return 0;
	replace(fd);
	return 1;
}

static uint32_t detach_all(void)
{
	char buffer[2048] __attribute__((aligned(8)));
	const char *end;
	uint32_t replaced = 0;
	long list = ex_sys(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0), n;
	for (int fd = 0; list < 0 && fd < WITHOUT_LIST; fd++)
		replaced += (uint32_t)detach(fd);
	while (list >= 0 && (n = ex_sys(SYS_getdents64, list, buffer, sizeof(buffer))) > 0)
		for (long at = 0; at < n; at += ((struct ex_kernel_dirent *)(buffer + at))->bytes) {
			const char *name = ((struct ex_kernel_dirent *)(buffer + at))->name;
			int fd = (int)ex_decimal(name, &end);
			if (end > name && fd != list)
				replaced += (uint32_t)detach(fd);
		}
	if (list >= 0)
		ex_sys(SYS_close, list);
	return replaced;
}

int ex_os_copy(volatile uint32_t *pid, volatile uint32_t *replaced, uint64_t *signals)
{
	struct self self;
	int status, is_adopting = 0;
	/* who takes in its own orphans would be told of this one: init of a container, and those who ask for it */
	if (ex_sys(SYS_getpid) == 1 || (ex_sys(SYS_prctl, PR_GET_CHILD_SUBREAPER, &is_adopting) == 0 && is_adopting))
		return -EX_NO_ORPHANS;
	look_at_self(&self);
	*pid = 0;
	*signals = ex_os_block_signals();
	long first = copy();
	if (first == 0) {
		*replaced = detach_all();
		ex_sys(SYS_setsid);
		long second = copy();
		if (second == 0) {
			become(&self);
			ex_sys(SYS_prctl, PR_SET_PTRACER, PTRACER_ANY, 0, 0, 0); /* gdb -p is what it is for */
			return 1;
		}
		*pid = second > 0 ? (uint32_t)second : 0;
		ex_os_exit_group(second < 0);
	}
	if (first > 0)
		ex_sys(SYS_wait4, first, &status, WALL_, 0);
	ex_os_restore_signals(*signals);
	if (first < 0)
		return (int)first;
	return *pid ? 0 : -EAGAIN_;
}

long ex_os_copy_again(void)
{
	struct self self;
	struct rlimit64 none = {0, 0};
	look_at_self(&self);
	long parent = ex_sys(SYS_getpid), pid = copy();
	if (pid)
		return pid;
	ex_sys(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (ex_sys(SYS_getppid) != parent)
		ex_os_exit_group(1);
	ex_sys(SYS_prlimit64, 0, RLIMIT_CORE, &none, 0); /* forty of them help nobody */
	detach_all();
	become(&self);
	return 0;
}

int ex_os_borrow(int to, uint32_t pid, int from)
{
	char path[48];
	struct ex_buffer b;
	if (ex_sys(SYS_fcntl, to, F_GETFD, 0) < 0) /* the program had closed it */
		return 1;
	ex_buffer_init(&b, path, sizeof(path));
	ex_buffer_text(&b, "/proc/");
	ex_buffer_number(&b, pid);
	ex_buffer_text(&b, "/fd/");
	ex_buffer_number(&b, (uint64_t)from);
	long fd = ex_sys(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0);
	if (fd < 0) {
		replace(to);
		return 0;
	}
	ex_sys(SYS_fcntl, fd, F_SETFL, O_APPEND);
	ex_sys(SYS_dup3, fd, to, 0);
	ex_sys(SYS_close, fd);
	return 1;
}

int ex_os_copy_status(uint32_t pid)
{
	int status = 0;
	return ex_sys(SYS_wait4, pid, &status, WNOHANG_ | WALL_, 0) == (long)pid ? status : -1;
}

void ex_os_kill(uint32_t pid)
{
	ex_sys(SYS_kill, pid, SIGKILL);
}

int ex_os_is_alive(uint32_t pid)
{
	return ex_sys(SYS_kill, pid, 0) != -3; /* ESRCH */
}

int ex_os_is_asked_to_end(void)
{
	uint64_t pending = 0, ends = 1ull << (SIGTERM - 1) | 1ull << (SIGINT - 1) | 1ull << (SIGHUP - 1);
	return ex_sys(SYS_rt_sigpending, &pending, 8) == 0 && (pending & ends) != 0;
}

int ex_os_wait_shared(volatile uint32_t *word, uint32_t value, uint64_t timeout_ns)
{
	struct timespec most = {(time_t)(timeout_ns / 1000000000u), (long)(timeout_ns % 1000000000u)};
	return ex_sys(SYS_futex, word, FUTEX_WAIT, value, &most) == -ETIMEDOUT_;
}

void ex_os_wake_shared(volatile uint32_t *word)
{
	ex_sys(SYS_futex, word, FUTEX_WAKE, INT32_MAX);
}
