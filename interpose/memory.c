/*
 * memory.c: see memory.h. What a call is for, is read from its arguments before it is made (malloc/arena.c and
 * malloc/malloc.c of glibc 2.17 to 2.42):
 *   new_heap     mmap(NULL, 64 or 128 MiB, PROT_NONE, MAP_NORESERVE), munmap of what stands over, mprotect of the first pages
 *   grow_heap    mprotect(inside a heap, read and write)
 *   shrink_heap  madvise(inside a heap, MADV_DONTNEED), or mmap(MAP_FIXED, PROT_NONE) in a privileged program
 *   delete_heap  munmap(heap, 64 MiB)
 *   sysmalloc    sbrk for the main arena; mmap(NULL, read and write) for large blocks
 * A thread stack is told from both by MAP_STACK.
 */
#include "memory.h"

#include "arch/arch.h"
#include "arena.h"
#include "clone.h"
#include "code.h"
#include "detour.h"
#include "growth.h"
#include "image.h"
#include "options.h"
#include "os/os.h"
#include "quarantine.h"
#include "real.h"
#include "stream.h"
#include "thread.h"

#define PROT_READ_ 1
#define PROT_WRITE_ 2
#define PROT_EXEC_ 4
#define MADV_DONTNEED_ 4
#define MADV_FREE_ 8
#define MAP_FIXED_ 0x10
#define MAP_ANONYMOUS_ 0x20
#define MAP_NORESERVE_ 0x4000
#define MAP_STACK_ 0x20000
#define ENOMEM_ 12
#define FAILED ((void *)-1)

void ex_memory_released(int how, const void *begin, unsigned long length, uintptr_t caller)
{
	if (!ex_image.is_exiting || !ex_enter())
		return;
	uintptr_t page = ex_os_page_bytes() - 1;
	uintptr_t from = (uintptr_t)begin & ~page, to = ((uintptr_t)begin + length + page) & ~page;
	EX_PUT(RELEASE, release,
	       (.begin = from, .end = to, .how = (uint8_t)how, .id = ex_self.running, .caller = caller), );
	ex_leave();
}

/* before the call: a thread that uses the memory dies at once, maybe before this one comes back from the system (seen once
 * in 600 runs), and by then it must be told who took it. What the system would refuse is not told */
static void released_soon(int how, const void *begin, unsigned long length, uintptr_t caller)
{
	uintptr_t page = ex_os_page_bytes() - 1, from = (uintptr_t)begin;
	if (length && !(from & page) && from + length >= from)
		ex_memory_released(how, begin, length, caller);
}

/* what the system would refuse is left to it */
int ex_memory_is_kept(int how, const void *begin, unsigned long length, uintptr_t caller)
{
	uintptr_t page = ex_os_page_bytes() - 1, from = (uintptr_t)begin, end = from + length;
	if (!ex_options.keep_exit || !ex_image.is_exiting || !length || (from & page) || end < from)
		return 0;
	if (!ex_enter())
		return 1;
	EX_PUT(KEPT, kept,
	       (.begin = from, .end = (end + page) & ~page, .how = (uint8_t)how, .id = ex_self.running,
		.caller = caller), );
	ex_leave();
	return 1;
}

int ex_memory_is_worth_another(int is_failed)
{
	if (!is_failed || *ex_errno() != ENOMEM_)
		return 0;
	return ex_quarantine_yield() || (ex_options.limits_raise && ex_os_raise_limits());
}

static void refuse(struct ex_growth *growth, int error)
{
	ex_growth_end(growth, error);
	*ex_errno() = error;
}

static int refused(int error)
{
	*ex_errno() = error;
	return -1;
}

/* the event is written by raw system calls at most, so errno stays as the call left it */
static int end(struct ex_growth *growth, int is_failed)
{
	int error = is_failed ? *ex_errno() : 0;
	ex_growth_end(growth, error);
	return is_failed;
}

static int class_by_module(uintptr_t caller, int is_growth)
{
	if (!ex_is_other_allocator(caller))
		return EX_growth_NOT_ALLOCATOR;
	return is_growth ? EX_growth_OTHER_GROW : EX_growth_OTHER_SHRINK;
}

