/*
 * hooks_exec.c: the exec family. libc's members call each other through hidden symbols, so every one is hooked and all
 * end here in execve or its PATH-searching form. May run in a vfork child: no lock, nothing kept.
 */
#include <alloca.h>
#include <stdarg.h>

#include "arch/arch.h"
#include "clone.h"
#include "companion.h"
#include "expand.h"
#include "follow.h"
#include "image.h"
#include "options.h"
#include "os/os.h"
#include "real.h"
#include "room.h"
#include "stream.h"
#include "thread.h"

#define ENOSYS_ 38

static char **environment(void)
{
	char ***where = ex_image_environment();
	return where ? *where : NULL;
}

/* a bad pointer must come back as EFAULT from the real call, not fault in here */
static void copy_path(char *to, size_t size, const char *from)
{
	size_t n = from ? ex_os_peek(to, (uintptr_t)from, size - 1) : 0;
	to[n] = 0;
}

enum how { BY_PATH, BY_SEARCH, BY_DESCRIPTOR, BY_FOLDER };

struct call {
	enum how how;
	const char *path;
	char *const *argv;
	int fd, flags;
};

static int become(const struct call *call, char *const envp[])
{
	if (call->how == BY_DESCRIPTOR)
		return ex_real.fexecve(call->fd, call->argv, envp);
	if (call->how == BY_FOLDER)
		return ex_real.execveat(call->fd, call->path, call->argv, envp, call->flags);
	if (call->how == BY_SEARCH) /* execvpe only, so that a changed environment reaches it: glibc 2.11 and later */
		return ex_real.execvpe ? ex_real.execvpe(call->path, call->argv, envp) : -1;
	return ex_real.execve ? ex_real.execve(call->path, call->argv, envp) : -1;
}

static int go(const struct call *call, char *const envp[])
{
	int had_companion = ex_companion_end(); /* the next program must find neither it nor what is left of it */
	ex_clone_over(EX_CLONE_EXEC);
	int result = become(call, envp);
	ex_clone_over(EX_CLONE_NOT_OVER);
	if (had_companion)
		ex_companion_start();
	return result;
}

/* A fork child that becomes a program which will speak for itself needs no file of its own: half the processes of a
 * build are such. Returns whether it was told. */
static int tell_exec(const struct ex_program *program, const char *path)
{
	if (ex_follow_is_on() && program->follow == EX_follow_YES && !ex_vforked && ex_os_pid() != ex_image.pid)
		return 0;
	EX_PUT(EXEC, exec,
	       (.pid = ex_os_pid(), .follow = (uint8_t)(ex_follow_is_on() ? program->follow : EX_follow_OFF)),
	       EX_TEXT(path), );
	return 1;
}

/* still here: the program could not be started. errno stays what it is */
static void tell_failed(struct ex_room *room, int was_told)
{
	int error = *ex_errno();
	if (was_told)
		EX_PUT(EXEC_FAILED, exec_failed, (.pid = ex_os_pid(), .error = error), );
	ex_room_give(room);
	*ex_errno() = error;
}

static int run(enum how how, const char *path, char *const argv[], char *const envp[])
{
	struct call call = {how, path, argv, -1, 0};
	ex_image_ready();
	*ex_errno() = ENOSYS_;
	struct ex_room *room = ex_image.is_started && !ex_is_inside() ? ex_room_take(envp) : NULL;
	if (!room)
		return go(&call, envp);
	const char *file = room->path;
	copy_path(room->path, sizeof(room->path), path);
	if (how == BY_SEARCH && ex_program_search(room->path, room->found, sizeof(room->found)))
		file = room->found;
	ex_program_look(&room->program, file);
	char *const *changed = ex_environment_make(&room->environment, envp, &room->program);
	int was_told = tell_exec(&room->program, file);
	int result = go(&call, changed);
	tell_failed(room, was_told);
	return result;
}

EX_EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
	return run(BY_PATH, path, argv, envp);
}

