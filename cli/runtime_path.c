/*
 * runtime_path.c: where the dynamic linker would find a shared library by its name. Only used for sanitizer runtimes,
 * which must stand in LD_PRELOAD by full path: children of other programs would complain about a bare name that
 * only the first program's own search path can find.
 */
#include "program.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ld.so.cache as ldconfig of glibc 2.2 and later writes it; offsets of strings count from this header */
struct cache_entry {
	int32_t flags;
	uint32_t key, value, osversion;
	uint64_t hwcap;
};

struct cache_header {
	char magic[20]; /* "glibc-ld.so.cache1.1" */
	uint32_t count, strings_bytes;
	uint8_t flags, padding[3];
	uint32_t extension, unused[3];
};

static int is_native(const char *path)
{
	struct ex_elf elf = {0};
	return !ex_elf_peek(&elf, path) && elf.is_whole && !elf.is_foreign;
}

static const char *in_cache_bytes(const char *bytes, size_t length, const char *soname)
{
	static const char magic[] = "glibc-ld.so.cache1.1";
	/* an old format may stand before it */
	const char *start = memmem(bytes, length, magic, sizeof(magic) - 1);
	struct cache_header header;
	if (!start || (size_t)(bytes + length - start) < sizeof(header))
		return NULL;
	memcpy(&header, start, sizeof(header));
	length -= (size_t)(start - bytes);
	if (header.count > (length - sizeof(header)) / sizeof(struct cache_entry))
		return NULL;
	for (uint32_t i = 0; i < header.count; i++) {
		struct cache_entry entry;
		memcpy(&entry, start + sizeof(header) + i * sizeof(entry), sizeof(entry));
		if (entry.key >= length || entry.value >= length || !memchr(start + entry.key, 0, length - entry.key) ||
		    !memchr(start + entry.value, 0, length - entry.value))
			continue;
		if (!strcmp(start + entry.key, soname) && is_native(start + entry.value))
			return strdup(start + entry.value);
	}
	return NULL;
}

static const char *in_cache(const char *soname)
{
	const char *found = NULL;
	struct stat info;
	int fd = open("/etc/ld.so.cache", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (!fstat(fd, &info) && info.st_size > 0) {
		size_t length = (size_t)info.st_size;
		void *bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
		if (bytes != MAP_FAILED) {
			found = in_cache_bytes(bytes, length, soname);
			munmap(bytes, length);
		}
	}
	close(fd);
	return found;
}

/* dirs as in RUNPATH: separated by colons, $ORIGIN is the folder of the program */
static const char *in_dirs(const char *dirs, const char *soname, const char *origin_file)
{
	const char *slash = strrchr(origin_file, '/');
	int origin_bytes = slash ? (int)(slash - origin_file) : 1;
	const char *origin = slash ? origin_file : ".";
	for (const char *dir = dirs; *dir;) {
		int length = (int)strcspn(dir, ":;");
		int mark = !strncmp(dir, "$ORIGIN", 7) ? 7 : !strncmp(dir, "${ORIGIN}", 9) ? 9 : 0;
		char *path, *full;
		if (asprintf(&path, "%.*s%.*s/%s", mark ? origin_bytes : 0, origin, length - mark, dir + mark, soname) <
		    0)
			abort();
		if (length && is_native(path) && (full = realpath(path, NULL)))
			return full;
		dir += length;
		dir += *dir != '\0';
	}
	return NULL;
}

const char *ex_runtime_path(const char *soname, const char *search, const char *origin_file)
{
	const char *variable = getenv("LD_LIBRARY_PATH"), *found = NULL;
	if (variable)
		found = in_dirs(variable, soname, origin_file);
	if (!found)
		found = in_dirs(search, soname, origin_file);
	if (!found)
		found = in_cache(soname);
	if (!found)
		found = in_dirs("/lib64:/usr/lib64:/lib:/usr/lib", soname, origin_file);
	return found ? found : soname;
}
