/*
 * program.c: finds the file that execvp would run and says whether the dynamic linker would honour LD_PRELOAD in it.
 * Must never execute anything, and never say yes to what the kernel would run without us.
 */
#include "program.h"

#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#define SCRIPT_DEPTH_MAX 5    /* the kernel gives up after as many */
#define SCRIPT_LINE_BYTES 256 /* what the kernel looks at, since 5.1 */

static const char *under(const char *cwd, const char *path)
{
	char *joined;
	if (!cwd || *path == '/')
		return strdup(path);
	if (asprintf(&joined, "%s/%s", cwd, path) < 0)
		abort();
	return joined;
}

/* 0, or why execve would refuse it before reading it */
static int executable(const char *path)
{
	struct stat info;
	if (stat(path, &info))
		return errno;
	if (!S_ISREG(info.st_mode))
		return EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) ? errno : 0;
}

/* execvp's own rules: a file that may not be executed does not end the search, and is remembered */
static int search(struct ex_program *program, const char *cwd, const char *path)
{
	int denied = 0;
	if (strchr(program->name, '/')) {
		program->path = under(cwd, program->name);
		return executable(program->path);
	}
	program->path = program->name;
	if (!*program->name)
		return ENOENT;
	for (const char *dir = path ? path : "/bin:/usr/bin";; dir++) {
		size_t length = strcspn(dir, ":");
		char *candidate;
		if (asprintf(&candidate, "%.*s%s%s", (int)length, dir, length ? "/" : "", program->name) < 0)
			abort();
		const char *file = under(cwd, candidate);
		int error = executable(file);
		if (!error || (error == EACCES && !denied))
			program->path = file;
		if (!error)
			return 0;
		denied |= error == EACCES;
		dir += length;
		if (!*dir)
			return denied ? EACCES : ENOENT;
	}
}

/* what would make the kernel set AT_SECURE, as its cap_bprm_creds_from_file decides: the new effective ids against our
 * real ones; capabilities of the file count unless we are root */
static int is_privileged(const char *path)
{
	struct stat info;
	struct statvfs mount;
	if (stat(path, &info) || (!statvfs(path, &mount) && mount.f_flag & ST_NOSUID))
		return 0;
	uid_t uid = geteuid();
	gid_t gid = getegid();
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) {
		if (info.st_mode & S_ISUID)
			uid = info.st_uid;
		if ((info.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
			gid = info.st_gid;
	}
	if (uid != getuid() || gid != getgid())
		return 1;
	return getuid() != 0 && getxattr(path, "security.capability", NULL, 0) > 0;
}

/* interpreter of a #! line, NULL when there is none */
static const char *script_interpreter(const char *path, int *error)
{
	char line[SCRIPT_LINE_BYTES + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	*error = fd < 0 ? errno : 0;
	if (fd < 0)
		return NULL;
	ssize_t bytes = read(fd, line, SCRIPT_LINE_BYTES);
	close(fd);
	if (bytes < 2 || memcmp(line, "#!", 2) != 0)
		return NULL;
	line[bytes] = '\0';
	char *word = line + 2 + strspn(line + 2, " \t");
	word[strcspn(word, " \t\n")] = '\0';
	return strdup(word);
}

static void classify(struct ex_program *program, const char *cwd)
{
	for (int depth = 0; depth < SCRIPT_DEPTH_MAX; depth++) {
		int error, denied;
		memset(&program->elf, 0, sizeof(program->elf));
		error = ex_elf_peek(&program->elf, program->file);
		if (error) {
			/* the file may be executed: only its content is hidden from us */
			program->kind = EX_PROGRAM_UNREADABLE;
			return;
		}
		if (program->elf.is_elf) {
			program->kind = EX_PROGRAM_DYNAMIC;
			if (!program->elf.is_whole) {
				program->kind = EX_PROGRAM_NOT_EXECUTABLE;
				program->why = strerror(ENOEXEC);
			} else if (program->elf.is_foreign) {
				program->kind = EX_PROGRAM_FOREIGN;
			} else if (!program->elf.is_dynamic) {
				program->kind = EX_PROGRAM_STATIC;
			} else if (is_privileged(program->file)) {
				program->kind = EX_PROGRAM_PRIVILEGED;
			}
			return;
		}
		const char *interpreter = script_interpreter(program->file, &error);
		program->is_script = 1;
		/* no #! line: execvp gives it to the shell */
		program->file = interpreter ? under(cwd, interpreter) : "/bin/sh";
		denied = executable(program->file);
		if (denied) {
			program->kind = denied == ENOENT || denied == ENOTDIR ? EX_PROGRAM_NOT_FOUND
									      : EX_PROGRAM_NOT_EXECUTABLE;
			program->why = strerror(denied);
			return;
		}
	}
	program->kind = EX_PROGRAM_NOT_EXECUTABLE;
	program->why = strerror(ELOOP);
}

void ex_program_examine(struct ex_program *program, const char *name, const char *cwd, const char *path)
{
	memset(program, 0, sizeof(*program));
	program->name = name;
	int error = search(program, cwd, path);
	program->file = program->path;
	if (error) {
		program->kind = error == ENOENT || error == ENOTDIR ? EX_PROGRAM_NOT_FOUND : EX_PROGRAM_NOT_EXECUTABLE;
		struct stat info;
		program->why = strerror(!stat(program->path, &info) && S_ISDIR(info.st_mode) ? EISDIR : error);
		return;
	}
	classify(program, cwd);
	if (program->kind != EX_PROGRAM_DYNAMIC)
		return;
	program->has_sanitizer = program->elf.asan || program->elf.has_static_asan;
	if (program->elf.asan)
		program->sanitizer = ex_runtime_path(program->elf.asan, program->elf.search, program->file);
}

int ex_program_refuse(const struct ex_program *program)
{
	switch (program->kind) {
	case EX_PROGRAM_DYNAMIC:
	case EX_PROGRAM_UNREADABLE:
		return 0;
	case EX_PROGRAM_NOT_FOUND:
		return ex_fail(EX_MSG_NOT_FOUND, *program->file ? program->file : "\"\"");
	case EX_PROGRAM_NOT_EXECUTABLE:
		return ex_fail(EX_MSG_NOT_EXECUTABLE, program->file, program->why);
	case EX_PROGRAM_STATIC:
		return ex_fail(EX_MSG_STATIC_PROGRAM, program->file);
	case EX_PROGRAM_PRIVILEGED:
		return ex_fail(EX_MSG_PRIVILEGED_PROGRAM, program->file);
	case EX_PROGRAM_FOREIGN:
		return ex_fail(EX_MSG_FOREIGN_PROGRAM, program->file);
	}
	return 0;
}

const char *ex_program_kind_text(enum ex_program_kind kind)
{
	switch (kind) {
	case EX_PROGRAM_DYNAMIC:
		return "dynamic";
	case EX_PROGRAM_UNREADABLE:
		return "unreadable";
	case EX_PROGRAM_NOT_FOUND:
		return "not found";
	case EX_PROGRAM_NOT_EXECUTABLE:
		return "not executable";
	case EX_PROGRAM_STATIC:
		return "static";
	case EX_PROGRAM_PRIVILEGED:
		return "privileged";
	case EX_PROGRAM_FOREIGN:
		return "foreign";
	}
	return "?";
}
