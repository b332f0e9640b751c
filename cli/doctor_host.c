/*
 * doctor_host.c: what this machine, kernel and libc offer to exeunt. Each check tries the thing itself, where that
 * can be done without a trace left behind. Must never change anything but a nameless temporary file.
 */
#include "doctor.h"

#include "tracer.h"

#include "meta.h"
#include "sandbox.h"

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

#define FS_OVERLAY 0x794c7630
#define FS_TMPFS 0x01021994

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

/* files that a sandbox keeps for itself */
static int is_kept_in_memory(const char *path)
{
	struct statfs info;
	return !statfs(path, &info) && (info.f_type == FS_OVERLAY || info.f_type == FS_TMPFS);
}

static void check_gvisor(struct ex_doctor *doctor, uint32_t signs)
{
	if (!ex_sandbox_is(signs)) {
		ex_doctor_add(doctor, EX_FINDING_OK, "gvisor", signs ? "no (one sign of it only: %s)" : "no",
			      ex_sandbox_text(signs));
		return;
	}
	ex_doctor_add(doctor, EX_FINDING_NOTE, "gvisor", "runs under gVisor: %s", ex_sandbox_text(signs));
	ex_doctor_add(doctor, EX_FINDING_NOTE, "platform",
		      ex_sandbox_is_systrap(signs)
			      ? "systrap: it rewrites system calls, and dies silently when the host "
				"has no mappings left: traces tell"
			      : "ptrace or kvm, which look the same from in here; with ptrace a "
				"process dies when the host has no mappings left");
	if (is_kept_in_memory("."))
		ex_doctor_add(
			doctor, EX_FINDING_NOTE, "traces",
			"what is written in the working directory is gone with the sandbox: give -o DIR in a folder "
			"that is mounted from the host, or runsc do -force-overlay=false");
	else
		ex_doctor_add(doctor, EX_FINDING_OK, "traces",
			      "the working directory lies on the host, so a trace in it outlives the sandbox");
}

static int check_kernel(struct ex_doctor *doctor)
{
	uint32_t signs = ex_sandbox_signs();
	struct utsname kernel;
	uname(&kernel);
	ex_doctor_add(doctor, EX_FINDING_OK, "libc", "glibc %s", gnu_get_libc_version());
	ex_doctor_add(doctor, EX_FINDING_OK, "kernel", "%s %s, %s", kernel.sysname, kernel.release, kernel.machine);
	check_gvisor(doctor, signs);
	return ex_sandbox_is(signs);
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

/* the largest file that every trace has */
static uint64_t least_file_bytes(void)
{
	uint64_t metadata = (uint64_t)ex_ctf_metadata(NULL, 0, 0) + 64; /* its clock's offset may have more digits */
	return metadata > EX_FIRST_PACKET_BYTES ? metadata : EX_FIRST_PACKET_BYTES;
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
	else if (size.rlim_cur >= least_file_bytes())
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

/* tried on a process of our own */
static void check_watch(struct ex_doctor *doctor)
{
	const char *why;
	switch (ex_tracer_try(&why)) {
	case EX_watch_by_BREAKPOINT:
		ex_doctor_add(doctor, EX_FINDING_OK, "watch", "by debug registers");
		break;
	case EX_watch_by_STEPS:
		ex_doctor_add(doctor, EX_FINDING_NOTE, "watch",
			      "no debug registers here: setting watch takes single steps, which are hundreds of times "
			      "slower");
		break;
	default:
		ex_doctor_add(doctor, EX_FINDING_NOTE, "watch", "setting watch does not work here: %s", why);
		break;
	}
}

void ex_doctor_host(struct ex_doctor *doctor, int measures_mappings)
{
	int is_sandbox = check_kernel(doctor);
	ex_doctor_kernel(doctor, is_sandbox);
	check_hooks(doctor);
	check_memory(doctor);
	check_tracing(doctor);
	check_watch(doctor);
	check_disk(doctor);
	check_limits(doctor);
	ex_doctor_limits(doctor, is_sandbox);
	if (measures_mappings)
		ex_doctor_mappings(doctor, is_sandbox);
	else if (is_sandbox)
		ex_doctor_add(
			doctor, EX_FINDING_NOTE, "host mappings",
			"the host's limit for one process (vm.max_map_count, 65530 unless raised) cannot be read in "
			"here: exeunt doctor --host-mappings measures it");
	check_environment(doctor);
}
