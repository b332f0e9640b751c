/*
 * stream.h: the trace files of this process image, and the writing of events into them. See schema/wire.h for the rules.
 */
#ifndef EX_STREAM_H
#define EX_STREAM_H

#include <stddef.h>

#include "expand.h"
#include "text.h"

struct ex_tail {
	const void *bytes; /* NULL: empty */
	size_t count;	   /* EX_TAIL_TEXT: up to NUL */
};
#define EX_TAIL_TEXT ((size_t)-1)

/* Writes one event of this thread. Never fails in a way that the caller could see: what cannot be kept is counted. */
void ex_put(int id, const void *fixed, size_t fixed_bytes, const struct ex_tail *tails, int tail_count);

/* Writes event COUNTERS with count zeros and returns where they lie in the trace file, to be counted in place: that memory
 * stays for good, and a process that is killed loses none of it. zeros: count of them and one more. NULL when it could
 * not be kept. */
uint64_t *ex_put_counters(const uint64_t *zeros, size_t count);

/* EX_PUT(NAME, name, (fields...), tails...): EX_PUT(DLOPEN, dlopen, (.flags = f), EX_TEXT(path)) */
#define EX_TEXT(s)                                                                                                     \
	{                                                                                                              \
		(s), EX_TAIL_TEXT                                                                                      \
	}
#define EX_BLOB(p, n)                                                                                                  \
	{                                                                                                              \
		(p), (n)                                                                                               \
	}
#define EX_FIELDS(...) __VA_ARGS__
#define EX_PUT(NAME, name, fields, ...)                                                                                \
	do {                                                                                                           \
		struct ex_ev_##name ev_ = {EX_FIELDS fields};                                                          \
		struct ex_tail tails_[] = {__VA_ARGS__{NULL, 0}};                                                      \
		ex_put(EX_EV_##NAME, &ev_, sizeof(ev_), tails_, (int)(sizeof(tails_) / sizeof(tails_[0])) - 1);        \
	} while (0)

/* room for what is to come when no file can be made any more */
void ex_stream_reserve(void);
/* a file is made that nobody writes to until a thread is about to die where no further memory can be had */
void ex_stream_reserve_last_words(void);
/* that thread has it from now on, and no file is made any more */
void ex_stream_last_words(void);
/* the thread leaves: its stream is free for another */
void ex_stream_release(void);
/* in a fork child: what was leased belongs to the parent */
void ex_stream_forget_all(void);

#endif
