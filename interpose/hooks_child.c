/*
 * hooks_child.c: children, and who learns how they ended. vfork is a stub in arch/: see there.
 */
#include "arch/arch.h"
#include "expand.h"
#include "follow.h"
#include "image.h"
#include "lock.h"
#include "options.h"
#include "real.h"
#include "room.h"
#include "stream.h"
#include "thread.h"

#define ENOSYS_ 38

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
	ex_room_reclaim();
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
	int child = 0;
	if (!real)
		return ENOSYS_;
	struct ex_room *room = ex_image.is_started && path ? ex_room_take(envp) : NULL;
	if (!room)
		return real(pid, path, actions, attr, argv, envp);
	if (!is_search || !ex_program_search(path, room->found, sizeof(room->found))) {
		struct ex_buffer b;
		ex_buffer_init(&b, room->found, sizeof(room->found));
		ex_buffer_text(&b, path);
	}
	ex_program_look(&room->program, room->found);
	int error =
		real(&child, path, actions, attr, argv, ex_environment_make(&room->environment, envp, &room->program));
	if (!error) {
		if (pid)
			*pid = child;
		EX_PUT(CHILD, child,
		       (.pid = (uint32_t)child, .how = EX_child_SPAWN,
			.follow = (uint8_t)(ex_follow_is_on() ? room->program.follow : EX_follow_OFF)),
		       EX_TEXT(room->found), );
	}
	ex_room_give(room);
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
 * moment sees two variables more, as it would have before the program removed them. Calls that overlap share one lent
 * array, and its memory is never given back: a setenv or a getenv of another thread may have taken hold of it.
 */
static struct {
	uint32_t lock, users;
	struct ex_room *room;
	char **lent, **before;
} lending;

static int lend(void)
{
	char ***where = ex_image_environment();
	if (!where || !ex_image.is_started || !ex_try_lock(&lending.lock))
		return 0;
	int is_lent = lending.users > 0;
	if (!is_lent && (!lending.room || !ex_room_fits(lending.room, *where)))
		lending.room = ex_room_take(*where);
	if (!is_lent && lending.room) {
		lending.before = *where;
		lending.room->program.follow = EX_follow_YES; /* the shell */
		lending.lent = (char **)(uintptr_t)ex_environment_make(&lending.room->environment, *where,
								       &lending.room->program);
		is_lent = lending.lent != lending.before;
		*where = lending.lent;
	}
	lending.users += (uint32_t)is_lent;
	ex_unlock(&lending.lock);
	return is_lent;
}

static void take_back(int is_lent)
{
	char ***where = ex_image_environment();
	if (!is_lent || !ex_try_lock(&lending.lock))
		return;
	if (--lending.users == 0 && *where == lending.lent)
		*where = lending.before;
	ex_unlock(&lending.lock);
}

EX_EXPORT int system(const char *command)
{
	ex_image_ready();
	if (!ex_real.system)
		return -1;
	if (command)
		EX_PUT(CHILD, child, (.pid = 0, .how = EX_child_SYSTEM), EX_TEXT(command), );
	int is_lent = lend();
	int status = ex_real.system(command);
	take_back(is_lent);
	return status;
}

EX_EXPORT void *popen(const char *command, const char *type)
{
	ex_image_ready();
	if (!ex_real.popen)
		return NULL;
	EX_PUT(CHILD, child, (.pid = 0, .how = EX_child_POPEN), EX_TEXT(command), );
	int is_lent = lend();
	void *stream = ex_real.popen(command, type);
	take_back(is_lent);
	return stream;
}
