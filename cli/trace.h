/*
 * trace.h: a trace directory as events in time order. Knows the tables and nothing of what events mean.
 */
#ifndef EX_TRACE_H
#define EX_TRACE_H

#include "meta.h"

struct ex_text {
	const char *bytes; /* into the trace; a TEXT is NUL-terminated there */
	unsigned length;   /* without the NUL */
};

struct ex_event {
	uint64_t time_ns;  /* CLOCK_MONOTONIC */
	uint64_t image_ns; /* with pid: the process image that wrote it */
	uint32_t pid, tid;
	const struct ex_event_meta *meta;
	const void *fixed;	/* struct ex_ev_<name>, packed, maybe unaligned */
	struct ex_text tail[6]; /* TEXT and BLOB in the order of the table */
};

struct ex_trace {
	const char *dir;
	struct ex_event *events; /* sorted by time; equal times keep the order of their stream */
	size_t count;
	uint64_t begin_ns;		/* time of the first event */
	uint64_t lost;			/* events lost, from the ledger; from packet headers when there is none */
	const struct ex_ledger *ledger; /* NULL when missing */
	unsigned damaged;		/* stream files with bytes that do not decode; what came before is kept */
};

enum ex_trace_status {
	EX_TRACE_OK,
	EX_TRACE_MISSING, /* no such directory, or not readable */
	EX_TRACE_FOREIGN, /* no metadata of ours */
	EX_TRACE_NEWER,	  /* trace version above EX_TRACE_VERSION */
	EX_TRACE_EMPTY,	  /* not one event */
};

/* reads everything; why (may be NULL) gets a few words for the message; memory lives as long as the process */
enum ex_trace_status ex_trace_open(struct ex_trace *trace, const char *dir, const char **why);
/* opens or says why not through ex_fail: 0, or the exit status */
int ex_trace_open_or_fail(struct ex_trace *trace, const char *dir);

/* decodes one packet of bytes; pure, no I/O (fuzz target). Returns events added, -1 when the header is not ours.
 * emit is called for each committed event that decodes. */
int ex_trace_packet(const unsigned char *bytes, size_t length, void (*emit)(void *arg, const struct ex_event *event),
		    void *arg);

/* index of a tail by field name, -1 when there is none */
int ex_event_tail(const struct ex_event_meta *meta, const char *name);

#define EX_EVENT(event, name_) ((const struct ex_ev_##name_ *)(event)->fixed)

#endif
