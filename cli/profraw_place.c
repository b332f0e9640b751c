/*
 * profraw_place.c: see profraw_place.h. With LLVM_PROFILE_FILE set, each run gets the same file name in a folder of
 * its own. Without it a program writes default.profraw, or the name it was built with, wherever that is: such files
 * are moved out of the way of the next run, since a stale one is merged with, and a partial one hides a crash. Must
 * leave the user's own files as they were.
 */
#include "profraw_place.h"

#include "profraw.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ASIDE ".exeunt-aside."
#define PATTERNS_MAX 16

struct ex_profraw_place {
	const char *base; /* file name of LLVM_PROFILE_FILE, NULL when it is unset */
	struct {
		const char *dir, *glob;
	} patterns[PATTERNS_MAX];
	unsigned count;
	int is_blind;	    /* a program names a place that cannot be watched */
	unsigned set_aside; /* patterns that the run which is under way began with */
	struct timespec began;
	const char **stale; /* NULL behind the last */
	int is_seeded;
};

const char *const *ex_profraw_place_stale(const struct ex_profraw_place *place)
{
	static const char *const none[] = {NULL};
	return place->stale ? place->stale : none;
}

void ex_profraw_place_seed(struct ex_profraw_place *place, int on)
{
	place->is_seeded = on;
}

/* "%m" and the like can become anything */
static const char *as_glob(const char *name)
{
	char *glob = calloc(2, strlen(name) + 1), *out = glob;
	if (!glob)
		abort();
	for (; *name; name++) {
		if (*name == '%' && name[1]) {
			while (name[1] >= '0' && name[1] <= '9')
				name++;
			name += name[1] != 0;
			*out++ = '*';
		} else if (strchr("*?[\\", *name)) {
			*out++ = '?';
		} else {
			*out++ = *name;
		}
	}
	return glob;
}

static void add_pattern(struct ex_profraw_place *place, const char *cwd, const char *pattern, size_t length)
{
	char *path;
	if (asprintf(&path, "%s%s%.*s", *pattern == '/' ? "" : cwd, *pattern == '/' ? "" : "/", (int)length, pattern) <
	    0)
		abort();
	char *slash = strrchr(path, '/');
	if (!slash[1])
		return;
	if (place->count == PATTERNS_MAX || memchr(path, '%', (size_t)(slash - path))) {
		place->is_blind = 1;
		return;
	}
	*slash = '\0';
	const char *glob = as_glob(slash + 1), *dir = *path ? path : "/";
	for (unsigned i = 0; i < place->count; i++)
		if (!strcmp(place->patterns[i].dir, dir) && !strcmp(place->patterns[i].glob, glob))
			return;
	place->patterns[place->count].dir = dir;
	place->patterns[place->count++].glob = glob;
}

struct ex_profraw_place *ex_profraw_place_open(char *const *argv)
{
	(void)argv;
	struct ex_profraw_place *place = calloc(1, sizeof(*place));
	const char *file = getenv("LLVM_PROFILE_FILE"), *slash;
	char cwd[PATH_MAX];
	if (!place)
		abort();
	if (file && *file) {
		slash = strrchr(file, '/');
		place->base = slash ? slash + 1 : file;
		if (!*place->base)
			place->base = "default.profraw";
	} else if (getcwd(cwd, sizeof(cwd))) {
		add_pattern(place, cwd, "default.profraw", strlen("default.profraw"));
	}
	return place;
}

/* names of profiles that a module was built with (-fprofile-generate=DIR, -fprofile-instr-generate=FILE) are strings
 * in it that end in .profraw */
static void learn_from_module(struct ex_profraw_place *place, const char *path, const char *cwd)
{
	static const char suffix[] = ".profraw";
	struct stat info;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
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
		add_pattern(place, cwd, begin, (size_t)(end - begin));
	}
	munmap(bytes, length);
}

static void learn(struct ex_profraw_place *place, const struct ex_processes *processes)
{
	for (size_t i = 0; i < processes->count; i++) {
		const struct ex_image *image = &processes->images[i];
		if (image->has_writer && image->cwd && *image->cwd == '/')
			add_pattern(place, image->cwd, "default.profraw", strlen("default.profraw"));
		for (size_t n = 0; n < image->event_count; n++) {
			const struct ex_event *event = image->events[n];
			if (event->meta->id != EX_EV_WRITER)
				continue;
			const struct ex_module *module =
				ex_image_module(image, EX_EVENT(event, writer)->fn, event->time_ns);
			if (module && image->cwd)
				learn_from_module(place, module->path, image->cwd);
		}
	}
}

