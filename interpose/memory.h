/*
 * memory.h: the calls that change the memory of the process, whichever way they were seen: by symbol or by detour. Each
 * makes the call through next, tells it, and leaves errno as next left it. caller: return address of the call.
 */
#ifndef EX_MEMORY_H
#define EX_MEMORY_H

#include <stdint.h>

typedef void *ex_mmap_function(void *begin, unsigned long length, int prot, int flags, int fd, long offset);
typedef int ex_munmap_function(void *begin, unsigned long length);
typedef int ex_mprotect_function(void *begin, unsigned long length, int prot);
typedef int ex_madvise_function(void *begin, unsigned long length, int advice);
typedef int ex_brk_function(void *end);
typedef void *ex_sbrk_function(long distance);

struct ex_mmap_request {
	void *begin;
	unsigned long length;
	int prot, flags, fd;
	long offset;
};
void *ex_memory_mmap(const struct ex_mmap_request *request, uintptr_t caller, ex_mmap_function *next);
int ex_memory_munmap(void *begin, unsigned long length, uintptr_t caller, ex_munmap_function *next);
int ex_memory_mprotect(void *begin, unsigned long length, int prot, uintptr_t caller, ex_mprotect_function *next);
int ex_memory_madvise(void *begin, unsigned long length, int advice, uintptr_t caller, ex_madvise_function *next);
int ex_memory_brk(void *end, uintptr_t caller, ex_brk_function *next);
void *ex_memory_sbrk(long distance, uintptr_t caller, ex_sbrk_function *next);

struct ex_mremap_request {
	void *begin;
	unsigned long length, new_length;
	int flags;
	void *target; /* used with MREMAP_FIXED */
	uintptr_t caller;
};
/* variadic for a symbol, plain for a detour: whoever was called knows how to go on */
void *ex_memory_mremap(const struct ex_mremap_request *request, void *(*next)(const struct ex_mremap_request *));

/* for these functions themselves: event RELEASE during teardown; treatment limits, once a call has failed */
void ex_memory_released(int how, const void *begin, unsigned long length, uintptr_t caller);
/* treatment keep: whether what a call would take away stays; it is told then, and the call not made */
int ex_memory_is_kept(int how, const void *begin, unsigned long length, uintptr_t caller);
int ex_memory_is_worth_another(int is_failed);
int ex_memory_is_main_heap(uintptr_t address);

#endif
