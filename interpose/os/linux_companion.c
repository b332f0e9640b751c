/*
 * linux_companion.c: a process that shares our memory. See os.h.
 *
 * clone with CLONE_VM and without CLONE_THREAD, as LeakSanitizer makes its tracer: no entry in the list of threads, an exit
 * signal of 0, so that only a wait with __WALL or __WCLONE could meet it, and CLONE_UNTRACED, so that a debugger does not
 * take it for a thread. Its descriptors are a copy that it closes at once; its signals are blocked, all but faults, of
 * which it ends quietly: the default action would dump a core, and kernels before 5.16 kill all that share the memory then.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/kcmp.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

#include "arch/arch.h"
#include "os/os.h"
#include "sys.h"
#include "text.h"

#define PAGE 4096u
#define STACK_BYTES (64u << 10)
#define READY_NS 1000000000u
#define PAUSE_NS 50000u
#define WALL_ 0x40000000
#define BELL SIGHUP
#define WITHOUT_LIST 1024
#define LAST_SIGNAL 64

struct ex_os_companion *ex_os_companion;
static void (*run)(struct ex_os_companion *companion);

static void end_quietly(int signo)
{
	(void)signo;
	ex_os_exit_group(0);
}

/* the thread that made us has ended, maybe with its process: see who is there */
static void ring(int signo)
{
	(void)signo;
	__atomic_add_fetch(&ex_os_companion->bell, 1, __ATOMIC_RELEASE);
}

/* one that is listed while others are closed may be passed over: again until there is none */
static int close_listed(long list)
{
	char buffer[1024] __attribute__((aligned(8)));
	const char *end;
	int closed = 0;
	for (long n; (n = ex_sys_anyway(SYS_getdents64, list, buffer, sizeof(buffer))) > 0;)
		for (long at = 0; at < n; at += ((struct ex_kernel_dirent *)(buffer + at))->bytes) {
			const char *name = ((struct ex_kernel_dirent *)(buffer + at))->name;
			long fd = (long)ex_decimal(name, &end);
			if (end > name && fd != list)
				closed += ex_sys_anyway(SYS_close, fd) == 0;
		}
	ex_sys_anyway(SYS_lseek, list, 0, 0);
	return closed;
}

/* what is kept open here would keep a pipe's other end waiting */
static void close_all(void)
{
	if (ex_sys_anyway(SYS_close_range, 0, ~0u, 0) == 0) /* Linux 5.9 */
		return;
	ex_sys_anyway(SYS_close, 0); /* there may be no number left */
	long list = ex_sys_anyway(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY, 0);
	while (list >= 0 && close_listed(list))
		;
	for (int fd = 0; list < 0 && fd < WITHOUT_LIST; fd++)
		ex_sys_anyway(SYS_close, fd);
	ex_sys_anyway(SYS_close, list);
}

static void listen(void)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS};
	struct ex_kernel_action quiet = {end_quietly, EX_SA_RESTORER, ex_arch_signal_return, ~0ull};
	struct ex_kernel_action bell = {ring, EX_SA_RESTORER | SA_RESTART, ex_arch_signal_return, ~0ull};
	uint64_t open = 1ull << (BELL - 1);
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		ex_sys_anyway(SYS_rt_sigaction, faults[i], &quiet, 0, 8);
		open |= 1ull << (faults[i] - 1);
	}
	ex_sys_anyway(SYS_rt_sigaction, BELL, &bell, 0, 8);
	ex_sys_anyway(SYS_rt_sigprocmask, SIG_UNBLOCK, &open, 0, 8);
	ex_sys_anyway(SYS_prctl, PR_SET_PDEATHSIG, BELL, 0, 0, 0);
}

static void begin(void)
{
	struct ex_os_companion *c = ex_os_companion;
	close_all();
	listen();
	ex_sys_anyway(SYS_prctl, PR_SET_NAME, "exeunt-every", 0, 0, 0);
	__atomic_store_n(&c->is_ready, 1, __ATOMIC_RELEASE);
	run(c);
	ex_os_exit_group(0);
}

/* a guard, the stack, our words, the thread's memory */
static struct ex_os_companion *make_room(size_t thread_bytes, uintptr_t *thread)
{
	size_t below = ((thread_bytes + PAGE - 1) & ~(size_t)(PAGE - 1)) + PAGE;
	size_t bytes = PAGE + STACK_BYTES + PAGE + below + PAGE;
	char *room = ex_os_map(bytes);
	if (!room)
		return NULL;
	ex_sys(SYS_mprotect, room, PAGE, PROT_NONE);
	ex_sys(SYS_madvise, room, bytes, MADV_WIPEONFORK); /* where there is no such thing, the owner's number tells */
	*thread = (uintptr_t)room + bytes - PAGE;
	return (struct ex_os_companion *)(room + PAGE + STACK_BYTES);
}

