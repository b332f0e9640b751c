/*
 * hooks_child.c: children, and who learns how they ended. vfork is a stub in arch/: see there.
 */
#include <alloca.h>

#include "arch/arch.h"
#include "expand.h"
#include "follow.h"
#include "image.h"
#include "object.h"
#include "options.h"
#include "real.h"
#include "stream.h"
#include "thread.h"

#define ENOSYS_ 38
#define STACK_LIMIT_BYTES (256u << 10)

EX_EXPORT int fork(void)
{
	ex_image_ready();
	if (!ex_real.fork)
		return -1;
	int pid = ex_real.fork();
	if (pid > 0) {
		int error = *ex_errno();
		EX_PUT(CHILD, child, (.pid = (uint32_t)pid, .how = EX_child_FORK), EX_TEXT(""), );
		*ex_errno() = error;
	}
	return pid; /* the child makes itself known with its first event */
}

void ex_vfork_parent(int pid)
{
	if (pid < 0) {
		*ex_errno() = -pid;
		return;
	}
	int error = *ex_errno();
	EX_PUT(CHILD, child, (.pid = (uint32_t)pid, .how = EX_child_VFORK), EX_TEXT(""), );
	*ex_errno() = error;
}

typedef int (*spawn_function)(int *, const char *, const void *, const void *, char *const[], char *const[]);

static int spawn(spawn_function real, int is_search, int *pid, const char *path, const void *actions, const void *attr,
		 char *const argv[], char *const envp[])
{
	struct ex_program program;
	char found[1024];
	size_t pointers, bytes;
	int child = 0;
	if (!real)
		return ENOSYS_;
	if (!ex_image.is_started || !path)
		return real(pid, path, actions, attr, argv, envp);
	if (!is_search || !ex_program_search(path, found, sizeof(found))) {
		struct ex_buffer b;
		ex_buffer_init(&b, found, sizeof(found));
		ex_buffer_text(&b, path);
	}
	ex_program_look(&program, found);
	ex_environment_needs(envp, &pointers, &bytes);
	struct ex_environment room = {NULL, 0, NULL, 0};
	if (pointers * sizeof(char *) + bytes < STACK_LIMIT_BYTES)
		room = (struct ex_environment){alloca(pointers * sizeof(char *)), pointers, alloca(bytes), bytes};
	int error = real(&child, path, actions, attr, argv, ex_environment_make(&room, envp, &program));
	if (!error) {
		if (pid)
			*pid = child;
		EX_PUT(CHILD, child,
		       (.pid = (uint32_t)child, .how = EX_child_SPAWN,
			.follow = (uint8_t)(ex_options.follow ? program.follow : EX_follow_OFF)),
		       EX_TEXT(found), );
	}
	return error;
}

EX_EXPORT int posix_spawn(int *pid, const char *path, const void *actions, const void *attr, char *const argv[],
			  char *const envp[])
{
	ex_image_ready();
	return spawn(ex_real.posix_spawn, 0, pid, path, actions, attr, argv, envp);
}

EX_EXPORT int posix_spawnp(int *pid, const char *file, const void *actions, const void *attr, char *const argv[],
			   char *const envp[])
{
	ex_image_ready();
	return spawn(ex_real.posix_spawnp, 1, pid, file, actions, attr, argv, envp);
}

/*
 * system and popen start their shell inside libc with the environment as it is. When the program has removed us from it
 * (clearenv), the array is exchanged for the length of the call. Another thread that reads the environment at that
 * moment sees two variables more, as it would have before the program removed them.
 */
struct lent {
	char ***where, **before;
};

#define LEND(lent)                                                                                                     \
	struct lent lent = {ex_object_binding("__environ"), NULL};                                                     \
	struct ex_program shell = {EX_follow_YES, ""};                                                                 \
	size_t pointers, bytes;                                                                                        \
	ex_environment_needs(lent.where ? *lent.where : NULL, &pointers, &bytes);                                      \
	if (lent.where && ex_image.is_started && pointers * sizeof(char *) + bytes < STACK_LIMIT_BYTES) {              \
		struct ex_environment room = {alloca(pointers * sizeof(char *)), pointers, alloca(bytes), bytes};      \
		lent.before = *lent.where;                                                                             \
		*lent.where = (char **)(uintptr_t)ex_environment_make(&room, lent.before, &shell);                     \
		if (*lent.where == lent.before)                                                                        \
			lent.where = NULL;                                                                             \
	} else {                                                                                                       \
		lent.where = NULL;                                                                                     \
	}

EX_EXPORT int system(const char *command)
{
	ex_image_ready();
	if (!ex_real.system)
		return -1;
	if (command)
		EX_PUT(CHILD, child, (.pid = 0, .how = EX_child_SYSTEM), EX_TEXT(command), );
	LEND(lent);
	int status = ex_real.system(command);
	if (lent.where)
		*lent.where = lent.before;
	return status;
}

EX_EXPORT void *popen(const char *command, const char *type)
{
	ex_image_ready();
	if (!ex_real.popen)
		return NULL;
	EX_PUT(CHILD, child, (.pid = 0, .how = EX_child_POPEN), EX_TEXT(command), );
	LEND(lent);
	void *stream = ex_real.popen(command, type);
	if (lent.where)
		*lent.where = lent.before;
	return stream;
}
