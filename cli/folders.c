/*
 * folders.c: see folders.h. What lies in them holds pieces of a program's memory, as a core file does: must never be
 * made for others to read, nor taken from somebody else.
 */
#include "folders.h"

#include "say.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int ex_folders_make(const char *path)
{
	for (const char *end = path; *end;) {
		end += strspn(end, "/");
		end += strcspn(end, "/");
		if (mkdir(ex_format("%.*s", (int)(end - path), path), 0700) && errno != EEXIST)
			return -1;
	}
	return 0;
}

int ex_folders_make_above(const char *path)
{
	size_t length = strlen(path);
	while (length && path[length - 1] == '/')
		length--;
	while (length && path[length - 1] != '/')
		length--;
	return length ? ex_folders_make(ex_format("%.*s", (int)length, path)) : 0;
}

/* where everybody may write, somebody else's folder of the same name is not ours */
static const char *homeless_folder(void)
{
	const char *tmp = getenv("TMPDIR");
	const char *dir = ex_format("%s/exeunt-%u", tmp && *tmp == '/' ? tmp : "/tmp", (unsigned)geteuid());
	struct stat info;
	mkdir(dir, 0700);
	if (!lstat(dir, &info) && (!S_ISDIR(info.st_mode) || info.st_uid != geteuid()))
		dir = ex_format("%s.%d", dir, (int)getpid());
	return dir;
}

/* the user's folder for what programs keep */
static const char *state_folder(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	if (state && *state == '/')
		return ex_format("%s/exeunt", state);
	/* a container's user often has a home that is not there: "/", "/nonexistent" */
	const char *dir = home && *home ? ex_format("%s/.local/state/exeunt", home) : NULL;
	return dir && !ex_folders_make(dir) ? dir : homeless_folder();
}

const char *ex_folders_for_runs(const char *name, const char *given, const char *command, int *status)
{
	const char *dir = given, *slash = strrchr(command, '/');
	if (given && access(given, F_OK) == 0) {
		*status = ex_fail(EX_MSG_TRACE_EXISTS, given);
		return NULL;
	}
	if (!given) {
		char when[32];
		time_t now = time(NULL);
		struct tm parts;
		strftime(when, sizeof(when), "%Y%m%dT%H%M%S", localtime_r(&now, &parts));
		dir = ex_format("%s/%s.%.99s.%d-%s", state_folder(), name, slash ? slash + 1 : command, (int)getpid(),
				when);
	}
	char *absolute = ex_folders_make(dir) ? NULL : realpath(dir, NULL);
	if (!absolute)
		*status = ex_fail(EX_MSG_TRACE_UNWRITABLE, dir, strerror(errno));
	return absolute;
}
