/*
 * profraw_place.c: see profraw_place.h. With LLVM_PROFILE_FILE set, each run gets the same file name in a folder of
 * its own. Without it a program writes default.profraw, or the name it was built with, wherever that is: such files
 * are set aside before the next run, since a stale one is merged with, and a partial one hides a crash. Must leave the
 * user's own files as they were.
 */
#include "profraw_place.h"

#include "profraw_aside.h"
#include "profraw_pool.h"
#include "profraw_where.h"
#include "text.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct ex_profraw_place {
	const char *base;	     /* file name of LLVM_PROFILE_FILE, NULL when it is unset */
	struct ex_profraw_where own; /* where LLVM_PROFILE_FILE leads: no run writes there */
	struct ex_profraw_where where;
	struct ex_profraw_aside *asides[EX_PROFRAW_WHERE_MAX]; /* of where's; NULL: another exeunt is at it */
	unsigned opened;				       /* of these */
	unsigned set_aside;				       /* patterns that the run which is under way began with */
	struct timespec began;
	const char **stale; /* NULL behind the last */
	unsigned stale_count;
	int is_seeded;
};

/* the files of a pattern, with that behind their names, NULL behind the last */
static const char **names_of(const struct ex_profraw_pattern *pattern, const char *behind)
{
	const char *glob = ex_format("%s%s", pattern->glob, behind);
	struct dirent **entries;
	int count = scandir(pattern->dir, &entries, NULL, alphasort), found = 0;
	const char **names = calloc((size_t)(count > 0 ? count : 0) + 1, sizeof(*names));
	if (!names)
		abort();
	for (int i = 0; i < count; i++)
		if (fnmatch(glob, entries[i]->d_name, FNM_PERIOD) == 0 && entries[i]->d_type != DT_DIR)
			names[found++] = entries[i]->d_name;
	return names;
}

/* born since the run began. Where the file system keeps no birth time: changed since */
static int is_new(const char *path, struct timespec began)
{
	struct statx info;
	if (statx(AT_FDCWD, path, 0, STATX_BTIME | STATX_MTIME, &info))
		return 0;
	struct statx_timestamp time = info.stx_mask & STATX_BTIME ? info.stx_btime : info.stx_mtime;
	return time.tv_sec != began.tv_sec ? time.tv_sec > began.tv_sec : time.tv_nsec >= began.tv_nsec;
}

/* a damaged file which the runtime would refuse to merge into */
static int is_stale(const char *path)
{
	struct ex_profraw_file file;
	if (ex_profraw_file_load(&file, path))
		return 0;
	int is_refused = ex_profraw_refusal(&file) && ex_profraw_pool(path, &file) != EX_PROFRAW_POOL_NONE;
	ex_profraw_file_close(&file);
	free((void *)file.bytes);
	return is_refused;
}

/* has_run: what the run that is over made is its own */
static void look_for_stale(struct ex_profraw_place *place, const struct ex_profraw_pattern *pattern, int has_run)
{
	if (!pattern->is_pool)
		return;
	for (const char **name = names_of(pattern, ""); *name; name++) {
		const char *path = ex_format("%s/%s", pattern->dir, *name);
		if ((has_run && is_new(path, place->began)) || !is_stale(path))
			continue;
		place->stale = realloc(place->stale, (place->stale_count + 2) * sizeof(*place->stale));
		if (!place->stale)
			abort();
		place->stale[place->stale_count++] = path;
		place->stale[place->stale_count] = NULL;
	}
}

/* patterns that have come to be known */
static void open_asides(struct ex_profraw_place *place, int has_run)
{
	for (; place->opened < place->where.count; place->opened++) {
		const struct ex_profraw_pattern *pattern = &place->where.patterns[place->opened];
		place->asides[place->opened] = ex_profraw_aside_open(pattern->dir);
		if (!place->asides[place->opened])
			place->where.is_blind = 1;
		look_for_stale(place, pattern, has_run);
	}
}

struct ex_profraw_place *ex_profraw_place_open(char *const *argv)
{
	struct ex_profraw_place *place = calloc(1, sizeof(*place));
	const char *file = getenv("LLVM_PROFILE_FILE"), *own = "default.profraw";
	char cwd[PATH_MAX];
	if (!place)
		abort();
	if (!getcwd(cwd, sizeof(cwd)))
		strcpy(cwd, "/");
	if (file && *file) {
		const char *slash = strrchr(file, '/');
		place->base = slash ? slash + 1 : file;
		if (!*place->base)
			place->base = own;
		ex_profraw_where_add(&place->own, cwd, file, strlen(file));
		for (unsigned n = 0; n < place->own.count; n++)
			look_for_stale(place, &place->own.patterns[n], 0);
	} else {
		ex_profraw_where_add(&place->where, cwd, own, strlen(own));
	}
	ex_profraw_where_command(&place->where, argv, !place->base);
	open_asides(place, 0);
	return place;
}

const char *const *ex_profraw_place_stale(const struct ex_profraw_place *place)
{
	static const char *const none[] = {NULL};
	return place->stale ? place->stale : none;
}

void ex_profraw_place_seed(struct ex_profraw_place *place, int on)
{
	place->is_seeded = on;
}

static void copy(const char *from, const char *to)
{
	struct stat info;
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	off_t left = in < 0 || out < 0 || fstat(in, &info) ? 0 : info.st_size;
	for (ssize_t sent = 1; left > 0 && sent > 0; left -= sent)
		sent = sendfile(out, in, NULL, (size_t)left);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
}

static int is_in(const char *path, const char *dir)
{
	size_t length = strlen(dir);
	return strncmp(path, dir, length) == 0 && path[length] == '/' && !strchr(path + length + 1, '/');
}

