/*
 * md5.h: MD5 (RFC 1321), for names in LLVM's profiles. Nothing is kept safe by it.
 */
#ifndef EX_MD5_H
#define EX_MD5_H

#include <stddef.h>

void ex_md5(unsigned char digest[16], const void *bytes, size_t length);

#endif
