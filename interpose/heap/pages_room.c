/*
 * pages_room.c: see pages_room.h. A live block costs two mappings: its pages, and what follows it without access. The kernel
 * lets a process have vm.max_map_count of them (65530 where nobody has changed that), and the program needs some itself, so
 * guarded blocks may have three quarters. One that was given back costs none: its pages join those around.
 */
#include "pages_room.h"

#include "expand.h"
#include "lock.h"
#include "options.h"
#include "place.h"
#include "stream.h"

#define MOST_BYTES ((size_t)64 << 30)
#define SAMPLE_BYTES ((size_t)1 << 30)
#define LEAST_BYTES ((size_t)64 << 20)
#define MAPPINGS_USUAL 65530u
#define EXTRA_MAX_BYTES ((size_t)256 << 20) /* what live blocks take beyond what they were asked for with */
#define RUNS 32
#define SLOTS_STEP 65536u

uintptr_t ex_pages_begin, ex_pages_end;
static struct ex_pages_slot *slots;
static uintptr_t slots_ready; /* so many can be read and written */
static uintptr_t next;	      /* first page that nobody has had */
static uint32_t live, live_max, told;
static uint64_t extra_bytes;
static int is_closed;

/* runs that were given back, by the power of two that their pages are; the oldest first */
static struct {
	uint32_t first, last; /* numbers, less one */
} freed[RUNS] EX_TABLE;
static uint32_t lock;

static uint32_t read_mappings_max(void)
{
	char text[16];
	long count = ex_os_file_head("/proc/sys/vm/max_map_count", 0, text, sizeof(text));
	uint32_t n = 0;
	for (long i = 0; i < count && text[i] >= '0' && text[i] <= '9' && n < 100000000; i++)
		n = n * 10 + (uint32_t)(text[i] - '0');
	return n ? n : MAPPINGS_USUAL;
}

int ex_pages_room_prepare(void)
{
	size_t page = ex_os_page_bytes(), bytes = ex_options.guard == EX_guard_SAMPLE ? SAMPLE_BYTES : MOST_BYTES;
	uint64_t allowed = ex_os_address_space_limit();
	live_max = read_mappings_max() / 8 * 3;
	/* of a limited address space an eighth: the program must not run into its limit by this */
	for (; bytes >= LEAST_BYTES && !ex_pages_begin; bytes /= 4) {
		void *begin = bytes <= allowed / 8 ? ex_os_reserve(bytes) : NULL;
		if (!begin)
			continue;
		/* to be written bit by bit: what can be is counted against a limit of data (RLIMIT_DATA) */
		slots = ex_os_reserve(bytes / page * sizeof(*slots));
		if (!slots) {
			ex_os_unmap(begin, bytes);
			continue;
		}
		ex_pages_end = (uintptr_t)begin + bytes;
		ex_pages_begin = (uintptr_t)begin;
	}
	return ex_pages_begin != 0;
}

struct ex_pages_slot *ex_pages_slot(uintptr_t n)
{
	static struct ex_pages_slot none; /* NEVER, and nobody writes to it */
	return n < __atomic_load_n(&slots_ready, __ATOMIC_ACQUIRE) ? &slots[n] : &none;
}

/* the first n are to be written to; 0: the system refuses */
static int prepare_slots(uintptr_t n)
{
	for (uintptr_t ready = __atomic_load_n(&slots_ready, __ATOMIC_ACQUIRE); ready < n;) {
		uintptr_t all = (ex_pages_end - ex_pages_begin) / ex_os_page_bytes();
		uintptr_t to = ready + SLOTS_STEP < all ? ready + SLOTS_STEP : all;
		if (ex_os_protect(&slots[ready], (to - ready) * sizeof(*slots), 1))
			return 0;
		if (__atomic_compare_exchange_n(&slots_ready, &ready, to, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			ready = to;
	}
	return 1;
}

static void tell_full(int why)
{
	if (!(__atomic_fetch_or(&told, 1u << why, __ATOMIC_RELAXED) & 1u << why))
		EX_PUT(GUARD_FULL, guard_full,
		       (.why = (uint8_t)why, .live = __atomic_load_n(&live, __ATOMIC_RELAXED),
			.used = __atomic_load_n(&next, __ATOMIC_RELAXED) * ex_os_page_bytes()), );
}

void ex_pages_room_close(int why)
{
	tell_full(why);
	__atomic_store_n(&is_closed, 1, __ATOMIC_RELAXED);
}

int ex_pages_room_enter(size_t pages, size_t bytes)
{
	uint64_t extra = pages * ex_os_page_bytes() - bytes;
	if (__atomic_load_n(&is_closed, __ATOMIC_RELAXED))
		return 0;
	uint32_t now = __atomic_add_fetch(&live, 1, __ATOMIC_RELAXED);
	uint64_t more = __atomic_add_fetch(&extra_bytes, extra, __ATOMIC_RELAXED);
	if (now <= live_max && more <= EXTRA_MAX_BYTES)
		return 1;
	ex_pages_room_leave(pages, bytes);
	tell_full(now > live_max ? EX_guard_full_BLOCKS : EX_guard_full_MEMORY);
	return 0;
}

void ex_pages_room_leave(size_t pages, size_t bytes)
{
	__atomic_sub_fetch(&live, 1, __ATOMIC_RELAXED);
	__atomic_sub_fetch(&extra_bytes, pages * ex_os_page_bytes() - bytes, __ATOMIC_RELAXED);
}

static unsigned run_of(size_t pages)
{
	unsigned run = 0;
	while (((size_t)1 << run) < pages)
		run++;
	return run;
}

static uintptr_t take_freed(unsigned run)
{
	uintptr_t n = 0;
	if (!ex_try_lock(&lock))
		return 0;
	if (freed[run].first) {
		n = freed[run].first - 1;
		freed[run].first = slots[n].next;
		if (!freed[run].first)
			freed[run].last = 0;
	}
	ex_unlock(&lock);
	return n;
}

uintptr_t ex_pages_room_take(size_t pages)
{
	size_t all = (ex_pages_end - ex_pages_begin) / ex_os_page_bytes();
	int is_sample = ex_options.guard == EX_guard_SAMPLE;
	unsigned run = run_of(pages);
	size_t wanted = (is_sample ? (size_t)1 << run : pages) + 1;
	/* the first page of all is nobody's */
	uintptr_t at = 1 + __atomic_load_n(&next, __ATOMIC_RELAXED);
	if (wanted < all && at + wanted <= all) {
		at = 1 + __atomic_fetch_add(&next, wanted, __ATOMIC_RELAXED);
		if (at + wanted <= all) {
			if (prepare_slots(at + wanted))
				return at;
			ex_pages_room_close(EX_guard_full_MAPPINGS);
			return 0;
		}
		__atomic_fetch_sub(&next, wanted, __ATOMIC_RELAXED);
	}
	at = is_sample && run < RUNS ? take_freed(run) : 0;
	if (!at)
		tell_full(EX_guard_full_SPACE);
	return at;
}

void ex_pages_room_give(uintptr_t n, size_t pages)
{
	unsigned run = run_of(pages);
	if (ex_options.guard != EX_guard_SAMPLE || run >= RUNS || !ex_try_lock(&lock))
		return;
	slots[n].next = 0;
	if (freed[run].last)
		slots[freed[run].last - 1].next = (uint32_t)n + 1;
	else
		freed[run].first = (uint32_t)n + 1;
	freed[run].last = (uint32_t)n + 1;
	ex_unlock(&lock);
}