static int class_of_mmap(const struct ex_mmap_request *r, uintptr_t caller)
{
	if (!(r->flags & MAP_ANONYMOUS_))
		return EX_growth_NOT_ALLOCATOR;
	if (!ex_is_libc(caller))
		return class_by_module(caller, 1);
	if (r->flags & MAP_STACK_)
		return EX_growth_NOT_ALLOCATOR;
	if (r->flags & MAP_FIXED_)
		return !r->prot && ex_heap_is(ex_heap_base((uintptr_t)r->begin)) ? EX_growth_HEAP_SHRINK
										 : EX_growth_NOT_ALLOCATOR;
	if (!r->prot && (r->flags & MAP_NORESERVE_) && (r->length == EX_HEAP_BYTES || r->length == 2 * EX_HEAP_BYTES))
		return EX_growth_HEAP_RESERVE;
	return r->prot == (PROT_READ_ | PROT_WRITE_) && !r->begin ? EX_growth_MMAP_CHUNK : EX_growth_NOT_ALLOCATOR;
}

static void *observed_mmap(const struct ex_mmap_request *r, uintptr_t caller, ex_mmap_function *next)
{
	int class = class_of_mmap(r, caller);
	uintptr_t heap = ex_heap_base((uintptr_t)r->begin);
	struct ex_growth growth = {.event = {.call = EX_memory_call_MMAP,
					     .class = (uint8_t) class,
					     .prot = (uint32_t)r->prot,
					     .flags = (uint32_t)r->flags,
					     .begin = (uintptr_t)r->begin,
					     .bytes = r->length,
					     .caller = caller}};
	int error = ex_growth_begin(&growth, class != EX_growth_NOT_ALLOCATOR && class != EX_growth_HEAP_SHRINK);
	if (error) {
		refuse(&growth, error);
		return FAILED;
	}
	if (class == EX_growth_HEAP_SHRINK)
		growth.event.arena = ex_heap_arena(heap);
	void *result = next(r->begin, r->length, r->prot, r->flags, r->fd, r->offset);
	if (ex_memory_is_worth_another(result == FAILED))
		result = next(r->begin, r->length, r->prot, r->flags, r->fd, r->offset);
	if (result != FAILED) {
		growth.event.begin = (uintptr_t)result;
		growth.is_code = (r->prot & PROT_EXEC_) != 0;
		if (class == EX_growth_MMAP_CHUNK) {
			ex_chunk_add((uintptr_t)result);
		} else if (class == EX_growth_HEAP_SHRINK) {
			ex_heap_commit(heap, (uintptr_t)r->begin);
		} else if (class == EX_growth_HEAP_RESERVE) {
			ex_self.reserved = (uintptr_t)result;
			ex_self.reserved_end = ex_self.reserved + r->length;
		}
	}
	end(&growth, result == FAILED);
	return result;
}

EX_ANY_STACK void *ex_memory_mmap(const struct ex_mmap_request *r, uintptr_t caller, ex_mmap_function *next)
{
	if (r->prot & PROT_EXEC_)
		ex_clone_at(EX_point_MAP_EXEC);
	void *result = ex_growth_is_on() ? observed_mmap(r, caller, next)
					 : next(r->begin, r->length, r->prot, r->flags, r->fd, r->offset);
	if (result != FAILED) {
		ex_code_note((uintptr_t)result, r->length, r->prot, (r->flags & MAP_FIXED_) != 0);
		if (r->flags & MAP_FIXED_)
			ex_quarantine_taken((uintptr_t)result, r->length);
	}
	if (result != FAILED && (r->flags & MAP_FIXED_))
		ex_memory_released(EX_release_MAP_FIXED, r->begin, r->length, caller);
	return result;
}

/* what must leave a table leaves it before the call: afterwards the address may be another thread's already */
static int class_of_munmap(uintptr_t begin, unsigned long length, uintptr_t caller)
{
	if (ex_chunk_remove(begin))
		return EX_growth_MUNMAP_CHUNK;
	if (begin - ex_self.reserved < ex_self.reserved_end - ex_self.reserved) /* the heap itself: its commit failed */
		return begin == ex_heap_base(ex_self.reserved + EX_HEAP_BYTES - 1) ? EX_growth_HEAP_DELETE
										   : EX_growth_HEAP_ALIGN_TRIM;
	if (length == EX_HEAP_BYTES && ex_heap_is(begin))
		return EX_growth_HEAP_DELETE;
	return class_by_module(caller, 0);
}

