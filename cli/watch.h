/*
 * watch.h: what setting watch found: every writer of one word, in order. Out of the events WATCH, WROTE, WROTE_MORE, WATCH_NOTE
 * and WATCH_END, which the launcher wrote as tracer; who made them is cli/tracer.h.
 */
#ifndef EX_WATCH_H
#define EX_WATCH_H

#include "symbols.h"

#define EX_WRITE_FRAMES_MAX 16

struct ex_write {
	const struct ex_event *event; /* WROTE */
	uint64_t n;		      /* the first is 1 */
	uint64_t time_ns;
	uint32_t pid, thread;
	int writer; /* EX_watch_writer_* */
	uint64_t before, after;
	struct ex_place frames
		[EX_WRITE_FRAMES_MAX]; /* innermost first: of a store the instruction, of a system call its caller */
	int frame_count;
	int is_behind;		/* frames[0] is the instruction behind the store */
	const char *text;	/* the instruction, as Intel writes it; NULL: not known */
	int syscall;		/* number, -1 = none */
	const char *call;	/* "read(3, 0x404060, 8) = 8"; NULL */
	const char *looks_like; /* value after it, as value.h has it; NULL */
};

struct ex_watched {
	int is_asked;		      /* the run had the setting */
	const struct ex_event *watch; /* WATCH of that image, NULL: it never began */
	uint64_t address;
	unsigned bytes;
	const char *word, *place; /* as it was given; "app+0x4010", "" */
	int by;			  /* EX_watch_by_* */
	struct ex_write *list;	  /* of that image, in order of time */
	size_t count;
	uint64_t skipped;	       /* between the first and the last */
	const struct ex_event **notes; /* WATCH_NOTE */
	size_t note_count;
	const struct ex_write *last; /* before the death, NULL: nobody wrote it */
};

/* processes: of the whole trace; the image's own writes are taken */
void ex_watched_find(struct ex_watched *watched, const struct ex_processes *processes, const struct ex_image *image,
		     struct ex_symbols *symbols);
/* one sentence: "the kernel, in read(3, 0x404060, 8) = 8, called at main+0x20 (app+0x1234): 0x0 -> 0x3324386c" */
const char *ex_write_text(const struct ex_write *write);
const char *ex_syscall_name(int number); /* "read", "system call 999" */

#endif
