/*
 * linux_text.c: code that is changed while it can run. See os.h.
 *
 * First by making the pages writable and executable for a moment. Where that is refused (PR_SET_MDWE, SELinux's execmem),
 * through /proc/self/mem, which writes to a private copy of a page whatever its protection is; gVisor has only the first
 * (EINVAL on the second).
 */
#include <sys/mman.h>

#include "os/os.h"
#include "sys.h"

#define AT_FDCWD_ -100

static void store(const struct ex_os_text *piece)
{
	unsigned char *to = (unsigned char *)piece->address;
	const unsigned char *from = piece->bytes;
	if (piece->count == sizeof(uint64_t)) {
		__atomic_store_n((uint64_t *)to, *(const uint64_t *)from, __ATOMIC_RELEASE);
		return;
	}
	for (size_t i = 0; i < piece->count; i++)
		to[i] = from[i];
}

static int by_kernel(const struct ex_os_text *pieces, int count)
{
	int error = 0;
	long fd = ex_sys(SYS_openat, AT_FDCWD_, "/proc/self/mem", 02000002 /* O_CLOEXEC | O_RDWR */, 0);
	if (fd < 0)
		return (int)fd;
	for (int i = 0; i < count && !error; i++) {
		long n = ex_sys(SYS_pwrite64, fd, pieces[i].bytes, pieces[i].count, pieces[i].address);
		if (n != (long)pieces[i].count)
			error = n < 0 ? (int)n : -5; /* EIO */
	}
	ex_sys(SYS_close, fd);
	return error;
}

int ex_os_text_write(const struct ex_os_text *pieces, int count)
{
	uintptr_t page = ex_os_page_bytes() - 1, begin = UINTPTR_MAX, end = 0;
	for (int i = 0; i < count; i++) {
		uintptr_t from = pieces[i].address & ~page, to = (pieces[i].address + pieces[i].count + page) & ~page;
		begin = from < begin ? from : begin;
		end = to > end ? to : end;
	}
	/* one range rather than page by page: the map keeps its number of lines when it is protected again */
	if (ex_sys(SYS_mprotect, begin, end - begin, PROT_READ | PROT_WRITE | PROT_EXEC))
		return by_kernel(pieces, count);
	for (int i = 0; i < count; i++)
		store(&pieces[i]);
	ex_sys(SYS_mprotect, begin, end - begin, PROT_READ | PROT_EXEC);
	return 0;
}

int ex_os_is_alone(void)
{
	char stat[1024];
	long n = ex_os_file_head("/proc/self/stat", 0, stat, sizeof(stat) - 1);
	if (n <= 0)
		return 0;
	stat[n] = 0;
	/* the program's name may hold anything, blanks and brackets too: fields count from the last bracket. The
	 * threads are field 20, so the 18th behind it. */
	const char *at = stat + n;
	while (at > stat && *at != ')')
		at--;
	for (int field = 0; *at && field < 18; at++)
		field += *at == ' ';
	return at[0] == '1' && at[1] == ' ';
}
