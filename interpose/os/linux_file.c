/*
 * linux_file.c: files. See os.h. No descriptor survives a call: targets close what they do not know
 * (ls closes stderr, daemons close 3 and up), and a number of ours must never be taken for one of theirs.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "os/os.h"
#include "sys.h"
#include "text.h"

int ex_os_mkdir(const char *path)
{
	return (int)ex_sys(SYS_mkdirat, AT_FDCWD, path, 0700); /* a trace holds pieces of memory, as a core file does */
}

int ex_os_exists(const char *path)
{
	return ex_sys(SYS_faccessat, AT_FDCWD, path, 0) == 0;
}

int ex_os_rename(const char *from, const char *to)
{
	return (int)ex_sys(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

#define DISTANCE (1ull << 38)

/*
 * A place that the program is not using. A program may give a range back and map there again with MAP_FIXED, sure that
 * nobody else came in between; the kernel would hand us just that range. So ours lie in a row 256 GiB below this
 * library, where it puts nothing by itself. Not lower: clang's thread sanitizer ends a program that has something mapped
 * below 0x7e8000000000, and the kernel draws places for libraries down to 0x7eff00000000. A hint only: where the place is taken it chooses.
 */
static uintptr_t own_place(size_t bytes)
{
	static uintptr_t used;
	uintptr_t page = ex_os_page_bytes() - 1, begin = ((uintptr_t)&own_place & ~(DISTANCE - 1)) - DISTANCE;
	return begin + __atomic_fetch_add(&used, (bytes + page) & ~page, __ATOMIC_RELAXED);
}

static void *map_file(long fd, size_t bytes)
{
	long p = ex_sys(SYS_mmap, own_place(bytes), bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return p < 0 && p > -4096 ? NULL : (void *)p;
}

/* blocks are really there afterwards, or it fails: a sparse file on a full disk is a SIGBUS at the first store */
static long allocate(long fd, size_t bytes)
{
	long error = ex_sys(SYS_fallocate, fd, 0, 0, bytes);
	if (error != -EOPNOTSUPP && error != -ENOSYS)
		return error;
	static const char zeros[4096];
	for (size_t done = 0; done < bytes;) { /* 9p under gVisor, NFS 3 */
		size_t part = bytes - done < sizeof(zeros) ? bytes - done : sizeof(zeros);
		error = ex_sys(SYS_pwrite64, fd, zeros, part, done);
		if (error <= 0)
			return error ? error : -ENOSPC;
		done += (size_t)error;
	}
	return 0;
}

void *ex_os_file_make(const char *path, size_t bytes, int *error)
{
	struct rlimit64 limit;
	/* beyond RLIMIT_FSIZE the kernel would kill the target with SIGXFSZ */
	if (ex_sys(SYS_prlimit64, 0, RLIMIT_FSIZE, 0, &limit) == 0 && limit.rlim_cur < bytes) {
		*error = -EFBIG;
		return NULL;
	}
	long fd = ex_sys(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		*error = (int)fd;
		return NULL;
	}
	void *p = NULL;
	*error = (int)allocate(fd, bytes);
	if (*error == 0) {
		p = map_file(fd, bytes);
		*error = p ? 0 : -ENOMEM;
	}
	ex_sys(SYS_close, fd);
	if (!p)
		ex_sys(SYS_unlinkat, AT_FDCWD, path, 0);
	return p;
}

void *ex_os_file_join(const char *path, size_t bytes)
{
	long fd = ex_sys(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
	if (fd < 0)
		return NULL;
	long end = ex_sys(SYS_lseek, fd, 0, 2 /* SEEK_END */);
	void *p = end >= (long)bytes ? map_file(fd, bytes) : NULL;
	ex_sys(SYS_close, fd);
	return p;
}

int ex_os_file_put(const char *dir, const char *name, const void *bytes, size_t count)
{
	char target[4200], dot[4240];
	struct ex_buffer b;
	ex_buffer_init(&b, target, sizeof(target));
	ex_buffer_text(&b, dir);
	ex_buffer_text(&b, "/");
	ex_buffer_text(&b, name);
	if (ex_os_exists(target))
		return 0;
	ex_buffer_init(&b, dot, sizeof(dot));
	ex_buffer_text(&b, dir);
	ex_buffer_text(&b, "/.");
	ex_buffer_number(&b, ex_os_pid()); /* two processes may begin the same trace */
	ex_buffer_text(&b, ".");
	ex_buffer_text(&b, name);
	int error;
	unsigned char *to = ex_os_file_make(dot, count, &error);
	if (!to)
		return error;
	memcpy(to, bytes, count);
	ex_os_unmap(to, count);
	/* the first one wins: a link fails when the name is there, a rename would replace the file under readers */
	long linked = ex_sys(SYS_linkat, AT_FDCWD, dot, AT_FDCWD, target, 0);
	if (linked == -EEXIST)
		linked = 0;
	else if (linked < 0) /* no hard links here (FAT, some 9p) */
		return ex_os_rename(dot, target);
	ex_sys(SYS_unlinkat, AT_FDCWD, dot, 0);
	return (int)linked;
}

const void *ex_os_file_view(const char *path, size_t *bytes)
{
	long fd = ex_sys(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return NULL;
	long end = ex_sys(SYS_lseek, fd, 0, 2);
	long p = end > 0 ? ex_sys(SYS_mmap, 0, end, PROT_READ, MAP_PRIVATE, fd, 0) : -1;
	ex_sys(SYS_close, fd);
	if (p < 0 && p > -4096)
		return NULL;
	*bytes = (size_t)end;
	return (const void *)p;
}

long ex_os_file_head(const char *path, uint64_t offset, void *to, size_t bytes)
{
	/* O_NONBLOCK: a FIFO named like a program must not hang us */
	long fd = ex_sys(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
	if (fd < 0)
		return fd;
	long n = ex_sys(SYS_pread64, fd, to, bytes, offset);
	ex_sys(SYS_close, fd);
	return n;
}

int ex_os_file_owner(const char *path, struct ex_os_owner *owner)
{
	struct stat s;
	long error = ex_sys(SYS_newfstatat, AT_FDCWD, path, &s, 0);
	if (error < 0)
		return (int)error;
	owner->mode = s.st_mode;
	owner->uid = s.st_uid;
	owner->gid = s.st_gid;
	return 0;
}

int ex_os_is_same_file(const char *path, const char *other)
{
	struct stat a, b;
	return ex_sys(SYS_newfstatat, AT_FDCWD, path, &a, 0) == 0 &&
	       ex_sys(SYS_newfstatat, AT_FDCWD, other, &b, 0) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

int ex_os_is_owner_change(const struct ex_os_owner *owner)
{
	return ((owner->mode & 04000) && owner->uid != (uint32_t)ex_sys(SYS_getuid)) ||
	       ((owner->mode & 02010) == 02010 && owner->gid != (uint32_t)ex_sys(SYS_getgid));
}

long ex_os_exe(char *path, size_t bytes)
{
	long n = ex_sys(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", path, bytes - 1);
	path[n < 0 ? 0 : n] = 0;
	return n;
}

long ex_os_cwd(char *path, size_t bytes)
{
	long n = ex_sys(SYS_getcwd, path, bytes);
	if (n <= 0)
		path[0] = 0;
	return n;
}
