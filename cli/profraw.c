/*
 * profraw.c: the layouts of raw profile versions 8 to 10 (LLVM 14 to 22), as far as their sizes go. See profraw.h.
 * From the headers of compiler-rt's runtime: words of 8 bytes, then ids, records, counters, bitmap, names, value data.
 */
#include "profraw.h"

#include <endian.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAGIC 0xff6c70726f667281ull /* 0xff "lprofr" 0x81, as a number */
#define BYTE_COVERAGE (1ull << 60)  /* variant bit: counters of one byte */
#define VALUE_HEAD_BYTES 8	    /* u32 size with this head, u32 kinds */

static const struct {
	unsigned version, words, record_bytes, sites_at, kinds;
} layouts[] = {
	{8, 11, 48, 44, 2},
	{9, 14, 64, 52, 2},
	{10, 16, 64, 52, 3},
};

struct reader {
	const unsigned char *bytes;
	size_t length, at;
	int is_cut;
};

static uint64_t word(const unsigned char *bytes, unsigned n)
{
	uint64_t value;
	memcpy(&value, bytes + 8 * n, 8);
	return le64toh(value);
}

static void skip(struct reader *reader, uint64_t count, uint64_t bytes_each)
{
	uint64_t bytes;
	if (__builtin_mul_overflow(count, bytes_each, &bytes) || bytes > reader->length - reader->at)
		reader->is_cut = 1;
	else
		reader->at += (size_t)bytes;
}

static void align(struct reader *reader)
{
	/* the last padding of a file that has no value data must be there too */
	if (!reader->is_cut)
		skip(reader, (8 - reader->at % 8) % 8, 1);
}

/* one value-profile block for each record that has sites */
static void skip_values(struct reader *reader, const unsigned char *records, uint64_t count, unsigned layout)
{
	for (uint64_t n = 0; n < count && !reader->is_cut; n++) {
		const unsigned char *record = records + n * layouts[layout].record_bytes;
		unsigned sites = 0;
		for (unsigned k = 0; k < layouts[layout].kinds; k++)
			sites |=
				record[layouts[layout].sites_at + 2 * k] | record[layouts[layout].sites_at + 2 * k + 1];
		if (!sites)
			continue;
		uint32_t size;
		if (reader->length - reader->at < VALUE_HEAD_BYTES) {
			reader->is_cut = 1;
			return;
		}
		memcpy(&size, reader->bytes + reader->at, 4);
		size = le32toh(size);
		if (size < VALUE_HEAD_BYTES || size % 8)
			reader->is_cut = 1;
		else
			skip(reader, size, 1);
	}
}

/* one profile from reader->at on */
static enum ex_profraw skip_profile(struct reader *reader)
{
	const unsigned char *head = reader->bytes + reader->at;
	unsigned layout = 0;
	if (reader->length - reader->at < 16 || word(head, 0) != MAGIC)
		return EX_PROFRAW_FOREIGN;
	uint64_t version = word(head, 1);
	while (layout < sizeof(layouts) / sizeof(layouts[0]) && layouts[layout].version != (uint32_t)version)
		layout++;
	if (layout == sizeof(layouts) / sizeof(layouts[0]))
		return EX_PROFRAW_NEWER;
	if (reader->length - reader->at < 8 * layouts[layout].words)
		return EX_PROFRAW_CUT;
	int is_8 = layouts[layout].version == 8, is_10 = layouts[layout].version == 10;
	uint64_t records = word(head, 3);
	skip(reader, layouts[layout].words, 8);
	skip(reader, word(head, 2), 1);
	const unsigned char *data = reader->bytes + reader->at;
	skip(reader, records, layouts[layout].record_bytes);
	skip(reader, word(head, 4), 1);
	skip(reader, word(head, 5), version & BYTE_COVERAGE ? 1 : 8);
	skip(reader, word(head, 6), 1);
	if (!is_8) {
		skip(reader, word(head, 7), 1);
		skip(reader, word(head, 8), 1);
	}
	skip(reader, word(head, is_8 ? 7 : 9), 1);
	align(reader);
	if (is_10) {
		skip(reader, word(head, 13), 24); /* a virtual table: hash, pointer, size, padded */
		skip(reader, word(head, 14), 1);
		align(reader);
	}
	if (!reader->is_cut)
		skip_values(reader, data, records, layout);
	return reader->is_cut ? EX_PROFRAW_CUT : EX_PROFRAW_WHOLE;
}

enum ex_profraw ex_profraw_check(const unsigned char *bytes, size_t length, unsigned *count)
{
	struct reader reader = {bytes, length, 0, 0};
	*count = 0;
	if (!length)
		return EX_PROFRAW_EMPTY;
	while (reader.at < length) {
		enum ex_profraw what = skip_profile(&reader);
		if (what != EX_PROFRAW_WHOLE)
			return what == EX_PROFRAW_FOREIGN && *count ? EX_PROFRAW_CUT : what;
		++*count;
	}
	return EX_PROFRAW_WHOLE;
}

/* 0 when llvm-profdata reads the file, 1 when it calls it damaged, -1 when it cannot tell (missing, other version) */
static int ask(const char *tool, const char *path)
{
	char said[4096];
	int pipe_fds[2], status;
	size_t length = 0;
	if (pipe2(pipe_fds, O_CLOEXEC))
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);
		/* the target's surroundings are not for this tool */
		unsetenv("LD_PRELOAD");
		unsetenv("LLVM_PROFILE_FILE");
		dup2(null, 0);
		dup2(null, 1);
		dup2(pipe_fds[1], 2);
		execlp(tool, tool, "show", path, (char *)NULL);
		_exit(127);
	}
	close(pipe_fds[1]);
	for (ssize_t got = 1; pid > 0 && got > 0; length += got > 0 ? (size_t)got : 0)
		got = length < sizeof(said) - 1 ? read(pipe_fds[0], said + length, sizeof(said) - 1 - length) : 0;
	close(pipe_fds[0]);
	said[length] = '\0';
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) == 127)
		return -1;
	if (WEXITSTATUS(status) == 0)
		return 0;
	return strstr(said, "version") ? -1 : 1;
}

static enum ex_profraw second_opinion(const char *path, enum ex_profraw ours)
{
	char tool[32] = "llvm-profdata";
	for (int version = 13; version <= 24; version++) {
		if (version > 13)
			snprintf(tool, sizeof(tool), "llvm-profdata-%d", version);
		int answer = ask(tool, path);
		if (answer == 0)
			return EX_PROFRAW_WHOLE;
		if (answer == 1)
			return EX_PROFRAW_CUT;
	}
	return ours;
}

enum ex_profraw ex_profraw_file(const char *path, unsigned *count)
{
	struct stat info;
	enum ex_profraw what = EX_PROFRAW_FOREIGN;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	*count = 0;
	if (fd < 0)
		return what;
	if (!fstat(fd, &info) && S_ISREG(info.st_mode)) {
		size_t length = (size_t)info.st_size;
		void *bytes = length ? mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
		if (bytes != MAP_FAILED)
			what = ex_profraw_check(bytes, length, count);
		if (length && bytes != MAP_FAILED)
			munmap(bytes, length);
	}
	close(fd);
	if (what == EX_PROFRAW_WHOLE || what == EX_PROFRAW_NEWER) {
		what = second_opinion(path, what);
		if (what == EX_PROFRAW_WHOLE && !*count)
			*count = 1;
		else if (what != EX_PROFRAW_WHOLE)
			*count = 0; /* no telling which of them it dislikes */
	}
	return what;
}
