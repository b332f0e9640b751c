/*
 * room.h: memory for one call that starts a program. Mapped for the call: its thread may have 16 KiB of stack in all, and
 * the environment may have thousands of entries.
 */
#ifndef EX_ROOM_H
#define EX_ROOM_H

#include <stddef.h>

#include "follow.h"

struct ex_room {
	size_t bytes;
	struct ex_program program;
	char path[1024], found[1024];
	struct ex_environment environment; /* for envp, see ex_environment_make */
};

/* NULL when there is no memory, or envp cannot be read: the call then goes on as it is and gives its own EFAULT */
struct ex_room *ex_room_take(char *const envp[]);
/* the same room once more, for an envp that may have grown: 1, or 0 when it is too small */
int ex_room_fits(const struct ex_room *room, char *const envp[]);
void ex_room_give(struct ex_room *room);
/* before a seccomp filter: afterwards no memory can be had, and the next program's environment must still be cleared of
 * us. One call at a time has it then */
void ex_room_reserve(void);
/* a child in our memory has gone on to another program, and its last room stayed here */
void ex_room_reclaim(void);

#endif
