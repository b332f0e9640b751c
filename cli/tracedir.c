/*
 * tracedir.c: what lies in a trace directory before the command begins, and the launcher's own events in it. Must
 * never leave a stream that a reader could not decode: the bytes of an event are stored before the word that
 * commits them, and a file gets its name when it is whole.
 */
#include "tracedir.h"

#include "folders.h"
#include "meta.h"
#include "say.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ns(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* the pair of readings that lie closest together, of a few */
static long long clock_offset_ns(void)
{
	uint64_t best = UINT64_MAX;
	long long offset = 0;
	for (int i = 0; i < 5; i++) {
		uint64_t before = now_ns(CLOCK_MONOTONIC), real = now_ns(CLOCK_REALTIME),
			 after = now_ns(CLOCK_MONOTONIC);
		if (after - before >= best)
			continue;
		best = after - before;
		offset = (long long)(real - before - best / 2);
	}
	return offset;
}

static int write_all(int fd, const void *bytes, size_t length, off_t at)
{
	for (const char *from = bytes; length;) {
		ssize_t written = pwrite(fd, from, length, at);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return -1;
		from += written;
		at += written;
		length -= (size_t)written;
	}
	return 0;
}

static const char *in_dir(const struct ex_tracedir *dir, const char *dot, const char *name)
{
	char *path;
	if (asprintf(&path, "%s/%s%s", dir->path, dot, name) < 0)
		abort();
	return path;
}

/* a file of `size` bytes that begins with `bytes`, under its name only when all of it is on the disk's account.
 * Returns a descriptor, -1 with errno */
static int make_file(const struct ex_tracedir *dir, const char *dot, const char *name, const void *bytes, size_t length,
		     size_t size)
{
	const char *temporary = in_dir(dir, dot, name);
	char *zeros = calloc(1, size);
	int fd = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || !zeros)
		goto failed;
	memcpy(zeros, bytes, length);
	/* written, not only reserved: a file system without fallocate would else find the disk full under a mapping */
	if (write_all(fd, zeros, size, 0) || rename(temporary, in_dir(dir, "", name)))
		goto failed;
	free(zeros);
	return fd;
failed:
	if (fd >= 0) {
		int error = errno;
		unlink(temporary);
		close(fd);
		errno = error;
	}
	free(zeros);
	return -1;
}

static int make_metadata(const struct ex_tracedir *dir)
{
	long long offset = clock_offset_ns();
	size_t bytes = (size_t)ex_ctf_metadata(NULL, 0, offset);
	char *text = malloc(bytes + 1);
	if (!text)
		abort();
	ex_ctf_metadata(text, bytes + 1, offset);
	int fd = make_file(dir, ".", EX_METADATA_NAME, text, bytes, bytes);
	free(text);
	return fd < 0 ? -1 : close(fd);
}

static int make_ledger(const struct ex_tracedir *dir, uint64_t limit_bytes)
{
	struct ex_ledger ledger = {.trace_version = EX_TRACE_VERSION,
				   .bytes = EX_FIRST_PACKET_BYTES,
				   .limit_bytes = limit_bytes};
	memcpy(ledger.magic, "exledger", sizeof(ledger.magic));
	int fd = make_file(dir, ".new", EX_LEDGER_NAME, &ledger, sizeof(ledger), (size_t)sysconf(_SC_PAGESIZE));
	return fd < 0 ? -1 : close(fd);
}

static int make_stream(struct ex_tracedir *dir)
{
	char name[80];
	struct ex_packet_header header = {.magic = EX_MAGIC,
					  .content_bits = sizeof(header) * 8,
					  .packet_bits = EX_FIRST_PACKET_BYTES * 8,
					  .image_ns = dir->image_ns,
					  .pid = (uint32_t)getpid()};
	snprintf(name, sizeof(name), "s.%u.%llu.0.0", header.pid, (unsigned long long)dir->image_ns);
	dir->stream = in_dir(dir, "", name);
	dir->content_bytes = sizeof(header);
	dir->fd = make_file(dir, ".", name, &header, sizeof(header), EX_FIRST_PACKET_BYTES);
	return dir->fd < 0 ? -1 : 0;
}

int ex_tracedir_is_empty(const char *path)
{
	DIR *handle = opendir(path);
	if (!handle)
		return 0;
	int entries = 0;
	while (readdir(handle))
		entries++;
	closedir(handle);
	return entries == 2;
}

/* a mistake in the name is told before anything runs; a disk that is full or not ours is no reason for the command not
 * to run, when the caller says so */
static int refuse(const char *path, int error, int may_go_on)
{
	if (!may_go_on || (error != ENOSPC && error != EDQUOT && error != EROFS && error != EACCES && error != EPERM &&
			   error != EFBIG && error != EIO))
		return ex_fail(EX_MSG_TRACE_UNWRITABLE, path, strerror(error));
	ex_note(EX_MSG_UNOBSERVED, path, strerror(error));
	return EX_TRACEDIR_NONE;
}

