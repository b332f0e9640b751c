/*
 * hooks_memory.c: memory that goes away during teardown, as the symbol layer sees it. Before exit begins these hooks
 * only pass through. glibc's own calls inside malloc are not seen here; the map comparison of probe.c sees them.
 */
#include <stdarg.h>

#include "image.h"
#include "real.h"
#include "stream.h"
#include "thread.h"

#define PROT_READ_ 1
#define MADV_DONTNEED_ 4
#define MADV_FREE_ 8
#define MAP_FIXED_ 0x10
#define MREMAP_FIXED_ 2
#define CALLER ((uintptr_t)__builtin_return_address(0))
#define FAILED ((void *)-1)

static void tell(int how, const void *begin, unsigned long length, uintptr_t caller)
{
	if (!ex_image.is_exiting || !ex_enter())
		return;
	uintptr_t from = (uintptr_t)begin & ~(uintptr_t)4095;
	uintptr_t to = ((uintptr_t)begin + length + 4095) & ~(uintptr_t)4095;
	EX_PUT(RELEASE, release,
	       (.begin = from, .end = to, .how = (uint8_t)how, .id = ex_self.running, .caller = caller), );
	ex_leave();
}

EX_EXPORT int munmap(void *begin, unsigned long length)
{
	ex_real_find();
	if (!ex_real.munmap)
		return -1;
	int result = ex_real.munmap(begin, length);
	if (!result)
		tell(EX_release_MUNMAP, begin, length, CALLER);
	return result;
}

EX_EXPORT int madvise(void *begin, unsigned long length, int advice)
{
	ex_real_find();
	if (!ex_real.madvise)
		return -1;
	int result = ex_real.madvise(begin, length, advice);
	if (!result && (advice == MADV_DONTNEED_ || advice == MADV_FREE_))
		tell(EX_release_MADVISE, begin, length, CALLER);
	return result;
}

EX_EXPORT int mprotect(void *begin, unsigned long length, int prot)
{
	ex_real_find();
	if (!ex_real.mprotect)
		return -1;
	int result = ex_real.mprotect(begin, length, prot);
	if (!result && !(prot & PROT_READ_))
		tell(EX_release_MPROTECT, begin, length, CALLER);
	return result;
}

typedef void *map_function(void *, unsigned long, int, int, int, long);

static void *map(map_function *real, void *begin, unsigned long length, int prot, int flags, int fd, long offset,
		 uintptr_t caller)
{
	if (!real)
		return FAILED;
	void *result = real(begin, length, prot, flags, fd, offset);
	if (result != FAILED && (flags & MAP_FIXED_))
		tell(EX_release_MAP_FIXED, begin, length, caller);
	return result;
}

EX_EXPORT void *mmap(void *begin, unsigned long length, int prot, int flags, int fd, long offset)
{
	ex_real_find();
	return map(ex_real.mmap, begin, length, prot, flags, fd, offset, CALLER);
}

EX_EXPORT void *mmap64(void *begin, unsigned long length, int prot, int flags, int fd, long offset)
{
	ex_real_find();
	return map(ex_real.mmap64, begin, length, prot, flags, fd, offset, CALLER);
}

EX_EXPORT void *mremap(void *begin, unsigned long length, unsigned long new_length, int flags, ...)
{
	void *target = NULL;
	ex_real_find();
	if (!ex_real.mremap)
		return FAILED;
	if (flags & MREMAP_FIXED_) {
		va_list args;
		va_start(args, flags);
		target = va_arg(args, void *);
		va_end(args);
	}
	void *result = ex_real.mremap(begin, length, new_length, flags, target);
	if (result != FAILED && result != begin)
		tell(EX_release_MREMAP, begin, length, CALLER);
	else if (result == begin && new_length < length)
		tell(EX_release_MREMAP, (char *)begin + new_length, length - new_length, CALLER);
	return result;
}
