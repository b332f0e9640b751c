/*
 * launcher_end.c: see launcher.h. The Sentry, the gofer and the stubs are descendants of runsc, in sessions of their own, and
 * are given away when it is killed; its folder runsc-do… holds a mount and stays then. A process is known by its number and
 * its start time: a number that was given out again is left alone.
 */
#include "launcher.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define FOLDER "/runsc-do"

struct process {
	pid_t pid, parent;
	unsigned long long start;
	int is_ours;
};

struct ex_launcher_rest {
	struct process *list;
	size_t count;
	char *folder; /* NULL */
};

/* the first bytes of a file of process pid; returns how many */
static ssize_t head(pid_t pid, const char *name, char *bytes, size_t size)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, bytes, size - 1);
	if (fd >= 0)
		close(fd);
	bytes[got > 0 ? got : 0] = '\0';
	return got;
}

static int look(struct process *process)
{
	char bytes[1024];
	int parent;
	if (head(process->pid, "stat", bytes, sizeof(bytes)) <= 0)
		return -1;
	/* its name may have anything in it */
	char *rest = strrchr(bytes, ')');
	if (!rest ||
	    sscanf(rest + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
		   &parent, &process->start) != 2)
		return -1;
	process->parent = parent;
	return 0;
}

static void all_processes(struct ex_launcher_rest *rest)
{
	struct dirent *entry;
	DIR *proc = opendir("/proc");
	while (proc && (entry = readdir(proc))) {
		struct process one = {.pid = atoi(entry->d_name)};
		if (one.pid <= 0 || look(&one))
			continue;
		rest->list = realloc(rest->list, (rest->count + 1) * sizeof(one));
		if (!rest->list)
			abort();
		rest->list[rest->count++] = one;
	}
	if (proc)
		closedir(proc);
}

/* --root=/tmp/runsc-do123 in the command line of one of its processes */
static void find_folder(struct ex_launcher_rest *rest, pid_t pid)
{
	char bytes[4096];
	ssize_t got = head(pid, "cmdline", bytes, sizeof(bytes));
	for (char *word = bytes; word < bytes + got && !rest->folder; word += strlen(word) + 1) {
		char *path = strchr(word, '/'), *last = strrchr(word, '/');
		if (path && !strncmp(last, FOLDER, strlen(FOLDER)))
			rest->folder = strdup(path);
	}
}

struct ex_launcher_rest *ex_launcher_look(pid_t pid)
{
	struct ex_launcher_rest *rest = calloc(1, sizeof(*rest));
	if (!rest)
		abort();
	all_processes(rest);
	for (int is_new = 1; is_new;) {
		is_new = 0;
		for (size_t n = 0; n < rest->count; n++) {
			struct process *one = &rest->list[n];
			int has_parent = one->parent == pid;
			for (size_t m = 0; m < rest->count && !has_parent; m++)
				has_parent = rest->list[m].is_ours && rest->list[m].pid == one->parent;
			is_new |= has_parent && !one->is_ours;
			one->is_ours |= has_parent;
		}
	}
	for (size_t n = 0; n < rest->count; n++)
		if (rest->list[n].is_ours)
			find_folder(rest, rest->list[n].pid);
	return rest;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	remove(path);
	return 0;
}

/* what is mounted in there first, and then nothing of another file system is gone into */
static void remove_folder(const char *folder)
{
	struct dirent *entry;
	char path[4096];
	DIR *dir = opendir(folder);
	while (dir && (entry = readdir(dir)))
		if (*entry->d_name != '.' &&
		    snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) < (int)sizeof(path))
			umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
	if (dir)
		closedir(dir);
	nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

void ex_launcher_sweep(struct ex_launcher_rest *rest)
{
	for (size_t n = 0; rest && n < rest->count; n++) {
		struct process now = {.pid = rest->list[n].pid};
		if (rest->list[n].is_ours && !look(&now) && now.start == rest->list[n].start)
			kill(now.pid, SIGKILL);
	}
	if (rest && rest->folder)
		remove_folder(rest->folder);
}