static void move(const char *from, const char *to)
{
	struct stat info;
	if (!rename(from, to))
		return;
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int is_copied = in >= 0 && out >= 0 && !fstat(in, &info);
	for (off_t left = is_copied ? info.st_size : 0; left > 0;) {
		ssize_t sent = sendfile(out, in, NULL, (size_t)left);
		if (sent <= 0) {
			is_copied = 0;
			break;
		}
		left -= sent;
	}
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	unlink(is_copied ? from : to);
}

static int is_older(struct timespec time, struct timespec than)
{
	return time.tv_sec != than.tv_sec ? time.tv_sec < than.tv_sec : time.tv_nsec < than.tv_nsec;
}

/* born since the run began. Where the file system keeps no birth time: changed since */
static int is_new(const char *path, struct timespec began)
{
	struct statx info;
	if (statx(AT_FDCWD, path, 0, STATX_BTIME | STATX_MTIME, &info))
		return 0;
	struct statx_timestamp time = info.stx_mask & STATX_BTIME ? info.stx_btime : info.stx_mtime;
	return !is_older((struct timespec){.tv_sec = time.tv_sec, .tv_nsec = time.tv_nsec}, began);
}

/* calls what(from path, bare file name) for the files of a pattern */
static void each_file(const struct ex_profraw_place *place, unsigned n, const char *prefix,
		      void (*what)(const struct ex_profraw_place *, unsigned, const char *, const char *, const char *),
		      const char *folder)
{
	struct dirent **entries;
	int count = scandir(place->patterns[n].dir, &entries, NULL, NULL);
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		char *path;
		if (strncmp(name, prefix, strlen(prefix)) != 0)
			continue;
		if (fnmatch(place->patterns[n].glob, name + strlen(prefix), FNM_PERIOD) != 0)
			continue;
		if (asprintf(&path, "%s/%s", place->patterns[n].dir, name) < 0)
			abort();
		what(place, n, path, name + strlen(prefix), folder);
	}
}

static void put_aside(const struct ex_profraw_place *place, unsigned n, const char *path, const char *name,
		      const char *folder)
{
	char *to;
	(void)folder;
	if (asprintf(&to, "%s/" ASIDE "%s", place->patterns[n].dir, name) < 0)
		abort();
	rename(path, to);
}

static void put_back(const struct ex_profraw_place *place, unsigned n, const char *path, const char *name,
		     const char *folder)
{
	char *to;
	(void)folder;
	if (asprintf(&to, "%s/%s", place->patterns[n].dir, name) < 0)
		abort();
	rename(path, to);
}

static void collect(const struct ex_profraw_place *place, unsigned n, const char *path, const char *name,
		    const char *folder)
{
	char *to;
	/* a pattern learnt from this very run was not cleared before it: only what it made is its own */
	if (n >= place->set_aside && !is_new(path, place->began))
		return;
	if (asprintf(&to, "%s/%s", folder, name) < 0)
		abort();
	move(path, to);
}

const char *ex_profraw_place_begin(struct ex_profraw_place *place, const char *folder)
{
	char *assignment;
	/* file systems stamp with a coarse clock, that may lag a tick behind */
	clock_gettime(CLOCK_REALTIME_COARSE, &place->began);
	place->set_aside = place->count;
	for (unsigned n = 0; n < place->count; n++)
		each_file(place, n, "", put_aside, NULL);
	if (!place->base)
		return NULL;
	if (asprintf(&assignment, "LLVM_PROFILE_FILE=%s/%s", folder, place->base) < 0)
		abort();
	return assignment;
}

int ex_profraw_place_end(struct ex_profraw_place *place, const char *folder, const struct ex_processes *processes)
{
	struct dirent **entries;
	int whole = 0, damaged = 0, writers = 0;
	for (size_t i = 0; processes && i < processes->count; i++)
		writers += processes->images[i].has_writer != 0;
	if (processes && !place->base)
		learn(place, processes);
	for (unsigned n = 0; n < place->count; n++)
		each_file(place, n, "", collect, folder);
	for (unsigned n = 0; n < place->set_aside; n++)
		each_file(place, n, ASIDE, put_back, NULL);
	int count = scandir(folder, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		char *path;
		unsigned profiles;
		if (entries[i]->d_name[0] == '.')
			continue;
		if (asprintf(&path, "%s/%s", folder, entries[i]->d_name) < 0)
			abort();
		enum ex_profraw what = ex_profraw_check(path, &profiles);
		damaged += what == EX_PROFRAW_CUT || what == EX_PROFRAW_BROKEN || what == EX_PROFRAW_UNKNOWN;
		/* what several processes append to one file at a time may be torn by any of them */
		if (what == EX_PROFRAW_WHOLE || writers > 1)
			whole += (int)profiles;
	}
	if (!whole && damaged && writers > 1)
		return -1;
	/* a name set at run time is beyond us as well, but then the program writes without its exit handler */
	return !whole && place->is_blind ? -1 : whole;
}
