/*
 * linux_thread.c: the threads of the process, seen without disturbing them. See os.h.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "os/os.h"
#include "sys.h"
#include "text.h"

#define TASKS "/proc/self/task"

uint32_t ex_os_thread_count(void)
{
	struct stat s;
	/* a link for each, and the two of any folder: a fifth of what reading /proc/self/stat costs */
	if (ex_sys(SYS_newfstatat, AT_FDCWD, TASKS, &s, 0) < 0 || s.st_nlink <= 2)
		return 0;
	return (uint32_t)s.st_nlink - 2;
}

static long read_of(const char *tid, const char *name, char *to, size_t bytes)
{
	char path[64];
	struct ex_buffer b;
	ex_buffer_init(&b, path, sizeof(path));
	ex_buffer_text(&b, TASKS "/");
	ex_buffer_text(&b, tid);
	ex_buffer_text(&b, name);
	long n = ex_os_file_head(path, 0, to, bytes - 1);
	to[n < 0 ? 0 : n] = 0;
	return n;
}

static const char *next_word(const char *at)
{
	while (*at && *at != ' ')
		at++;
	while (*at == ' ')
		at++;
	return at;
}

static const char *next_address(const char *at, uintptr_t *value)
{
	at = next_word(at);
	*value = at[0] == '0' && at[1] == 'x' ? ex_hex(at + 2, &at) : 0;
	return at;
}

/* "running", or the number of the call, its six arguments, sp, pc; a number of -1 comes without arguments */
static void parse_call(struct ex_os_thread *t, const char *text)
{
	const char *at = text;
	if (*text < '-' || *text > '9') {
		t->syscall = *text == 'r' ? -1 : -2;
		return;
	}
	t->syscall = -1;
	if (*text != '-') {
		t->syscall = (int)ex_decimal(text, &at);
		for (int i = 0; i < 6; i++)
			at = next_word(at);
	}
	next_address(next_address(at, &t->sp), &t->pc);
}

static int look_at(struct ex_os_thread *t, const char *tid)
{
	char text[256];
	const char *end;
	*t = (struct ex_os_thread){.tid = (uint32_t)ex_decimal(tid, &end), .syscall = -2};
	if (read_of(tid, "/syscall", text, sizeof(text)) > 0) {
		parse_call(t, text);
		/* a first thread that ended by pthread_exit stays in the list, without a stack */
		if (*text == '-' && !t->sp && !t->pc)
			return 0;
	}
	long n = read_of(tid, "/comm", t->name, sizeof(t->name));
	if (n > 0 && t->name[n - 1] == '\n')
		t->name[n - 1] = 0;
	return 1;
}

void ex_os_threads_each(void (*each)(void *arg, const struct ex_os_thread *thread), void *arg)
{
	char buffer[2048] __attribute__((aligned(8)));
	long n, fd = ex_sys(SYS_openat, AT_FDCWD, TASKS, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (fd < 0)
		return;
	while ((n = ex_sys(SYS_getdents64, fd, buffer, sizeof(buffer))) > 0)
		for (long at = 0; at < n;) {
			const struct ex_kernel_dirent *e = (const struct ex_kernel_dirent *)(buffer + at);
			struct ex_os_thread thread;
			at += e->bytes;
			if (*e->name < '0' || *e->name > '9')
				continue;
			if (look_at(&thread, e->name))
				each(arg, &thread);
		}
	ex_sys(SYS_close, fd);
}

/* what follows a name at a line's begin, NULL */
static const char *line_of(const char *text, const char *name)
{
	for (const char *at = text; *at; at++)
		if ((at == text || at[-1] == '\n') && ex_starts(at, name))
			return at + ex_length(name);
	return NULL;
}

static int runs(uint32_t pid, const char *tid, int signo)
{
	static const char state[] = "State:\t", blocked[] = "SigBlk:\t";
	char path[64], text[2048];
	const char *end;
	struct ex_buffer b;
	ex_buffer_init(&b, path, sizeof(path));
	ex_buffer_text(&b, "/proc/");
	ex_buffer_number(&b, pid);
	ex_buffer_text(&b, "/task/");
	ex_buffer_text(&b, tid);
	ex_buffer_text(&b, "/status");
	long n = ex_os_file_head(path, 0, text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = 0;
	const char *is_in = line_of(text, state), *mask = line_of(text, blocked);
	return is_in && *is_in == 'R' && mask && !(ex_hex(mask, &end) >> (signo - 1) & 1);
}

uint32_t ex_os_running_thread(uint32_t pid, int signo)
{
	char path[32], buffer[1024] __attribute__((aligned(8)));
	const char *end;
	struct ex_buffer b;
	uint32_t found = 0;
	ex_buffer_init(&b, path, sizeof(path));
	ex_buffer_text(&b, "/proc/");
	ex_buffer_number(&b, pid);
	ex_buffer_text(&b, "/task");
	long n, fd = ex_sys(SYS_openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	while (fd >= 0 && !found && (n = ex_sys(SYS_getdents64, fd, buffer, sizeof(buffer))) > 0)
		for (long at = 0; at < n && !found; at += ((struct ex_kernel_dirent *)(buffer + at))->bytes) {
			const char *name = ((struct ex_kernel_dirent *)(buffer + at))->name;
			uint32_t tid = (uint32_t)ex_decimal(name, &end);
			if (end > name && runs(pid, name, signo))
				found = tid;
		}
	if (fd >= 0)
		ex_sys(SYS_close, fd);
	return found;
}
