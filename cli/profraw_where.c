/*
 * profraw_where.c: see profraw_where.h. A name that a program was built with (-fprofile-generate=DIR,
 * -fprofile-instr-generate=FILE) is a string in it that ends in .profraw; the runtime's own default is such a string too.
 */
#include "profraw_where.h"

#include "program.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define VARIABLE "LLVM_PROFILE_FILE="
#define LIBRARIES_MAX 256

/* what %m and the like become can be anything */
static const char *as_glob(const char *name, int *is_pool)
{
	char *glob = calloc(2, strlen(name) + 1), *out = glob;
	int has_pid = 0;
	if (!glob)
		abort();
	*is_pool = 0;
	for (; *name; name++) {
		if (*name == '%' && name[1]) {
			while (name[1] >= '0' && name[1] <= '9')
				name++;
			*is_pool |= name[1] == 'm';
			has_pid |= name[1] == 'p';
			name += name[1] != 0;
			*out++ = '*';
		} else {
			*out++ = strchr("*?[\\", *name) ? '?' : *name;
		}
	}
	*is_pool &= !has_pid; /* another process would not meet it */
	return glob;
}

void ex_profraw_where_add(struct ex_profraw_where *where, const char *cwd, const char *name, size_t length)
{
	char *path;
	if (asprintf(&path, "%s%s%.*s", *name == '/' ? "" : cwd, *name == '/' ? "" : "/", (int)length, name) < 0)
		abort();
	char *slash = strrchr(path, '/');
	if (!slash[1])
		return;
	if (where->count == EX_PROFRAW_WHERE_MAX || memchr(path, '%', (size_t)(slash - path))) {
		where->is_blind = 1;
		return;
	}
	*slash = '\0';
	struct ex_profraw_pattern pattern = {.dir = *path ? path : "/"};
	pattern.glob = as_glob(slash + 1, &pattern.is_pool);
	for (unsigned i = 0; i < where->count; i++)
		if (!strcmp(where->patterns[i].dir, pattern.dir) && !strcmp(where->patterns[i].glob, pattern.glob))
			return;
	where->patterns[where->count++] = pattern;
}

static void add_built_in(struct ex_profraw_where *where, const char *path, const char *cwd)
{
	static const char suffix[] = ".profraw";
	struct stat info;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &info) || !S_ISREG(info.st_mode) || !info.st_size) {
		if (fd >= 0)
			close(fd);
		return;
	}
	size_t length = (size_t)info.st_size;
	char *bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (bytes == MAP_FAILED)
		return;
	for (char *at = bytes; (at = memmem(at, length - (size_t)(at - bytes), suffix, sizeof(suffix))); at++) {
		char *begin = at, *end = at + sizeof(suffix) - 1;
		while (begin > bytes && begin[-1] >= ' ' && begin[-1] < 127 && end - begin < PATH_MAX)
			begin--;
		ex_profraw_where_add(where, cwd, begin, (size_t)(end - begin));
	}
	munmap(bytes, length);
}

struct libraries {
	const char *paths[LIBRARIES_MAX];
	unsigned count;
};

static int is_new(struct libraries *seen, const char *path)
{
	for (unsigned n = 0; n < seen->count; n++)
		if (!strcmp(seen->paths[n], path))
			return 0;
	if (seen->count == LIBRARIES_MAX)
		return 0;
	seen->paths[seen->count++] = path;
	return 1;
}

static void add_object(struct ex_profraw_where *where, const char *path, const char *cwd, struct libraries *seen)
{
	struct ex_elf elf;
	if (!is_new(seen, path) || ex_elf_peek(&elf, path) || !elf.is_whole || elf.is_foreign)
		return;
	if (elf.is_profiled)
		add_built_in(where, path, cwd);
	for (const char **name = elf.needed; name && *name; name++)
		add_object(where, ex_runtime_path(*name, elf.search, path), cwd, seen);
}

/* "env" may take the variable out of a program's environment */
static int is_env(const char *word)
{
	const char *slash = strrchr(word, '/');
	return strcmp(slash ? slash + 1 : word, "env") == 0;
}

void ex_profraw_where_command(struct ex_profraw_where *where, char *const *argv, int is_unset)
{
	static struct libraries seen;
	char cwd[PATH_MAX];
	if (!getcwd(cwd, sizeof(cwd)))
		return;
	for (; *argv; argv++) {
		struct ex_program program;
		if (strncmp(*argv, VARIABLE, strlen(VARIABLE)) == 0 && (*argv)[strlen(VARIABLE)]) {
			const char *name = *argv + strlen(VARIABLE);
			ex_profraw_where_add(where, cwd, name, strlen(name));
			continue;
		}
		is_unset |= is_env(*argv);
		if (!is_unset)
			continue;
		ex_program_examine(&program, *argv, NULL, getenv("PATH"));
		if (program.kind == EX_PROGRAM_DYNAMIC && !program.is_script)
			add_object(where, program.file, cwd, &seen);
	}
}

void ex_profraw_where_processes(struct ex_profraw_where *where, const struct ex_processes *processes)
{
	static const char own[] = "default.profraw";
	for (size_t i = 0; i < processes->count; i++) {
		const struct ex_image *image = &processes->images[i];
		if (!image->cwd || *image->cwd != '/')
			continue;
		if (image->has_writer)
			ex_profraw_where_add(where, image->cwd, own, strlen(own));
		for (size_t n = 0; n < image->event_count; n++) {
			const struct ex_event *event = image->events[n];
			const struct ex_module *module =
				event->meta->id == EX_EV_WRITER
					? ex_image_module(image, EX_EVENT(event, writer)->fn, event->time_ns)
					: NULL;
			if (module)
				add_built_in(where, module->path, image->cwd);
		}
	}
}
