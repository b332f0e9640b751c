/*
 * stream_file.h: one file of a stream, made whole: named, stamped, counted against the trace's limit.
 */
#ifndef EX_STREAM_FILE_H
#define EX_STREAM_FILE_H

#include <stdint.h>

struct ex_stream_file {
	uint32_t stream, part; /* name it */
	uint32_t packets, packet_bytes;
};

#define EX_STREAM_LIMIT 1 /* the trace is as large as it may become */
/* its mapping; NULL: error is -errno, EX_STREAM_LIMIT, or 0 when it was not even tried */
unsigned char *ex_stream_file_make(const struct ex_stream_file *file, int *error);

#endif
