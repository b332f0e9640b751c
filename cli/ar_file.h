/*
 * ar_file.h: the members of an archive (.a, .rlib; GNU's, BSD's, thin ones) in memory.
 */
#ifndef EX_AR_FILE_H
#define EX_AR_FILE_H

#include <stddef.h>

struct ex_ar_file {
	unsigned char *bytes;
	size_t length, at;
	int is_thin;
	const unsigned char *names; /* GNU's table of long names, NULL */
	size_t names_length;
};

struct ex_ar_member {
	const char *name;
	unsigned char *bytes; /* NULL: a thin archive's; the name is a path, as seen from the archive's folder */
	size_t length;
};

/* 0: not an archive */
int ex_ar_file_open(struct ex_ar_file *ar, unsigned char *bytes, size_t length);
/* 1: the next member; 0: there is none; -1: the archive is damaged there. Tables of symbols and names are no members */
int ex_ar_file_next(struct ex_ar_file *ar, struct ex_ar_member *member);

#endif
