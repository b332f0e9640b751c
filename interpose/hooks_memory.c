/*
 * hooks_memory.c: the ways by which a memory call reaches memory.c. By symbol come the calls of everybody but libc; by
 * detour all that arrive at libc's functions. A call that came by symbol goes on behind the detour, unless another
 * preload stands in between: then it is seen once it arrives at libc, and only passed on here.
 */
#include <stdarg.h>

#include "arch/arch.h"
#include "detour.h"
#include "memory.h"
#include "real.h"

#define MREMAP_FIXED_ 2
#define MREMAP_DONTUNMAP_ 4 /* the target is a hint then, for glibc from 2.41 on */
#define CALLER ((uintptr_t)__builtin_return_address(0))
#define FAILED ((void *)-1)

/* what a call by symbol goes on with; NULL: it is only passed on, since a detour will see it */
#define BEHIND(name)                                                                                                   \
	(!ex_original.name ? ex_real.name : ex_detour_is_at((const void *)ex_real.name) ? ex_original.name : NULL)

EX_EXPORT EX_ANY_STACK int munmap(void *begin, unsigned long length)
{
	ex_real_find();
	if (!ex_real.munmap)
		return -1;
	ex_munmap_function *next = BEHIND(munmap);
	return next ? ex_memory_munmap(begin, length, CALLER, next) : ex_real.munmap(begin, length);
}

EX_EXPORT EX_ANY_STACK int madvise(void *begin, unsigned long length, int advice)
{
	ex_real_find();
	if (!ex_real.madvise)
		return -1;
	ex_madvise_function *next = BEHIND(madvise);
	return next ? ex_memory_madvise(begin, length, advice, CALLER, next) : ex_real.madvise(begin, length, advice);
}

EX_EXPORT EX_ANY_STACK int mprotect(void *begin, unsigned long length, int prot)
{
	ex_real_find();
	if (!ex_real.mprotect)
		return -1;
	ex_mprotect_function *next = BEHIND(mprotect);
	return next ? ex_memory_mprotect(begin, length, prot, CALLER, next) : ex_real.mprotect(begin, length, prot);
}

EX_EXPORT EX_ANY_STACK void *mmap(void *begin, unsigned long length, int prot, int flags, int fd, long offset)
{
	ex_real_find();
	if (!ex_real.mmap)
		return FAILED;
	ex_mmap_function *next = BEHIND(mmap);
	struct ex_mmap_request r = {begin, length, prot, flags, fd, offset};
	return next ? ex_memory_mmap(&r, CALLER, next) : ex_real.mmap(begin, length, prot, flags, fd, offset);
}

/* one function with mmap in 64-bit libcs: behind the detour the two are the same */
EX_EXPORT EX_ANY_STACK void *mmap64(void *begin, unsigned long length, int prot, int flags, int fd, long offset)
{
	ex_real_find();
	if (!ex_real.mmap64)
		return FAILED;
	int is_detoured = ex_original.mmap && ex_detour_is_at((const void *)ex_real.mmap64);
	ex_mmap_function *next = is_detoured ? ex_original.mmap : ex_real.mmap64;
	struct ex_mmap_request r = {begin, length, prot, flags, fd, offset};
	if (ex_original.mmap && !is_detoured)
		return next(begin, length, prot, flags, fd, offset);
	return ex_memory_mmap(&r, CALLER, next);
}

static void *mremap_by_symbol(const struct ex_mremap_request *r)
{
	return ex_real.mremap(r->begin, r->length, r->new_length, r->flags, r->target);
}

static void *mremap_behind(const struct ex_mremap_request *r)
{
	return ex_original.mremap(r->begin, r->length, r->new_length, r->flags, r->target);
}

EX_EXPORT EX_ANY_STACK void *mremap(void *begin, unsigned long length, unsigned long new_length, int flags, ...)
{
	struct ex_mremap_request r = {begin, length, new_length, flags, NULL, CALLER};
	ex_real_find();
	if (!ex_real.mremap)
		return FAILED;
	if (flags & (MREMAP_FIXED_ | MREMAP_DONTUNMAP_)) {
		va_list args;
		va_start(args, flags);
		r.target = va_arg(args, void *);
		va_end(args);
	}
	if (!ex_original.mremap)
		return ex_memory_mremap(&r, mremap_by_symbol);
	return ex_detour_is_at((const void *)ex_real.mremap) ? ex_memory_mremap(&r, mremap_behind)
							     : mremap_by_symbol(&r);
}

EX_ANY_STACK void *ex_on_mmap(void *begin, unsigned long length, int prot, int flags, int fd, long offset)
{
	struct ex_mmap_request r = {begin, length, prot, flags, fd, offset};
	return ex_memory_mmap(&r, CALLER, ex_original.mmap);
}

int ex_on_munmap(void *begin, unsigned long length)
{
	return ex_memory_munmap(begin, length, CALLER, ex_original.munmap);
}

int ex_on_mprotect(void *begin, unsigned long length, int prot)
{
	return ex_memory_mprotect(begin, length, prot, CALLER, ex_original.mprotect);
}

int ex_on_madvise(void *begin, unsigned long length, int advice)
{
	return ex_memory_madvise(begin, length, advice, CALLER, ex_original.madvise);
}

EX_ANY_STACK void *ex_on_mremap(void *begin, unsigned long length, unsigned long new_length, int flags, void *target)
{
	struct ex_mremap_request r = {begin, length, new_length, flags, target, CALLER};
	return ex_memory_mremap(&r, mremap_behind);
}

int ex_on_brk(void *end)
{
	return ex_memory_brk(end, CALLER, ex_original.brk);
}

EX_ANY_STACK void *ex_on_sbrk(long distance)
{
	return ex_memory_sbrk(distance, CALLER, ex_original.sbrk);
}
