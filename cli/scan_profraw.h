/*
 * scan_profraw.h: a file of raw LLVM profiles as `exeunt scan` tells it.
 */
#ifndef EX_SCAN_PROFRAW_H
#define EX_SCAN_PROFRAW_H

#include "profraw.h"
#include "profraw_compare.h"
#include "profraw_layouts.h"
#include "profraw_pool.h"
#include "scan.h"

#define EX_SCAN_PROFRAW_FINDINGS_MAX 8

struct ex_scan_profraw {
	const char *path;
	struct ex_profraw_file file;
	const struct ex_profraw_profile *last; /* the one that is wrong, else the last; NULL: there is none */
	struct ex_profraw_layouts layouts;     /* of last, where records of it do not fit */
	const char *const *tools;	       /* that read last, NULL behind the last; NULL: not known */
	enum ex_profraw_pool pool;
	const char *refusal; /* NULL: it can be merged into */
	const char *quote;   /* of llvm-profdata, about this file; NULL */

	enum ex_profraw_repeat repeat;	 /* the worst among its profiles */
	unsigned repeat_of, repeated_by; /* which, from 1; 0: none */

	/* the first is the verdict */
	struct ex_scan_finding {
		const char *id, *text;
		int is_wrong;
	} findings[EX_SCAN_PROFRAW_FINDINGS_MAX];
	unsigned finding_count;
	const char *advice; /* sentences with '\n' between */
};

/* path and file are given; is_file: path has these bytes, so that llvm-profdata may be asked */
void ex_scan_profraw_judge(struct ex_scan_profraw *profraw, int is_file);
int ex_scan_profraw_status(const struct ex_scan_profraw *profraw);
/* its page */
void ex_scan_profraw_page(struct ex_scan *scan, const struct ex_scan_profraw *profraw);

/* scan_profraw_words.c */
const char *ex_scan_profraw_wrong(const struct ex_scan_profraw *profraw);   /* what is wrong with it as a file; NULL */
const char *ex_scan_profraw_repeats(const struct ex_scan_profraw *profraw); /* of several profiles in it; NULL */
const char *ex_scan_profraw_quote(const struct ex_profraw_file *file);
const char *ex_scan_profraw_others(const struct ex_scan_profraw *profraw); /* records of other sizes; NULL */
/* "1 function", "2 functions" */
const char *ex_scan_profraw_counted(uint64_t count, const char *noun);
/* what else the upper bits of the version say; "" */
const char *ex_scan_profraw_variants(uint64_t version);
/* in hexadecimal digits, a line at most */
const char *ex_scan_profraw_id(const unsigned char *id, uint64_t bytes);

/* the first file of each kind, of those that are given together */
#define EX_SCAN_PROFRAW_KINDS_MAX 16
struct ex_scan_profraw_kinds {
	struct ex_scan_profraw_kind {
		const char *path;
		const struct ex_profraw_profile *profile;
	} kinds[EX_SCAN_PROFRAW_KINDS_MAX];
	unsigned count;
};
/* scan_profraw_merge.c: what stands against merging it with these, told as findings. It becomes one of them */
void ex_scan_profraw_merge(struct ex_scan_profraw *profraw, struct ex_scan_profraw_kinds *seen);
void ex_scan_profraw_find(struct ex_scan_profraw *profraw, const char *id, int is_wrong, const char *text);

/* scan_profraw_text.c, scan_profraw_json.c: below the head of its page */
void ex_scan_profraw_text(struct ex_scan *scan, const struct ex_scan_profraw *profraw);
void ex_scan_profraw_json(struct ex_scan *scan, const struct ex_scan_profraw *profraw);
/* scan_profraw_functions.c: each function of last, as rows or as an array */
void ex_scan_profraw_functions(struct ex_scan *scan, const struct ex_scan_profraw *profraw);

#endif