int ex_tracedir_make(struct ex_tracedir *dir, const char *path, uint64_t limit_bytes, int may_go_on)
{
	memset(dir, 0, sizeof(*dir));
	dir->fd = -1;
	dir->image_ns = now_ns(CLOCK_MONOTONIC);
	/* for us alone: a trace holds pieces of the program's memory, as a core file does */
	if (ex_folders_make_above(path))
		return refuse(path, errno, may_go_on);
	if (mkdir(path, 0700)) {
		if (errno != EEXIST)
			return refuse(path, errno, may_go_on);
		if (!ex_tracedir_is_empty(path))
			return ex_fail(EX_MSG_TRACE_EXISTS, path);
		dir->was_there = 1;
	}
	dir->path = realpath(path, NULL);
	/* a path that the library would cut is none */
	int is_too_long = dir->path && strlen(dir->path) >= EX_OPTION_MAX_BYTES;
	errno = is_too_long ? ENAMETOOLONG : errno;
	if (!dir->path || is_too_long || make_metadata(dir) || make_ledger(dir, limit_bytes)) {
		int error = errno;
		if (dir->path)
			ex_tracedir_remove(dir);
		else if (!dir->was_there)
			rmdir(path);
		return refuse(path, error, may_go_on);
	}
	make_stream(dir); /* none: its few events are lost, the library's may still find room, and the ledger counts */
	return 0;
}

/* commits one event: its bytes first, then the word that makes them exist */
static void put(struct ex_tracedir *dir, uint16_t id, const void *body, size_t length)
{
	unsigned char bytes[sizeof(struct ex_event_header) + sizeof(struct ex_ev_launch) + EX_ARGV_MAX_BYTES + 64];
	struct ex_event_header header = {id, now_ns(CLOCK_MONOTONIC), (uint32_t)syscall(SYS_gettid)};
	size_t whole = sizeof(header) + length;
	if (dir->fd < 0 || whole > sizeof(bytes) || dir->content_bytes + whole > EX_FIRST_PACKET_BYTES)
		return;
	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + sizeof(header), body, length);
	uint64_t content_bits = (dir->content_bytes + whole) * 8;
	if (write_all(dir->fd, bytes, whole, (off_t)dir->content_bytes) ||
	    write_all(dir->fd, &content_bits, sizeof(content_bits), offsetof(struct ex_packet_header, content_bits)))
		return;
	dir->content_bytes += whole;
}

void ex_tracedir_launch(struct ex_tracedir *dir, pid_t pid, char *const *argv)
{
	unsigned char body[sizeof(struct ex_ev_launch) + sizeof(EXEUNT_VERSION) + 2 + EX_ARGV_MAX_BYTES];
	struct ex_ev_launch fixed = {.pid = (uint32_t)pid};
	unsigned char *out = body;
	uint16_t argv_bytes = 0;
	memcpy(out, &fixed, sizeof(fixed));
	memcpy(out += sizeof(fixed), EXEUNT_VERSION, sizeof(EXEUNT_VERSION));
	unsigned char *count = out += sizeof(EXEUNT_VERSION);
	out += sizeof(argv_bytes);
	for (; *argv; argv++) {
		size_t length = strlen(*argv) + 1, room = EX_ARGV_MAX_BYTES - argv_bytes;
		if (!room)
			break;
		if (length > room)
			length = room;
		memcpy(out + argv_bytes, *argv, length);
		argv_bytes = (uint16_t)(argv_bytes + length);
		out[argv_bytes - 1] = '\0';
	}
	memcpy(count, &argv_bytes, sizeof(argv_bytes));
	put(dir, EX_EV_LAUNCH, body, (size_t)(out - body) + argv_bytes);
}

void ex_tracedir_waited(struct ex_tracedir *dir, pid_t pid, int wait_status)
{
	struct ex_ev_waited event = {.pid = (uint32_t)pid, .status = wait_status, .by = EX_waiter_LAUNCHER};
	put(dir, EX_EV_WAITED, &event, sizeof(event));
}

void ex_tracedir_packet(const struct ex_tracedir *dir, unsigned slot, unsigned part, const void *bytes, size_t length)
{
	char name[80];
	snprintf(name, sizeof(name), "s.%u.%llu.%u.%u", (unsigned)getpid(), (unsigned long long)dir->image_ns, slot,
		 part);
	int fd = make_file(dir, ".", name, bytes, length, EX_PACKET_BYTES);
	if (fd >= 0)
		close(fd);
}

void ex_tracedir_close(struct ex_tracedir *dir)
{
	if (dir->fd >= 0)
		close(dir->fd);
	dir->fd = -1;
}

void ex_tracedir_remove(struct ex_tracedir *dir)
{
	ex_tracedir_close(dir);
	unlink(in_dir(dir, "", EX_METADATA_NAME));
	unlink(in_dir(dir, "", EX_LEDGER_NAME));
	if (dir->stream)
		unlink(dir->stream);
	if (!dir->was_there)
		rmdir(dir->path);
}
