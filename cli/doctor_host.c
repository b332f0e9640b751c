/*
 * doctor_host.c: what this machine, kernel and libc offer to exeunt. Each check tries the thing itself, where that
 * can be done without a trace left behind. Must never change anything but a nameless temporary file.
 */
#include "doctor.h"

#include "meta.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <unistd.h>

#define FS_9P 0x01021997

/* the first kibibytes of a small file, "" when it cannot be read */
static const char *content(const char *path)
{
	static char text[16384];
	ssize_t bytes = 0, length = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (bytes = read(fd, text + length, sizeof(text) - 1 - (size_t)length)) > 0)
		length += bytes;
	if (fd >= 0)
		close(fd);
	text[length] = '\0';
	return text;
}

/* number behind "Name:" in /proc/self/status, -1 when there is none */
static long status_number(const char *name)
{
	const char *line = strstr(content("/proc/self/status"), name);
	return line ? strtol(line + strlen(name), NULL, 10) : -1;
}

/* gVisor changes its version string from release to release, so no sign counts alone but its own file in /proc */
static void check_gvisor(struct ex_doctor *doctor, const struct utsname *kernel)
{
	struct statfs root;
	char signs[256] = "";
	int count = 0, is_sure = !access("/proc/sentry-meminfo", F_OK);
	const struct {
		int is_there;
		const char *what;
	} list[] = {
		{is_sure, "/proc/sentry-meminfo"},
		{strstr(kernel->release, "gvisor") != NULL, "kernel release"},
		{strstr(kernel->version, "Sun Jan 10 15:06:54 PST 2016") != NULL, "kernel build date"},
		{strstr(content("/proc/cmdline"), "gvisor") != NULL, "kernel command line"},
		{atoll(content("/proc/sys/vm/max_map_count")) == 2147483647, "max_map_count"},
		{strstr(content("/proc/self/maps"), "[usertrap]") != NULL, "[usertrap] mapping"},
		{!statfs("/", &root) && root.f_type == FS_9P, "9p root"},
	};
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		if (!list[i].is_there)
			continue;
		size_t used = strlen(signs);
		snprintf(signs + used, sizeof(signs) - used, "%s%s", count++ ? ", " : "", list[i].what);
	}
	if (is_sure || count >= 2)
		ex_doctor_add(doctor, EX_FINDING_NOTE, "gvisor",
			      "runs under gVisor (%s): system calls are slow, traces need a directory of "
			      "the host",
			      signs);
	else if (count)
		ex_doctor_add(doctor, EX_FINDING_OK, "gvisor", "no (one sign of it only: %s)", signs);
	else
		ex_doctor_add(doctor, EX_FINDING_OK, "gvisor", "no");
}

static void check_kernel(struct ex_doctor *doctor)
{
	struct utsname kernel;
	uname(&kernel);
	ex_doctor_add(doctor, EX_FINDING_OK, "libc", "glibc %s", gnu_get_libc_version());
	ex_doctor_add(doctor, EX_FINDING_OK, "kernel", "%s %s, %s", kernel.sysname, kernel.release, kernel.machine);
	check_gvisor(doctor, &kernel);
}

static void check_memory(struct ex_doctor *doctor)
{
	char from = 'x', to = 0;
	struct iovec local = {&to, 1}, remote = {&from, 1};
	if (process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == 1 && to == from)
		ex_doctor_add(doctor, EX_FINDING_OK, "process_vm_readv", "works");
	else
		ex_doctor_add(doctor, EX_FINDING_NOTE, "process_vm_readv",
			      "does not work (%s): memory is tried in another way", strerror(errno));
	if (strchr(content("/proc/self/maps"), '-'))
		ex_doctor_add(doctor, EX_FINDING_OK, "memory map", "/proc/self/maps can be read");
	else
		ex_doctor_add(doctor, EX_FINDING_MISSING, "memory map",
			      "/proc/self/maps cannot be read: addresses stay without "
			      "names; mount /proc");
}

static void check_tracing(struct ex_doctor *doctor)
{
	long tracer = status_number("TracerPid:"), seccomp = status_number("Seccomp:");
	if (tracer > 0)
		ex_doctor_add(doctor, EX_FINDING_NOTE, "ptrace",
			      "process %ld traces this one; it sees signals before exeunt does", tracer);
	else
		ex_doctor_add(doctor, EX_FINDING_OK, "ptrace",
			      "nobody traces this process, and exeunt does not need it");
	if (seccomp > 0)
		ex_doctor_add(doctor, EX_FINDING_NOTE, "seccomp",
			      "mode %ld: a filter may refuse calls that exeunt makes; the trial below "
			      "tells",
			      seccomp);
	else
		ex_doctor_add(doctor, EX_FINDING_OK, "seccomp", seccomp ? "not known" : "no filter");
}

