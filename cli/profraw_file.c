/*
 * profraw_file.c: a file's profiles, one behind the other as the runtime appends them. See profraw.h.
 */
#include "profraw.h"

#include "profraw_tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct ex_profraw_profile *another(struct ex_profraw_file *file)
{
	if (!(file->count & (file->count + 1))) {
		file->profiles = realloc(file->profiles, (2 * file->count + 1) * sizeof(*file->profiles));
		if (!file->profiles)
			abort();
	}
	return &file->profiles[file->count];
}

void ex_profraw_file_read(struct ex_profraw_file *file, const unsigned char *bytes, size_t length)
{
	*file = (struct ex_profraw_file){.bytes = bytes, .length = length};
	if (!length) {
		file->what = EX_PROFRAW_EMPTY;
		return;
	}
	for (uint64_t at = 0; at < length && file->what == EX_PROFRAW_WHOLE;) {
		struct ex_profraw_profile *profile = another(file);
		file->what = ex_profraw_read(profile, bytes + at, length - at);
		/* one llvm-profdata is to read all of them */
		int is_other = profile->layout && profile->layout != file->profiles[0].layout;
		if (at && (file->what == EX_PROFRAW_FOREIGN || is_other)) {
			file->what = EX_PROFRAW_BROKEN;
			file->foreign_at = at;
			return;
		}
		file->count++;
		file->whole += file->what == EX_PROFRAW_WHOLE;
		at += profile->length;
		/* zeroes between two are nothing to llvm-profdata, as long as the next is aligned */
		while (at < length && !bytes[at])
			at++;
		if (at < length && at % 8 && file->what == EX_PROFRAW_WHOLE) {
			file->what = EX_PROFRAW_BROKEN;
			file->foreign_at = at;
		}
	}
}

void ex_profraw_file_close(struct ex_profraw_file *file)
{
	free(file->profiles);
	file->profiles = NULL;
	file->count = 0;
}

/* not mapped: a writer may cut the file short while it is read */
static unsigned char *read_all(int fd, size_t *length)
{
	size_t room = 0;
	unsigned char *bytes = NULL;
	ssize_t got = 1;
	*length = 0;
	while (got > 0) {
		if (*length == room) {
			room = room ? 2 * room : 65536;
			unsigned char *larger = realloc(bytes, room);
			if (!larger)
				break;
			bytes = larger;
		}
		got = read(fd, bytes + *length, room - *length);
		if (got > 0)
			*length += (size_t)got;
		else if (got < 0 && errno == EINTR)
			got = 1;
	}
	if (got) {
		int error = errno;
		free(bytes);
		errno = error;
		return NULL;
	}
	return bytes;
}

int ex_profraw_file_load(struct ex_profraw_file *file, const char *path)
{
	struct stat info;
	size_t length = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error = 0;
	if (fd < 0)
		return -1;
	unsigned char *bytes = NULL;
	if (fstat(fd, &info))
		error = errno;
	else if (!S_ISREG(info.st_mode))
		error = S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
	else if (!(bytes = read_all(fd, &length)))
		error = errno;
	close(fd);
	errno = error;
	if (error)
		return -1;
	ex_profraw_file_read(file, bytes, length);
	return 0;
}

enum ex_profraw ex_profraw_check(const char *path, unsigned *count)
{
	struct ex_profraw_file file;
	*count = 0;
	if (ex_profraw_file_load(&file, path))
		return EX_PROFRAW_FOREIGN;
	enum ex_profraw what = file.what;
	*count = file.whole;
	if (what == EX_PROFRAW_UNKNOWN)
		what = ex_profraw_tools_ask(path);
	if (what == EX_PROFRAW_WHOLE && !*count)
		*count = 1;
	ex_profraw_file_close(&file);
	free((void *)file.bytes);
	return what;
}
