/*
 * scan_file.h: the files that `exeunt scan` is given: which kind each is.
 */
#ifndef EX_SCAN_FILE_H
#define EX_SCAN_FILE_H

#include "scan.h"

#define EX_SCAN_BITCODE "LLVM bitcode; scan what is linked of it"

/* the page of one file; its exit status */
int ex_scan_file(struct ex_scan *scan, const char *path);
/* the same of bytes that are no file; they may be written to. For tests/fuzz */
int ex_scan_bytes(struct ex_scan *scan, unsigned char *bytes, size_t length);

/* a regular file's bytes, in memory of ours. NULL, or why not */
const char *ex_scan_file_map(const char *path, unsigned char **bytes, size_t *length);
/* what bytes are that are not scanned */
const char *ex_scan_file_what(const unsigned char *bytes, size_t length);

#endif
