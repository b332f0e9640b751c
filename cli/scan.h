/*
 * scan.h: `exeunt scan`: what a file tells without being run. One page a file, as text or JSON: a head that all kinds of
 * file have, then rows or keys of its own. Nothing is printed before the whole file has been read.
 */
#ifndef EX_SCAN_H
#define EX_SCAN_H

#include "emit.h"

#include <stdio.h>

struct ex_scan {
	FILE *out;
	struct ex_emit *emit; /* inside the array "files"; NULL: text on out */
	int is_coloured;
	int with_records; /* list every record */
	unsigned pages;	  /* printed so far */
};

/* exit status of a file, and of the command: the largest of all */
enum { EX_SCAN_RIGHT = 0, EX_SCAN_WRONG = 1, EX_SCAN_UNREADABLE = 125 };

/* the head of a page */
struct ex_scan_head {
	const char *path;
	const char *kind; /* "executable", "shared object", "object", "archive", "raw profile", "unreadable" */
	int status;
	const char *verdict; /* one sentence, without a full stop */
	const char *advice;  /* sentences with '\n' between, "" */
	const char *own;     /* JSON key of what follows: "elf", "archive", "profile"; NULL: nothing does */
};

/* scan_page.c. In JSON the file's object is open afterwards, and the keys of other kinds have been given null: what is the
 * file's own goes below ex_emit_object(scan->emit, head->own) */
void ex_scan_open(struct ex_scan *scan, const struct ex_scan_head *head);
/* text only: one row */
void ex_scan_row(struct ex_scan *scan, const char *label, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void ex_scan_close(struct ex_scan *scan);

/* scan_profraw.c: a file that begins as a raw profile does. Opens and closes its page; returns its status */
int ex_scan_profraw(struct ex_scan *scan, const char *path);

#endif
