/*
 * watch_word.h: the word that setting watch names: read from its text, and found in a process that runs.
 */
#ifndef EX_WATCH_WORD_H
#define EX_WATCH_WORD_H

#include "process.h"

#include <sys/types.h>

struct ex_watch_word {
	const char *text;   /* as it was given */
	const char *module; /* NULL: any, or none */
	const char
		*symbol; /* NULL: an address, or an offset in a module. May be a module's name after all (is_either) */
	int is_either;	 /* NAME+0xOFFSET: a module of that name, else a symbol */
	uint64_t offset; /* the address itself where there is neither module nor symbol */
	unsigned bytes;
	const char *trace;	      /* it comes from that run, NULL */
	const struct ex_image *image; /* of it */
};

/* what to write instead, NULL: the text is well formed */
const char *ex_watch_word_wrong(const char *text);
/* 0, or the exit status after a message. What comes from another run is looked up there */
int ex_watch_word_read(struct ex_watch_word *word, const char *text);
/* in process pid as it is mapped now: 0: not there, or not writable yet. *place: "app+0x4010", "[heap]+0x20", "" */
uint64_t ex_watch_word_find(const struct ex_watch_word *word, pid_t pid, const char **place);
/* "libc.so.6 is at 0x… and was at 0x…": of the run that the word comes from; NULL: the same, or it is of none */
const char *ex_watch_word_moved(const struct ex_watch_word *word, pid_t pid);

#endif