/* what a stream file needs: space that is really there, and a shared mapping of it */
static void check_disk(struct ex_doctor *doctor)
{
	char name[] = ".exeunt.doctor.XXXXXX";
	struct rlimit limit;
	int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), error;
	if (fd < 0 && (fd = mkostemp(name, O_CLOEXEC)) >= 0)
		unlink(name);
	if (fd < 0) {
		ex_doctor_add(doctor, EX_FINDING_NOTE, "directory",
			      "no file can be made in the working directory (%s): give -o DIR", strerror(errno));
		return;
	}
	/* beyond that limit a signal would come with the error */
	error = getrlimit(RLIMIT_FSIZE, &limit) || limit.rlim_cur >= EX_FIRST_PACKET_BYTES
			? posix_fallocate(fd, 0, EX_FIRST_PACKET_BYTES)
			: EFBIG;
	void *map = error ? MAP_FAILED : mmap(NULL, EX_FIRST_PACKET_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (!error && map == MAP_FAILED)
		error = errno;
	if (map != MAP_FAILED)
		munmap(map, EX_FIRST_PACKET_BYTES);
	close(fd);
	if (error)
		ex_doctor_add(doctor, EX_FINDING_NOTE, "directory",
			      "the working directory cannot hold a trace (%s): give -o DIR", strerror(error));
	else
		ex_doctor_add(doctor, EX_FINDING_OK, "directory", "the working directory can hold a trace");
}

static void check_limits(struct ex_doctor *doctor)
{
	struct rlimit files, size;
	getrlimit(RLIMIT_NOFILE, &files);
	getrlimit(RLIMIT_FSIZE, &size);
	ex_doctor_add(doctor, files.rlim_cur < 64 ? EX_FINDING_NOTE : EX_FINDING_OK, "open files", "at most %llu%s",
		      (unsigned long long)files.rlim_cur, files.rlim_cur < 64 ? ": raise it with ulimit -n" : "");
	if (size.rlim_cur == RLIM_INFINITY)
		ex_doctor_add(doctor, EX_FINDING_OK, "file size", "no limit");
	else if (size.rlim_cur >= EX_PACKET_BYTES)
		ex_doctor_add(doctor, EX_FINDING_OK, "file size", "at most %llu bytes",
			      (unsigned long long)size.rlim_cur);
	else if (size.rlim_cur >= EX_FIRST_PACKET_BYTES)
		ex_doctor_add(doctor, EX_FINDING_NOTE, "file size",
			      "at most %llu bytes: long traces are cut; raise it with ulimit -f",
			      (unsigned long long)size.rlim_cur);
	else
		ex_doctor_add(doctor, EX_FINDING_MISSING, "file size",
			      "at most %llu bytes: no trace fits; raise it with ulimit -f",
			      (unsigned long long)size.rlim_cur);
}

/* an old name may be there for old programs only, under the first version of its libc */
static int is_in_libc(const char *name)
{
	return dlsym(RTLD_DEFAULT, name) || dlvsym(RTLD_DEFAULT, name, "GLIBC_2.2.5") ||
	       dlvsym(RTLD_DEFAULT, name, "GLIBC_2.17");
}

static void check_hooks(struct ex_doctor *doctor)
{
	char missing[512] = "";
	int count = 0, there = 0;
	for (const struct ex_hook_meta *hook = ex_hooks; hook->name; hook++, count++) {
		size_t used = strlen(missing);
		if (is_in_libc(hook->name))
			there++;
		else
			snprintf(missing + used, sizeof(missing) - used, "%s%s", used ? ", " : "", hook->name);
	}
	ex_doctor_add(doctor, there == count ? EX_FINDING_OK : EX_FINDING_NOTE, "hooks",
		      "%d of %d functions are in this libc%s%s", there, count, *missing ? "; not: " : "", missing);
}

static void check_environment(struct ex_doctor *doctor)
{
	const char *preload = getenv("LD_PRELOAD"), *options = getenv("EXEUNT");
	if (preload && *preload)
		ex_doctor_add(doctor, EX_FINDING_NOTE, "LD_PRELOAD",
			      "is set to %s: exeunt's library goes in front of it", preload);
	else
		ex_doctor_add(doctor, EX_FINDING_OK, "LD_PRELOAD", "not set");
	if (options && *options)
		ex_doctor_add(doctor, EX_FINDING_NOTE, "EXEUNT",
			      "is set to %s: programs started here may be observed already", options);
}

void ex_doctor_host(struct ex_doctor *doctor)
{
	check_kernel(doctor);
	check_hooks(doctor);
	check_memory(doctor);
	check_tracing(doctor);
	check_disk(doctor);
	check_limits(doctor);
	ex_doctor_limits(doctor);
	check_environment(doctor);
}
