/*
 * linux_process.c: the map of the process, throw-away copies of it, signals at the kernel's door. See os.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <signal.h>
#include <time.h>

#include "os/os.h"
#include "place.h"
#include "sys.h"
#include "text.h"

#define WNOHANG_ 1
#define WALL_ 0x40000000
#define PATIENCE_MS 200 /* the reader may be the very thread that asks, interrupted by a fault */

static int is_map_read;

/* "begin-end rwxp offset device inode   path", ended by NUL */
static void parse_mapping(struct ex_mapping *m, const char *s)
{
	const char *end;
	m->begin = ex_hex(s, &end);
	m->end = ex_hex(end + 1, &end);
	m->is_readable = end[1] == 'r';
	m->prot = (end[1] == 'r' ? PROT_READ : 0) | (end[2] == 'w' ? PROT_WRITE : 0) | (end[3] == 'x' ? PROT_EXEC : 0);
	m->is_shared = end[4] == 's';
	m->offset = ex_hex(end + 6, &end);
	for (int blanks = 0; *end && blanks < 3;) /* behind the offset, the device, and the inode */
		blanks += *end++ == ' ';
	while (*end == ' ')
		end++;
	m->path = end;
}

int ex_os_maps(void (*each)(void *arg, const struct ex_mapping *mapping), void *arg)
{
	static char buffer[16384] EX_TABLE;
	if (__atomic_exchange_n(&is_map_read, 1, __ATOMIC_ACQUIRE))
		return -EBUSY;
	long fd = ex_sys(SYS_openat, AT_FDCWD, "/proc/thread-self/maps", O_RDONLY | O_CLOEXEC, 0);
	size_t held = 0;
	long n = fd;
	while (fd >= 0 && (n = ex_sys(SYS_read, fd, buffer + held, sizeof(buffer) - held)) > 0) {
		size_t count = held + (size_t)n, line = 0;
		for (size_t i = 0; i < count; i++) {
			struct ex_mapping mapping;
			if (buffer[i] != '\n')
				continue;
			buffer[i] = 0;
			parse_mapping(&mapping, buffer + line);
			each(arg, &mapping);
			line = i + 1;
		}
		held = count - line;
		if (held == sizeof(buffer))
			held = 0; /* a name of 16 KiB: skip it */
		memmove(buffer, buffer + line, held);
	}
	if (fd >= 0)
		ex_sys(SYS_close, fd);
	__atomic_store_n(&is_map_read, 0, __ATOMIC_RELEASE);
	return n < 0 ? (int)n : 0;
}

int ex_os_maps_patiently(void (*each)(void *arg, const struct ex_mapping *mapping), void *arg)
{
	int error = ex_os_maps(each, arg);
	for (int i = 0; i < PATIENCE_MS && error == -EBUSY; i++) {
		ex_os_sleep_ns(1000000);
		error = ex_os_maps(each, arg);
	}
	return error;
}

void ex_os_maps_forget(void)
{
	is_map_read = 0;
}

#define CLONE_FILES_ 0x400
#define CLOSED_LAST 4096

/*
 * Where the limit cannot be raised, the thread gets a table of its own (unshare copies it), and what is closed in that is
 * still open for all other threads. A process with one thread has it to itself, and loses a descriptor microseconds before it would
 * lose them all: the highest, since whoever looks on reads from the first ones.
 */
void ex_os_descriptor_for_last(void)
{
	struct rlimit64 now;
	long fd = ex_sys(SYS_openat, AT_FDCWD, "/", O_PATH | O_CLOEXEC, 0);
	if (fd >= 0)
		ex_sys(SYS_close, fd);
	if (fd != -EMFILE || ex_sys(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, &now))
		return;
	if (now.rlim_cur < now.rlim_max) {
		now.rlim_cur = now.rlim_max - now.rlim_cur > 16 ? now.rlim_cur + 16 : now.rlim_max;
		if (ex_sys(SYS_prlimit64, 0, RLIMIT_NOFILE, &now, 0) == 0)
			return;
	}
	/* not all below the limit need be open: it may have been lowered since */
	long last = now.rlim_cur < CLOSED_LAST ? (long)now.rlim_cur : CLOSED_LAST;
	if (ex_sys(SYS_unshare, CLONE_FILES_) == 0)
		while (last-- > 3 && ex_sys(SYS_close, last) != 0)
			;
}

