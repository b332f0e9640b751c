/*
 * arena.c: see arena.h. Heaps and the main arena.
 */
#include "arena.h"

#include "detour.h"
#include "expand.h"
#include "os/os.h"
#include "place.h"
#include "real.h"
#include "stream.h"
#include "text.h"

/* 4096 heaps are 256 GiB of thread arenas */
#define HEAPS 4096
#define PROBES 32

static struct heap {
	uintptr_t begin; /* 0 = free */
	uintptr_t committed_end;
	uint32_t told; /* image to which its arena was told */
} heaps[HEAPS] EX_TABLE;
static uint32_t image = 1; /* raised in fork children, which must not touch the whole table */
static int has_heaps;

static size_t slot(uintptr_t heap, int probe)
{
	return (heap / EX_HEAP_BYTES + (size_t)probe) % HEAPS;
}

static struct heap *find(uintptr_t heap)
{
	for (int i = 0; heap && i < PROBES; i++) {
		struct heap *h = &heaps[slot(heap, i)];
		if (__atomic_load_n(&h->begin, __ATOMIC_ACQUIRE) == heap)
			return h;
	}
	return NULL;
}

void ex_heap_add(uintptr_t heap, uintptr_t committed_end)
{
	ex_heap_remove(heap);
	for (int i = 0; i < PROBES; i++) {
		struct heap *h = &heaps[slot(heap, i)];
		uintptr_t none = 0;
		if (!__atomic_compare_exchange_n(&h->begin, &none, heap, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			continue;
		h->committed_end = committed_end;
		h->told = 0;
		has_heaps = 1;
		return;
	}
}

void ex_heap_remove(uintptr_t heap)
{
	struct heap *h = find(heap);
	if (h)
		__atomic_store_n(&h->begin, 0, __ATOMIC_RELEASE);
}

int ex_heap_is(uintptr_t heap)
{
	return find(heap) != NULL;
}

uintptr_t ex_heap_committed_end(uintptr_t heap)
{
	struct heap *h = find(heap);
	return h ? h->committed_end : 0;
}

void ex_heap_commit(uintptr_t heap, uintptr_t committed_end)
{
	struct heap *h = find(heap);
	if (h)
		h->committed_end = committed_end;
}

uintptr_t ex_heap_arena(uintptr_t heap)
{
	return ex_heap_is(heap) ? __atomic_load_n((uintptr_t *)heap, __ATOMIC_RELAXED) : 0;
}

/* of a heap whose lock we do not hold: another thread's free may be unmapping it at this moment */
static uintptr_t peek_arena(uintptr_t heap)
{
	uintptr_t arena = 0;
	if (ex_os_is_sealed())
		return ex_heap_arena(heap);
	return ex_os_peek(&arena, heap, sizeof(arena)) == sizeof(arena) && ex_heap_is(heap) ? arena : 0;
}

int ex_heap_tell(uintptr_t heap)
{
	struct heap *h = find(heap);
	if (!h || __atomic_load_n(&h->told, __ATOMIC_RELAXED) == image)
		return 1;
	uintptr_t arena = peek_arena(heap);
	if (!arena)
		return 0;
	if (__atomic_exchange_n(&h->told, image, __ATOMIC_RELAXED) != image)
		EX_PUT(HEAP, heap, (.heap = heap, .arena = arena), );
	return 1;
}

void ex_heap_tell_all(void)
{
	for (int i = 0; has_heaps && i < HEAPS; i++) {
		uintptr_t heap = __atomic_load_n(&heaps[i].begin, __ATOMIC_ACQUIRE);
		if (heap)
			ex_heap_tell(heap);
	}
}

/*
 * The main arena without symbols (Debian's libc has none for it). Its free lists are 127 pairs of pointers which, while
 * a list is empty, hold the address 16 bytes before themselves: an order of words that nothing else in libc's data has
 * (its other list heads point to their own address). The last lists, of blocks of a megabyte and more, are nearly always
 * empty; the lists lie 0x70 bytes behind the arena's begin since glibc 2.26, 0x68 before.
 */
#define LISTS 127
#define LISTS_MIN 64

static uintptr_t main_arena;
static int has_told_main;

static int minor_version(void)
{
	const char *end, *text = ex_real.gnu_get_libc_version ? ex_real.gnu_get_libc_version() : "";
	return ex_starts(text, "2.") ? (int)ex_decimal(text + 2, &end) : 0;
}

static uintptr_t find_main_arena(void)
{
	uintptr_t last = 0;
	int count = 0;
	for (uintptr_t at = ex_libc.data; at + 16 <= ex_libc.data_end; at += 8) {
		const volatile uintptr_t *pair = (const volatile uintptr_t *)at;
		if (pair[0] != at - 16 || pair[1] != at - 16)
			continue;
		if (last && at - last > LISTS * 16)
			count = 0;
		count++;
		last = at;
	}
	if (count < LISTS_MIN)
		return 0;
	uintptr_t lists = last - (LISTS - 1) * 16;
	return lists - (minor_version() >= 26 ? 0x70 : 0x68);
}

uintptr_t ex_main_arena(void)
{
	if (!main_arena && ex_libc.data)
		__atomic_store_n(&main_arena, find_main_arena(), __ATOMIC_RELAXED);
	if (main_arena && !__atomic_exchange_n(&has_told_main, 1, __ATOMIC_RELAXED))
		EX_PUT(MAIN_ARENA, main_arena, (.arena = main_arena, .heap_bytes = EX_HEAP_BYTES), );
	return main_arena;
}

uintptr_t ex_arena_of_lock(uintptr_t lock)
{
	if (ex_is_libc(lock))
		return lock == ex_main_arena() ? lock : 0;
	return ex_heap_arena(ex_heap_base(lock)) == lock ? lock : 0;
}

void ex_arena_forget(void)
{
	has_told_main = 0;
	image++;
}
