/*
 * heap_break.h: what a process that its allocator ended leaves to be read: the message of libc, the first chunk of malloc's heap that does
 * not fit and the block right below it, and the last lines on standard error, where other allocators, C++'s and Rust's
 * runtimes say why. Out of the events ABORT_MESSAGE and HEAP_BREAK.
 */
#ifndef EX_HEAP_BREAK_H
#define EX_HEAP_BREAK_H

#include "process.h"

/* what libc said before the image's crash, NULL: nothing */
const char *ex_abort_message(const struct ex_image *image);
/* sentences of the heap, NULL: it is whole, or nothing is known of it */
const char *ex_heap_break_text(const struct ex_image *image);
/* and of the block below the chunk that does not fit, NULL */
const char *ex_heap_below_text(const struct ex_image *image);
/* the last lines of a file, up to three, in quotes; NULL: there are none */
const char *ex_last_lines(const char *path);

#endif