#define COPY_CPU_S 4

int ex_os_try(void (*what)(void *arg), void *arg, uint64_t timeout_ns)
{
	/* clone without an exit signal: no SIGCHLD, and only a wait with __WALL or __WCLONE can see the child, so a
	 * target that waits for any child never meets it */
	long self = ex_sys(SYS_getpid), pid = ex_sys(SYS_clone, 0, 0, 0, 0, 0);
	if (pid == 0) {
		struct rlimit64 none = {0, 0}, seconds = {COPY_CPU_S, COPY_CPU_S};
		ex_sys(SYS_prlimit64, 0, RLIMIT_CORE, &none, 0);
		/* the one who would end it may die first, of a crash in another thread: before the next line too */
		ex_sys(SYS_prlimit64, 0, RLIMIT_CPU, &seconds, 0);
		ex_sys(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (ex_sys(SYS_getppid) != self)
			ex_os_exit_group(1);
		for (int signo = 1; signo < 32; signo++)
			ex_os_signal_default(signo);
		uint64_t nothing_blocked = 0;
		ex_sys(SYS_rt_sigprocmask, SIG_SETMASK, &nothing_blocked, 0, 8);
		what(arg);
		ex_os_exit_group(0);
	}
	if (pid < 0)
		return -1;
	int status = 0;
	uint64_t begin_ns = ex_os_now_ns();
	struct timespec pause = {0, 50000};
	for (;;) {
		long got = ex_sys(SYS_wait4, pid, &status, WNOHANG_ | WALL_, 0);
		if (got == pid)
			return (status & 0x7f) ? (status & 0x7f) : (status >> 8) ? -2 : 0;
		if (got < 0 && got != -EINTR)
			return -1;
		if (ex_os_now_ns() - begin_ns > timeout_ns) {
			/* a lock of the allocator may have been held by another thread when the copy was made */
			ex_sys(SYS_kill, pid, SIGKILL);
			ex_sys(SYS_wait4, pid, &status, WALL_, 0);
			return -1;
		}
		ex_sys(SYS_nanosleep, &pause, 0);
	}
}

void ex_os_exit_group(int status)
{
	for (;;)
		ex_sys_anyway(SYS_exit_group, status);
}

void ex_os_resend(int signo, const void *siginfo)
{
	/* to itself a process may send any siginfo; so whoever reads the core sees the true sender */
	if (ex_sys_anyway(SYS_rt_tgsigqueueinfo, ex_os_pid(), ex_os_tid(), signo, siginfo) < 0)
		ex_sys_anyway(SYS_tgkill, ex_os_pid(), ex_os_tid(), signo);
}

void ex_os_signal_default(int signo)
{
	struct {
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		uint64_t mask;
	} action = {0, 0, 0, 0};
	ex_sys_anyway(SYS_rt_sigaction, signo, &action, 0, 8);
}

#define NOT_BLOCKED (~0ull) /* no mask: SIGKILL is never in one */

uint64_t ex_os_block_signals_but(uint64_t mask)
{
	uint64_t blocked = ~mask, before = NOT_BLOCKED;
	ex_sys(SYS_rt_sigprocmask, SIG_BLOCK, &blocked, &before, 8);
	return before;
}

uint64_t ex_os_block_signals(void)
{
	return ex_os_block_signals_but(0);
}

/* also when another thread has sealed in between: this one would never see a signal again */
void ex_os_restore_signals(uint64_t before)
{
	if (before != NOT_BLOCKED)
		ex_sys_anyway(SYS_rt_sigprocmask, SIG_SETMASK, &before, 0, 8);
}

void ex_os_exec(const char *path, char *const argv[], char *const envp[])
{
	ex_sys(SYS_execve, path, argv, envp);
}
