/*
 * profraw_aside.c: see profraw_aside.h. Must never overwrite a file of the user's, and never lose one: all ways are renames that
 * replace nothing.
 */
#include "profraw_aside.h"

#include "say.h"
#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER ".exeunt-aside."
#define ASIDES_MAX 64

struct ex_profraw_aside {
	const char *dir, *folder;
	int fd; /* of folder, locked; -1: there is none */
	struct file {
		const char *name, *here, *there;
	} * files;
	unsigned count;
};

static struct ex_profraw_aside *asides[ASIDES_MAX]; /* for the signal handler too */
static unsigned aside_count;

/* not every file system knows how to replace nothing in one step */
static int rename_to_new(const char *from, const char *to)
{
	if (!renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL)
		return -1;
	if (link(from, to))
		return -1;
	return unlink(from);
}

/* DIR/NAME makes room, under the first name that is free */
static const char *make_room(const char *path)
{
	for (unsigned n = 1; n < 1000; n++) {
		const char *to = ex_format("%s.exeunt-kept-%u", path, n);
		if (!rename_to_new(path, to))
			return to;
		if (errno != EEXIST)
			break;
	}
	return NULL;
}

static void bring_back(const char *from, const char *to)
{
	const char *other = NULL;
	int failed = rename_to_new(from, to);
	if (failed && errno == EEXIST) {
		other = make_room(to);
		failed = rename_to_new(from, to);
	}
	if (failed)
		ex_note(EX_MSG_NOT_BROUGHT_BACK, from, to, strerror(errno));
	else if (other)
		ex_note(EX_MSG_BROUGHT_BACK_BESIDE, to, other);
	else
		ex_note(EX_MSG_BROUGHT_BACK, to);
}

/* -1: its owner lives */
static int recover(const char *dir, const char *folder)
{
	struct dirent **entries;
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return -1;
	}
	int count = scandir(folder, &entries, NULL, NULL);
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
			bring_back(ex_format("%s/%s", folder, name), ex_format("%s/%s", dir, name));
	}
	rmdir(folder);
	close(fd);
	return 0;
}

static int recover_all(const char *dir)
{
	struct dirent **entries;
	int count = scandir(dir, &entries, NULL, NULL), result = 0;
	for (int i = 0; i < count; i++)
		if (strncmp(entries[i]->d_name, FOLDER, strlen(FOLDER)) == 0 &&
		    recover(dir, ex_format("%s/%s", dir, entries[i]->d_name)))
			result = -1;
	return result;
}

struct ex_profraw_aside *ex_profraw_aside_open(const char *dir)
{
	for (unsigned n = 0; n < aside_count; n++)
		if (!strcmp(asides[n]->dir, dir))
			return asides[n];
	if (recover_all(dir) || aside_count == ASIDES_MAX)
		return NULL;
	struct ex_profraw_aside *aside = calloc(1, sizeof(*aside));
	if (!aside)
		abort();
	aside->dir = dir;
	aside->folder = ex_format("%s/" FOLDER "%d", dir, (int)getpid());
	aside->fd = -1;
	asides[aside_count] = aside;
	aside_count++;
	return aside;
}

/* only system calls: runs in the handler too */
static void all_back_quietly(void)
{
	for (unsigned n = 0; n < aside_count; n++) {
		struct ex_profraw_aside *aside = asides[n];
		for (unsigned i = 0; i < aside->count; i++)
			rename_to_new(aside->files[i].there, aside->files[i].here);
		if (aside->fd >= 0)
			rmdir(aside->folder);
	}
}

static pid_t owner;

static void on_signal(int signo)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};
	if (getpid() == owner)
		all_back_quietly();
	sigaction(signo, &plain, NULL);
	raise(signo);
}

/* a signal while a command runs is taken by ex_await; these are the moments before and after */
static void catch_signals(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction ours = {.sa_handler = on_signal}, now;
	if (owner == getpid())
		return;
	owner = getpid();
	for (unsigned n = 0; n < sizeof(signals) / sizeof(*signals); n++)
		if (!sigaction(signals[n], NULL, &now) && now.sa_handler == SIG_DFL)
			sigaction(signals[n], &ours, NULL);
}

static int make_folder(struct ex_profraw_aside *aside)
{
	if (aside->fd >= 0)
		return 0;
	for (unsigned n = 0; n < 10; n++) {
		struct stat by_path, by_fd;
		if (mkdir(aside->folder, 0700) && errno != EEXIST)
			return -1;
		int fd = open(aside->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		/* another one may have taken it for a dead one's before it was locked */
		if (fd >= 0 && !flock(fd, LOCK_EX) && !fstat(fd, &by_fd) && !stat(aside->folder, &by_path) &&
		    by_path.st_ino == by_fd.st_ino) {
			aside->fd = fd;
			return 0;
		}
		if (fd >= 0)
			close(fd);
	}
	return -1;
}

int ex_profraw_aside_put(struct ex_profraw_aside *aside, const char *name)
{
	struct file file = {name, ex_format("%s/%s", aside->dir, name), ex_profraw_aside_path(aside, name)};
	struct file *files = calloc(aside->count + 1, sizeof(*files));
	if (!files)
		abort();
	catch_signals();
	if (make_folder(aside))
		return -1;
	if (aside->count)
		memcpy(files, aside->files, aside->count * sizeof(*files));
	files[aside->count] = file;
	/* told first, so that no moment is left in which a signal would forget it */
	aside->files = files;
	aside->count++;
	if (!rename_to_new(file.here, file.there))
		return 0;
	aside->count--;
	return -1;
}

const char *ex_profraw_aside_path(const struct ex_profraw_aside *aside, const char *name)
{
	return ex_format("%s/%s", aside->folder, name);
}

void ex_profraw_aside_back(struct ex_profraw_aside *aside, const char *folder)
{
	for (unsigned i = 0; i < aside->count; i++) {
		const struct file *file = &aside->files[i];
		if (!rename_to_new(file->there, file->here))
			continue;
		if (errno == EEXIST)
			ex_profraw_aside_move(file->here, ex_format("%s/%s", folder, file->name));
		if (access(file->there, F_OK) == 0)
			bring_back(file->there, file->here);
	}
	aside->count = 0;
	if (aside->fd < 0)
		return;
	rmdir(aside->folder);
	close(aside->fd);
	aside->fd = -1;
}

int ex_profraw_aside_move(const char *from, const char *to)
{
	struct stat info;
	if (!rename_to_new(from, to))
		return 0;
	if (errno != EXDEV)
		return -1;
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int is_copied = out >= 0 && !fstat(in, &info) && S_ISREG(info.st_mode);
	for (off_t left = is_copied ? info.st_size : 0; left > 0 && is_copied;) {
		ssize_t sent = sendfile(out, in, NULL, (size_t)left);
		is_copied = sent > 0;
		left -= sent;
	}
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	if (out >= 0)
		unlink(is_copied ? from : to);
	return is_copied ? 0 : -1;
}
