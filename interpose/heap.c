/*
 * heap.c: see heap.h. Weak: in libexeunt-heap.so those of heap/ stand in their place.
 */
#include "heap.h"

__attribute__((weak)) int ex_heap_is_wrapped(void)
{
	return 0;
}

__attribute__((weak)) void ex_heap_start(void)
{
}

__attribute__((weak)) void ex_heap_exit_begins(void)
{
}

__attribute__((weak)) void ex_heap_object_gone(void)
{
}

__attribute__((weak)) void ex_heap_crashes(uintptr_t address)
{
	(void)address;
}

__attribute__((weak)) void ex_heap_ends(void)
{
}