/* heaps are reserved larger than they are, and trimmed: what nobody has used is not worth keeping */
static int unmap(void *begin, unsigned long length, uintptr_t caller, int class, ex_munmap_function *next)
{
	if (ex_quarantine_is_on() && class != EX_growth_HEAP_ALIGN_TRIM)
		return ex_quarantine_unmap((uintptr_t)begin, length, caller, next);
	return next(begin, length);
}

EX_ANY_STACK int ex_memory_munmap(void *begin, unsigned long length, uintptr_t caller, ex_munmap_function *next)
{
	int result, is_code = ex_code_is_in((uintptr_t)begin, length);
	if (is_code)
		ex_clone_at(EX_point_UNMAP_EXEC);
	if (ex_memory_is_kept(EX_release_MUNMAP, begin, length, caller))
		return 0;
	released_soon(EX_release_MUNMAP, begin, length, caller);
	if (ex_growth_is_on()) {
		int class = class_of_munmap((uintptr_t)begin, length, caller);
		struct ex_growth growth = {.event = {.call = EX_memory_call_MUNMAP,
						     .class = (uint8_t) class,
						     .begin = (uintptr_t)begin,
						     .bytes = length,
						     .caller = caller}};
		if (class == EX_growth_HEAP_DELETE) {
			growth.event.arena = ex_heap_arena((uintptr_t)begin);
			ex_heap_remove((uintptr_t)begin);
		}
		growth.is_code = is_code;
		ex_growth_begin(&growth, 0);
		result = unmap(begin, length, caller, class, next);
		end(&growth, result != 0);
	} else {
		result = unmap(begin, length, caller, EX_growth_NOT_ALLOCATOR, next);
	}
	if (!result && is_code)
		ex_code_gone((uintptr_t)begin, length);
	return result;
}

static int class_of_mprotect(uintptr_t begin, int prot, uintptr_t caller)
{
	uintptr_t heap = ex_heap_base(begin);
	int is_growth = (prot & (PROT_READ_ | PROT_WRITE_)) != 0;
	if (!ex_is_libc(caller))
		return class_by_module(caller, is_growth);
	if (begin == heap && is_growth && heap - ex_self.reserved < ex_self.reserved_end - ex_self.reserved)
		return EX_growth_HEAP_FIRST_COMMIT;
	if (begin == heap || !ex_heap_is(heap))
		return EX_growth_NOT_ALLOCATOR;
	return is_growth ? EX_growth_HEAP_EXTEND : EX_growth_HEAP_SHRINK;
}

/* treatment grow-step: how far the heap is committed instead. libc goes on asking page by page, and its own record of
 * the heap is never written, so it does not matter how many threads share the arena: each asks with its lock held. */
static unsigned long stepped(uintptr_t begin, unsigned long length)
{
	uint64_t page = ex_os_page_bytes() - 1, step = (ex_options.grow_step_bytes + page) & ~page;
	uintptr_t heap = ex_heap_base(begin), rest = heap + EX_HEAP_BYTES - begin;
	if (!step || length > rest)
		return length;
	uint64_t offset = begin + length - heap, wanted = (offset + step - 1) / step * step;
	return wanted > EX_HEAP_BYTES ? rest : heap + wanted - begin;
}