static const char *name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* where the stale ones would meet the program outside of exeunt */
static void seed(const struct ex_profraw_place *place, const char *folder)
{
	for (const char *const *path = ex_profraw_place_stale(place); *path; path++) {
		const char *name = name_of(*path);
		unsigned n = 0;
		while (n < place->set_aside && !is_in(*path, place->where.patterns[n].dir))
			n++;
		if (n == place->set_aside)
			copy(*path, ex_format("%s/%s", folder, name));
		else if (place->asides[n])
			copy(ex_profraw_aside_path(place->asides[n], name), *path);
	}
}

const char *ex_profraw_place_begin(struct ex_profraw_place *place, const char *folder)
{
	int is_in_the_way = 0;
	/* file systems stamp with a coarse clock, that may lag a tick behind */
	clock_gettime(CLOCK_REALTIME_COARSE, &place->began);
	place->set_aside = place->where.count;
	for (unsigned n = 0; n < place->where.count; n++) {
		if (!place->asides[n])
			continue;
		for (const char **name = names_of(&place->where.patterns[n], ""); *name; name++)
			is_in_the_way |= ex_profraw_aside_put(place->asides[n], *name);
	}
	if (place->is_seeded)
		seed(place, folder);
	if (place->base)
		return ex_format("LLVM_PROFILE_FILE=%s/%s", folder, place->base);
	/* a folder where nothing can be renamed; but its files might be written to */
	return is_in_the_way ? ex_format("LLVM_PROFILE_FILE=%s/default_%%m.profraw", folder) : NULL;
}

#define UNFINISHED ".exeunt-[0-9]*" /* what salvage leaves of a file when it is killed over it */

static void collect(const struct ex_profraw_place *place, unsigned n, const char *folder)
{
	const struct ex_profraw_pattern *pattern = &place->where.patterns[n];
	if (!place->asides[n])
		return;
	for (const char **name = names_of(pattern, ""); *name; name++) {
		const char *path = ex_format("%s/%s", pattern->dir, *name);
		/* a pattern learnt from this very run was not cleared before it: only what it made is its own */
		if (n < place->set_aside || is_new(path, place->began))
			ex_profraw_aside_move(path, ex_format("%s/%s", folder, *name));
	}
	for (const char **name = names_of(pattern, UNFINISHED); *name; name++) {
		const char *path = ex_format("%s/%s", pattern->dir, *name);
		if (is_new(path, place->began))
			ex_profraw_aside_move(path, ex_format("%s/%s", folder, *name));
	}
}

/* files that exeunt's library wrote in one of the folders, whatever they are called */
static void collect_salvaged(const struct ex_profraw_place *place, const char *folder,
			     const struct ex_processes *processes)
{
	for (size_t i = 0; i < processes->count; i++)
		for (size_t k = 0; k < processes->images[i].event_count; k++) {
			const struct ex_event *event = processes->images[i].events[k];
			if (event->meta->id != EX_EV_SALVAGED || EX_EVENT(event, salvaged)->error)
				continue;
			const char *path = ex_format("%.*s", (int)event->tail[0].length, event->tail[0].bytes);
			for (unsigned n = 0; n < place->where.count; n++)
				if (is_in(path, place->where.patterns[n].dir) && place->asides[n] &&
				    is_new(path, place->began))
					ex_profraw_aside_move(path, ex_format("%s/%s", folder, name_of(path)));
		}
}

/* a file that was seeded, and is as damaged as it was */
static int is_seed(const struct ex_profraw_place *place, const char *path)
{
	const char *const *stale = ex_profraw_place_stale(place);
	while (*stale && strcmp(name_of(*stale), name_of(path)) != 0)
		stale++;
	return place->is_seeded && *stale && is_stale(path);
}

static int count_whole(const struct ex_profraw_place *place, const char *folder, int writers)
{
	struct dirent **entries;
	int whole = 0, damaged = 0, count = scandir(folder, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		const char *path = ex_format("%s/%s", folder, entries[i]->d_name);
		unsigned profiles;
		/* a file may be hidden: %c in a name becomes nothing */
		if (entries[i]->d_type == DT_DIR || is_seed(place, path) ||
		    fnmatch("*" UNFINISHED, entries[i]->d_name, 0) == 0)
			continue;
		enum ex_profraw what = ex_profraw_check(path, &profiles);
		damaged += what == EX_PROFRAW_CUT || what == EX_PROFRAW_BROKEN || what == EX_PROFRAW_UNKNOWN;
		/* what several processes append to one file at a time may be torn by any of them */
		if (what == EX_PROFRAW_WHOLE || writers > 1)
			whole += (int)profiles;
	}
	return !whole && damaged && writers > 1 ? -1 : whole;
}

int ex_profraw_place_end(struct ex_profraw_place *place, const char *folder, const struct ex_processes *processes)
{
	int writers = 0;
	for (size_t i = 0; processes && i < processes->count; i++)
		writers += processes->images[i].has_writer != 0;
	if (processes && !place->base)
		ex_profraw_where_processes(&place->where, processes);
	open_asides(place, 1);
	for (unsigned n = 0; n < place->where.count; n++)
		collect(place, n, folder);
	if (processes)
		collect_salvaged(place, folder, processes);
	for (unsigned n = 0; n < place->set_aside; n++)
		if (place->asides[n])
			ex_profraw_aside_back(place->asides[n], folder);
	int whole = count_whole(place, folder, writers);
	/* a name set at run time is beyond us as well, but then the program writes without its exit handler */
	return !whole && place->where.is_blind ? -1 : whole;
}
