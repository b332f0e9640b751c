/*
 * late.h: calls of the malloc family after exit has begun. Only libexeunt-heap.so sees them.
 */
#ifndef EX_LATE_H
#define EX_LATE_H

#include <stddef.h>
#include <stdint.h>

/* one call, by an event; the first 4096 of an image. kind is EX_late_call_* */
void ex_late_call(int kind, uintptr_t block, size_t bytes, uintptr_t caller);

#endif
