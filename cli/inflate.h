/*
 * inflate.h: a zlib stream, decompressed by libelf, which has to have zlib for compressed sections.
 */
#ifndef EX_INFLATE_H
#define EX_INFLATE_H

#include <stddef.h>

/* exactly length bytes come out, allocated; NULL: the stream is damaged, or has another length */
unsigned char *ex_inflate(const unsigned char *stream, size_t stream_length, size_t length);

#endif