struct ex_os_companion *ex_os_companion_start(void (*what)(struct ex_os_companion *companion), size_t thread_bytes,
					      int *error)
{
	static struct ex_os_companion *c; /* its room is used again */
	static uintptr_t thread;
	if (!c && !(c = make_room(thread_bytes, &thread))) {
		*error = -12; /* ENOMEM */
		return NULL;
	}
	*(uintptr_t *)thread = thread; /* by which code finds it */
	*c = (struct ex_os_companion){.owner = ex_os_pid()};
	run = what;
	ex_os_companion = c;
	uint64_t before = ex_os_block_signals(), begin_ns = ex_os_now_ns();
	unsigned long flags = CLONE_VM | CLONE_FS | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
	long pid = ex_arch_clone(flags | CLONE_UNTRACED, c, begin, (void *)thread, &c->pid);
	if (pid == -22) /* EINVAL: a kernel that does not know the last one */
		pid = ex_arch_clone(flags, c, begin, (void *)thread, &c->pid);
	ex_os_restore_signals(before);
	/* what it closes must be closed when this returns: somebody may wait for the end of a pipe */
	while (pid > 0 && !__atomic_load_n(&c->is_ready, __ATOMIC_ACQUIRE) && ex_os_now_ns() - begin_ns < READY_NS)
		ex_os_sleep_ns(PAUSE_NS);
	*error = pid < 0 ? (int)pid : 0;
	if (pid < 0)
		ex_os_companion = NULL;
	return ex_os_companion;
}

void ex_os_companion_wait(struct ex_os_companion *c, uint64_t until_ns)
{
	struct timespec until = {(time_t)(until_ns / 1000000000u), (long)(until_ns % 1000000000u)};
	uint32_t bell = __atomic_load_n(&c->bell, __ATOMIC_ACQUIRE);
	if (ex_os_companion_is_wanted(c) && !__atomic_load_n(&c->is_ending, __ATOMIC_ACQUIRE))
		ex_sys_anyway(SYS_futex, &c->bell, FUTEX_WAIT_BITSET_PRIVATE, bell, &until, 0, FUTEX_BITSET_MATCH_ANY);
}

/* pid 0: our own */
static int read_of(uint32_t pid, const char *name, char *to, size_t bytes)
{
	char path[48];
	struct ex_buffer b;
	ex_buffer_init(&b, path, sizeof(path));
	ex_buffer_text(&b, "/proc/");
	if (pid)
		ex_buffer_number(&b, pid);
	else
		ex_buffer_text(&b, "self");
	ex_buffer_text(&b, name);
	long n = ex_os_file_head(path, 0, to, bytes - 1);
	to[n < 0 ? 0 : n] = 0;
	return n > 0;
}

/* of a line of numbers, those that belong to the memory: its size, where code, stack, data and arguments lie */
static int memory_of(uint32_t pid, char *to, size_t bytes)
{
	char text[1024];
	const char *at = text;
	struct ex_buffer b;
	ex_buffer_init(&b, to, bytes);
	if (!read_of(pid, "/stat", text, sizeof(text)))
		return 0;
	for (const char *s = text; *s; s++) /* behind the name, which may hold anything */
		if (*s == ')')
			at = s + 2;
	for (int field = 3; *at; field++) {
		int is_kept = field == 23 || (field >= 26 && field <= 28) || (field >= 45 && field <= 51);
		for (; *at && *at != ' '; at++)
			if (is_kept)
				ex_buffer_bytes(&b, at, 1);
		while (*at == ' ')
			at++;
		if (is_kept)
			ex_buffer_text(&b, " ");
	}
	return 1;
}

/* an exec takes the target elsewhere, and leaves its number and its children as they are */
static int shares_memory(uint32_t owner)
{
	char before[256], theirs[256], after[256];
	long answer = ex_sys_anyway(SYS_kcmp, ex_sys_anyway(SYS_getpid), owner, KCMP_VM, 0, 0);
	if (answer >= 0)
		return answer == 0;
	if (!memory_of(0, before, sizeof(before)) || !memory_of(owner, theirs, sizeof(theirs)) ||
	    !memory_of(0, after, sizeof(after)))
		return 1;
	return ex_same(before, theirs) || !ex_same(before, after);
}

/* the lines Uid and Gid */
static int users_of(uint32_t pid, char *to, size_t bytes)
{
	char text[2048];
	struct ex_buffer b;
	ex_buffer_init(&b, to, bytes);
	if (!read_of(pid, "/status", text, sizeof(text)))
		return 0;
	for (const char *s = text; *s; s++)
		if (*s == '\n' && (ex_starts(s + 1, "Uid:") || ex_starts(s + 1, "Gid:")))
			for (s++; *s && s[1] != '\n'; s++)
				ex_buffer_bytes(&b, s, 1);
	return 1;
}

/* what a program has given up must not be kept for it */
static int has_rights_of(uint32_t owner)
{
	char ours[256], theirs[256];
	return !users_of(0, ours, sizeof(ours)) || !users_of(owner, theirs, sizeof(theirs)) || ex_same(ours, theirs);
}

int ex_os_companion_is_wanted(const struct ex_os_companion *c)
{
	return ex_sys_anyway(SYS_getppid) == (long)c->owner && shares_memory(c->owner) && has_rights_of(c->owner);
}

void ex_os_companion_end(struct ex_os_companion *c, uint64_t patience_ns)
{
	uint64_t begin_ns = ex_os_now_ns();
	uint32_t pid = c->pid;
	int status;
	__atomic_store_n(&c->is_ending, 1, __ATOMIC_RELEASE);
	__atomic_add_fetch(&c->bell, 1, __ATOMIC_RELEASE);
	ex_sys_anyway(SYS_futex, &c->bell, FUTEX_WAKE_PRIVATE, 1);
	ex_sys(SYS_kill, pid, SIGCONT); /* somebody may have stopped it with all of our group */
	while (__atomic_load_n(&c->pid, __ATOMIC_ACQUIRE) && ex_os_now_ns() - begin_ns < patience_ns)
		ex_os_sleep_ns(PAUSE_NS);
	if (c->pid)
		ex_sys(SYS_kill, pid, SIGKILL);
	ex_os_companion = NULL;
	if (pid)
		ex_sys(SYS_wait4, pid, &status, WALL_, 0);
}
