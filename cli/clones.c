/*
 * clones.c: see clones.h. A number of a process is given out again when it is gone: only one that has the page mapped, and
 * that the page names, is the copy.
 */
#include "clones.h"

#include "meta.h"
#include "text.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define END_MS 3000

static struct ex_clones *map_page(const char *path)
{
	struct stat info;
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	void *page = MAP_FAILED;
	if (!fstat(fd, &info) && info.st_size >= (off_t)sizeof(struct ex_clones))
		page = mmap(NULL, sizeof(struct ex_clones), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (page == MAP_FAILED)
		return NULL;
	struct ex_clones *clones = page;
	if (!memcmp(clones->magic, "exclones", sizeof(clones->magic)) && clones->trace_version == EX_TRACE_VERSION)
		return clones;
	munmap(page, sizeof(struct ex_clones));
	return NULL;
}

/* path of the page that a process has mapped, NULL */
static const char *page_of(pid_t pid)
{
	char *line = NULL, *found = NULL;
	size_t size = 0;
	FILE *maps = fopen(ex_format("/proc/%d/maps", (int)pid), "re");
	while (maps && !found && getline(&line, &size, maps) >= 0) {
		char *path = strchr(line, '/');
		line[strcspn(line, "\n")] = '\0';
		if (path && strstr(path, "/" EX_CLONES_NAME))
			found = strdup(path);
	}
	if (maps)
		fclose(maps);
	free(line);
	return found;
}

static int is_there(const struct ex_clone *clone)
{
	const char *name = strrchr(clone->path, '/');
	pid_t pid = (pid_t)clone->slot->pid;
	if (pid <= 0 || (clone->slot->state != EX_CLONE_WAITS && clone->slot->state != EX_CLONE_RUNS))
		return 0;
	const char *page = page_of(pid), *end = page ? strstr(page, name) : NULL;
	return end && !strcmp(end, name);
}

/* one that was told to end is as good as gone */
int ex_clone_lives(struct ex_clone *clone)
{
	clone->waits = clone->slot->wish != EX_CLONE_END && is_there(clone);
	return clone->waits;
}

void ex_clone_wait(const struct ex_clone *clone)
{
	const struct timespec pause = {0, 2000000};
	for (int ms = 0; ms < END_MS && is_there(clone); ms += 2)
		nanosleep(&pause, NULL);
}

static int by_number(const void *a, const void *b)
{
	const struct ex_clone *x = a, *y = b;
	return (x->slot->number > y->slot->number) - (x->slot->number < y->slot->number);
}

static void add_page(struct ex_clone_list *clones, const char *trace, const char *path)
{
	struct ex_clones *page = map_page(path);
	for (uint32_t n = 0; page && n < EX_CLONE_SLOTS; n++) {
		if (!page->slots[n].pid || page->slots[n].state == EX_CLONE_NONE)
			continue;
		clones->list = realloc(clones->list, (clones->count + 1) * sizeof(*clones->list));
		if (!clones->list)
			abort();
		struct ex_clone *clone = &clones->list[clones->count++];
		*clone = (struct ex_clone){.trace = trace, .path = path, .page = page, .slot = &page->slots[n]};
		ex_clone_lives(clone);
	}
}

void ex_clones_read(struct ex_clone_list *clones, const char *trace)
{
	struct dirent *entry;
	*clones = (struct ex_clone_list){NULL, 0};
	DIR *dir = opendir(trace);
	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, EX_CLONES_NAME, strlen(EX_CLONES_NAME)))
			add_page(clones, trace, ex_format("%s/%s", trace, entry->d_name));
	if (dir)
		closedir(dir);
	if (clones->count)
		qsort(clones->list, clones->count, sizeof(*clones->list), by_number);
}

int ex_clones_of_pid(struct ex_clone *clone, pid_t pid)
{
	struct ex_clone_list all = {NULL, 0};
	const char *path = page_of(pid), *slash = path ? strrchr(path, '/') : NULL;
	if (!path)
		return 0;
	add_page(&all, ex_format("%.*s", (int)(slash - path), path), path);
	for (size_t n = 0; n < all.count; n++)
		if (all.list[n].slot->pid == (uint32_t)pid && all.list[n].waits) {
			*clone = all.list[n];
			return 1;
		}
	return 0;
}

uint32_t ex_clone_ask(struct ex_clone *clone, enum ex_clone_wish wish)
{
	clone->slot->wish = (uint32_t)wish;
	uint32_t asked = __atomic_add_fetch(&clone->slot->asked, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &clone->slot->asked, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	return asked;
}

/* one that runs a re-run does not listen */
void ex_clone_end(struct ex_clone *clone)
{
	if (!ex_clone_lives(clone))
		return;
	if (clone->slot->state == EX_CLONE_RUNS)
		kill((pid_t)clone->slot->pid, SIGTERM);
	ex_clone_ask(clone, EX_CLONE_END);
	ex_clone_wait(clone);
	if (is_there(clone))
		kill((pid_t)clone->slot->pid, SIGKILL);
	clone->slot->state = EX_CLONE_ENDED;
	clone->waits = 0;
}

const char *ex_clone_where(const struct ex_clone *clone)
{
	const char *text = clone->page->text;
	switch (clone->page->point) {
	case EX_point_GROWTH:
		return ex_format("before growth %u", clone->slot->n);
	case EX_point_MAP_EXEC:
		return ex_format("before memory becomes executable, time %u", clone->slot->n);
	case EX_point_UNMAP_EXEC:
		return ex_format("before code is unmapped, time %u", clone->slot->n);
	case EX_point_CALL:
		return ex_format("at entry %u of %.*s", clone->slot->n, (int)strcspn(text + 5, ":"), text + 5);
	case EX_point_EVERY:
		return ex_format("at interval %u of %s", clone->slot->n, text);
	case EX_point_BEFORE:
		return text;
	default:
		return ex_format("at %s", text);
	}
}

static const char *counted(const char *text, uint64_t count, const char *what)
{
	return !count ? text
		      : ex_format("%s%s%llu %s%s", text, *text ? ", " : "", (unsigned long long)count, what,
				  count == 1 ? "" : "s");
}

const char *ex_clone_missing(const struct ex_clone *clone)
{
	const char *text = counted("", clone->slot->missing, "thread");
	text = counted(text, clone->slot->replaced, "descriptor");
	if (clone->slot->shared_bytes)
		text = ex_format("%s%s%s of memory that others write", text, *text ? ", " : "",
				 ex_bytes_text(clone->slot->shared_bytes));
	return *text ? text : NULL;
}