static int observed_mprotect(void *begin, unsigned long length, int prot, uintptr_t caller, ex_mprotect_function *next)
{
	int class = class_of_mprotect((uintptr_t)begin, prot, caller), error, result;
	int is_commit = class == EX_growth_HEAP_EXTEND || class == EX_growth_HEAP_FIRST_COMMIT;
	uintptr_t heap = ex_heap_base((uintptr_t)begin);
	if (class == EX_growth_HEAP_EXTEND && ex_options.grow_step_bytes &&
	    (uintptr_t)begin + length <= ex_heap_committed_end(heap))
		return 0;
	unsigned long bytes = is_commit ? stepped((uintptr_t)begin, length) : length;
	struct ex_growth growth = {.event = {.call = EX_memory_call_MPROTECT,
					     .class = (uint8_t) class,
					     .prot = (uint32_t)prot,
					     .begin = (uintptr_t)begin,
					     .bytes = bytes,
					     .caller = caller}};
	if (class == EX_growth_HEAP_EXTEND || class == EX_growth_HEAP_SHRINK)
		growth.event.arena = ex_heap_arena(heap);
	error = ex_growth_begin(&growth, is_commit || class == EX_growth_OTHER_GROW);
	if (error) {
		refuse(&growth, error);
		return -1;
	}
	growth.is_code = (prot & PROT_EXEC_) || ex_code_is_in((uintptr_t)begin, length);
	result = next(begin, bytes, prot);
	if (result && bytes != length) {
		growth.event.bytes = bytes = length;
		result = next(begin, bytes, prot);
	}
	if (ex_memory_is_worth_another(result != 0))
		result = next(begin, bytes, prot);
	if (!result && class == EX_growth_HEAP_FIRST_COMMIT) {
		ex_heap_add(heap, heap + bytes);
		ex_self.new_heap = heap;
		ex_self.reserved = ex_self.reserved_end = 0;
	} else if (!result && class == EX_growth_HEAP_EXTEND) {
		ex_heap_commit(heap, (uintptr_t)begin + bytes);
	} else if (!result && class == EX_growth_HEAP_SHRINK) {
		ex_heap_commit(heap, (uintptr_t)begin);
	}
	end(&growth, result != 0);
	return result;
}

EX_ANY_STACK int ex_memory_mprotect(void *begin, unsigned long length, int prot, uintptr_t caller,
				    ex_mprotect_function *next)
{
	if (ex_quarantine_has(begin, length))
		return refused(ENOMEM_);
	if (prot & PROT_EXEC_)
		ex_clone_at(EX_point_MAP_EXEC);
	if (!(prot & PROT_READ_) && ex_memory_is_kept(EX_release_MPROTECT, begin, length, caller))
		return 0;
	if (!(prot & PROT_READ_))
		released_soon(EX_release_MPROTECT, begin, length, caller);
	int result =
		ex_growth_is_on() ? observed_mprotect(begin, length, prot, caller, next) : next(begin, length, prot);
	if (!result)
		ex_code_note((uintptr_t)begin, length, prot, 0);
	return result;
}

EX_ANY_STACK int ex_memory_madvise(void *begin, unsigned long length, int advice, uintptr_t caller,
				   ex_madvise_function *next)
{
	int is_discard = advice == MADV_DONTNEED_ || advice == MADV_FREE_, result;
	if (ex_quarantine_has(begin, length))
		return refused(ENOMEM_);
	if (is_discard && ex_memory_is_kept(EX_release_MADVISE, begin, length, caller))
		return 0;
	if (ex_growth_is_on()) {
		uintptr_t heap = ex_heap_base((uintptr_t)begin);
		int class = is_discard ? class_by_module(caller, 0) : EX_growth_NOT_ALLOCATOR;
		int is_main = ex_memory_is_main_heap((uintptr_t)begin); /* malloc_trim, of whole pages in the middle */
		if (ex_is_libc(caller) && is_discard && (is_main || ex_heap_is(heap)))
			class = EX_growth_HEAP_SHRINK;
		struct ex_growth growth = {.event = {.call = EX_memory_call_MADVISE,
						     .class = (uint8_t) class,
						     .prot = (uint32_t)advice,
						     .begin = (uintptr_t)begin,
						     .bytes = length,
						     .caller = caller}};
		if (class == EX_growth_HEAP_SHRINK)
			growth.event.arena = is_main ? ex_main_arena() : ex_heap_arena(heap);
		ex_growth_begin(&growth, 0);
		result = next(begin, length, advice);
		end(&growth, result != 0);
	} else {
		result = next(begin, length, advice);
	}
	if (!result && is_discard)
		ex_memory_released(EX_release_MADVISE, begin, length, caller);
	return result;
}
