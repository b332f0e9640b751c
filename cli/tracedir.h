/*
 * tracedir.h: a new trace directory: metadata, ledger, and the launcher's own stream. Times are CLOCK_MONOTONIC.
 */
#ifndef EX_TRACEDIR_H
#define EX_TRACEDIR_H

#include <stdint.h>
#include <sys/types.h>

struct ex_tracedir {
	const char *path;   /* absolute */
	const char *stream; /* path of the launcher's stream */
	int fd;		    /* of that stream, close-on-exec; -1 when none could be made: its events are then lost */
	int was_there;	    /* an empty directory that somebody else had made */
	uint64_t image_ns;  /* start of exeunt, which names its stream */
	uint64_t content_bytes; /* of the stream's packet */
};

#define EX_TRACEDIR_NONE (-1) /* there is no trace, and a note has said so: the command may run unobserved */

/* makes it: 0, or the exit status after a message. An empty directory is taken, any other is refused.
 * limit_bytes: of the whole trace, 0 = none. may_go_on: a full or unwritable disk gives EX_TRACEDIR_NONE instead */
int ex_tracedir_make(struct ex_tracedir *dir, const char *path, uint64_t limit_bytes, int may_go_on);
/* whether a readable directory holds nothing */
int ex_tracedir_is_empty(const char *path);
void ex_tracedir_launch(struct ex_tracedir *dir, pid_t pid, char *const *argv);
void ex_tracedir_waited(struct ex_tracedir *dir, pid_t pid, int wait_status);
/* a whole packet, in a stream of its own; length: its content. One that finds no room on the disk is lost */
void ex_tracedir_packet(const struct ex_tracedir *dir, unsigned slot, unsigned part, const void *bytes, size_t length);
void ex_tracedir_close(struct ex_tracedir *dir);
/* takes it away again: only for a command that never began */
void ex_tracedir_remove(struct ex_tracedir *dir);

#endif
