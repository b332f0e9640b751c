/*
 * heap.h: the seam between the library and the wrapped malloc family of heap/, which only libexeunt-heap.so has. Without
 * it these do nothing.
 */
#ifndef EX_HEAP_H
#define EX_HEAP_H

#include <stdint.h>

/* whether calls of the malloc family come through this library */
int ex_heap_is_wrapped(void);
/* the image has started: settings are read, events may be written */
void ex_heap_start(void);
/* exit has begun: calls are told one by one from now on, where they are counted */
void ex_heap_exit_begins(void);
/* a crash by that address: what guards know of it, and of all blocks */
void ex_heap_crashes(uintptr_t address);
/* the process is about to leave: what guards know of all blocks */
void ex_heap_ends(void);
/* an object is gone, and a function that was found in it */
void ex_heap_object_gone(void);

#endif
