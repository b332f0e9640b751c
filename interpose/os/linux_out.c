/*
 * linux_out.c: files that are written piece by piece. See os.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "os/os.h"
#include "sys.h"
#include "text.h"

void ex_os_out_begin(struct ex_os_out *out, const char *path, int is_append)
{
	struct rlimit64 limit;
	int flags = O_WRONLY | O_CLOEXEC | (is_append ? O_APPEND : O_CREAT | O_EXCL);
	out->used = 0;
	out->error = 0;
	out->fd = ex_sys(SYS_openat, AT_FDCWD, path, flags, 0666);
	if (out->fd < 0)
		out->error = (int)out->fd;
	long end = out->error ? 0 : ex_sys(SYS_lseek, out->fd, 0, 2 /* SEEK_END */);
	out->begin = out->at = end > 0 ? (uint64_t)end : 0;
	out->limit = ex_sys(SYS_prlimit64, 0, RLIMIT_FSIZE, 0, &limit) == 0 ? limit.rlim_cur : UINT64_MAX;
}

static void drain(struct ex_os_out *out, const unsigned char *bytes, size_t count)
{
	if (!out->error && (out->limit < out->at || out->limit - out->at < count))
		out->error = -EFBIG;
	while (count && !out->error) {
		long n = ex_sys(SYS_write, out->fd, bytes, count);
		if (n == -EINTR)
			continue;
		if (n <= 0) {
			out->error = n ? (int)n : -ENOSPC;
			break;
		}
		bytes += n;
		count -= (size_t)n;
		out->at += (uint64_t)n;
	}
}

void ex_os_out_put(struct ex_os_out *out, const void *bytes, size_t count)
{
	if (count > out->room - out->used) {
		drain(out, out->buffer, out->used);
		out->used = 0;
	}
	if (count >= out->room) {
		drain(out, bytes, count);
		return;
	}
	memcpy(out->buffer + out->used, bytes, count);
	out->used += count;
}

int ex_os_out_end(struct ex_os_out *out)
{
	drain(out, out->buffer, out->used);
	if (out->fd < 0)
		return out->error;
	if (out->error)
		ex_sys(SYS_ftruncate, out->fd, out->begin);
	ex_sys(SYS_close, out->fd);
	return out->error;
}

int ex_os_folder(const char *path)
{
	return (int)ex_sys(SYS_mkdirat, AT_FDCWD, path, 0777);
}

int ex_os_link(const char *from, const char *to)
{
	return (int)ex_sys(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int ex_os_exchange(const char *one, const char *other)
{
	return (int)ex_sys(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, 2 /* RENAME_EXCHANGE */);
}

int ex_os_has_more(int fd)
{
	int bytes = 0;
	return !ex_sys(SYS_ioctl, fd, 0x541b /* FIONREAD */, &bytes) && bytes > 0;
}

int64_t ex_os_file_bytes(const char *path)
{
	struct stat s;
	if (ex_sys(SYS_newfstatat, AT_FDCWD, path, &s, 0x100 /* AT_SYMLINK_NOFOLLOW */) ||
	    (s.st_mode & S_IFMT) != S_IFREG)
		return -1;
	return s.st_size;
}

void ex_os_unlink(const char *path)
{
	ex_sys(SYS_unlinkat, AT_FDCWD, path, 0);
}

void ex_os_host(char *name, size_t bytes)
{
	struct utsname host;
	struct ex_buffer b;
	ex_buffer_init(&b, name, bytes);
	if (ex_sys(SYS_uname, &host) == 0)
		ex_buffer_text(&b, host.nodename);
}
