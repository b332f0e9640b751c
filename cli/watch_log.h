/*
 * watch_log.h: the launcher's own events about a watched word: they go into the trace when all is over, the first and the last
 * writes, and how many are between. Two streams, so that each is in order of time.
 */
#ifndef EX_WATCH_LOG_H
#define EX_WATCH_LOG_H

#include "expand.h"
#include "tracedir.h"

#define EX_WATCH_FIRST 4096
#define EX_WATCH_LAST 4096
#define EX_WATCH_STACKS 256 /* at each end: those that carry a piece of stack */

struct ex_watch_log;

struct ex_watch_log *ex_watch_log_open(const struct ex_tracedir *dir);
/* one event: its fixed part, then its tails as they lie in the trace */
void ex_watch_log_put(struct ex_watch_log *log, uint16_t id, const void *fixed, size_t fixed_bytes, const void *tails,
		      size_t tail_bytes);
/* a write; its stack, the last tail, apart: it is left out where too many have one */
void ex_watch_log_write(struct ex_watch_log *log, const struct ex_ev_wrote *wrote, const void *tails, size_t tail_bytes,
			const void *stack, size_t stack_bytes);
uint64_t ex_watch_log_writes(const struct ex_watch_log *log);
void ex_watch_log_close(struct ex_watch_log *log);

#endif