EX_EXPORT int execv(const char *path, char *const argv[])
{
	return run(BY_PATH, path, argv, environment());
}

EX_EXPORT int execvp(const char *file, char *const argv[])
{
	return run(BY_SEARCH, file, argv, environment());
}

EX_EXPORT int execvpe(const char *file, char *const argv[], char *const envp[])
{
	return run(BY_SEARCH, file, argv, envp);
}

static size_t count_args(const char *arg, va_list args)
{
	size_t n = 0;
	for (; arg; arg = va_arg(args, const char *))
		n++;
	return n;
}

static void take_args(char **argv, const char *arg, va_list args)
{
	for (; arg; arg = va_arg(args, const char *))
		*argv++ = (char *)(uintptr_t)arg;
	*argv = NULL;
}

#define COLLECT(arg)                                                                                                   \
	va_list args;                                                                                                  \
	va_start(args, arg);                                                                                           \
	char **argv = alloca((count_args(arg, args) + 1) * sizeof(char *));                                            \
	va_end(args);                                                                                                  \
	va_start(args, arg);                                                                                           \
	take_args(argv, arg, args)

EX_EXPORT int execl(const char *path, const char *arg, ...)
{
	COLLECT(arg);
	va_end(args);
	return run(BY_PATH, path, argv, environment());
}

EX_EXPORT int execlp(const char *file, const char *arg, ...)
{
	COLLECT(arg);
	va_end(args);
	return run(BY_SEARCH, file, argv, environment());
}

EX_EXPORT int execle(const char *path, const char *arg, ...)
{
	COLLECT(arg);
	char *const *envp = va_arg(args, char *const *); /* behind the NULL that ends the arguments */
	va_end(args);
	return run(BY_PATH, path, argv, envp);
}

/* a descriptor as /proc/self/fd/N, for looking only */
static void name_descriptor(char *path, size_t size, int fd)
{
	struct ex_buffer b;
	ex_buffer_init(&b, path, size);
	ex_buffer_text(&b, "/proc/self/fd/");
	ex_buffer_number(&b, (uint64_t)(unsigned)fd);
}

EX_EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
	ex_image_ready();
	if (!ex_real.fexecve)
		return -1;
	struct call call = {BY_DESCRIPTOR, NULL, argv, fd, 0};
	struct ex_room *room = ex_image.is_started ? ex_room_take(envp) : NULL;
	if (!room)
		return go(&call, envp);
	name_descriptor(room->found, sizeof(room->found), fd);
	ex_program_look(&room->program, room->found);
	char *const *changed = ex_environment_make(&room->environment, envp, &room->program);
	int was_told = tell_exec(&room->program, room->found);
	int result = go(&call, changed);
	tell_failed(room, was_told);
	return result;
}

EX_EXPORT int execveat(int dirfd, const char *path, char *const argv[], char *const envp[], int flags)
{
	ex_image_ready();
	if (!ex_real.execveat) {
		*ex_errno() = ENOSYS_; /* glibc before 2.34 has none */
		return -1;
	}
	struct call call = {BY_FOLDER, path, argv, dirfd, flags};
	struct ex_room *room = ex_image.is_started ? ex_room_take(envp) : NULL;
	if (!room)
		return go(&call, envp);
	copy_path(room->path, sizeof(room->path), path);
	struct ex_buffer b;
	ex_buffer_init(&b, room->found, sizeof(room->found));
	if (*room->path != '/' && dirfd >= 0) {
		name_descriptor(room->found, sizeof(room->found), dirfd);
		b.at = room->found + ex_length(room->found);
		if (*room->path)
			ex_buffer_text(&b, "/");
	}
	ex_buffer_text(&b, room->path);
	ex_program_look(&room->program, room->found);
	char *const *changed = ex_environment_make(&room->environment, envp, &room->program);
	int was_told = tell_exec(&room->program, room->found);
	int result = go(&call, changed);
	tell_failed(room, was_told);
	return result;
}
