/*
 * stray.h: whether a system call that wrote a word was meant to: where the pointer came from by which the kernel wrote, and whether
 * it kept to the object that begins there. A call that was asked for just that is the program's own doing.
 */
#ifndef EX_STRAY_H
#define EX_STRAY_H

#include "watch.h"

enum ex_stray_kind {
	EX_STRAY_UNKNOWN, /* it cannot be said; why says why */
	EX_STRAY_MEANT,	 /* the caller had set the argument, and what was written lies in the object that it leads to */
	EX_STRAY_LEFT,	 /* nothing had set the register since an earlier call */
	EX_STRAY_BEYOND, /* what was written lies behind that object, in another */
};

struct ex_stray {
	enum ex_stray_kind kind;
	const char *why;    /* a clause: "its second argument, rsi, was set by nobody: ..." */
	int argument;	    /* the first is 1, 0: not known */
	const char *caller; /* the innermost function outside of libc, "now+0x7 (app+0x1216)"; NULL */
};

/* write: by a system call, with its frames */
void ex_stray_judge(struct ex_stray *stray, const struct ex_write *write, uint64_t address,
		    const struct ex_image *image, struct ex_symbols *symbols);

#endif
