/*
 * t_growth_heaps.c: which heap and arena a growth belongs to, and what a sandbox's host would need for it.
 */
#include "growth_trace.h"

/* one address, two heaps, two arenas */
static void reuse(void)
{
	begin_case("a heap's place is used again by another arena");
	whole_heap(A, 8 * PAGE);
	unmap(EX_growth_HEAP_DELETE, A, HEAP, 0);
	reserve(A, HEAP);
	first_pages(A, 4 * PAGE);
	heap_is(A, ARENA(B));
	extend(A + 4 * PAGE, PAGE, 0);
	end_case();
	IS_INT(steps.heap_count, 2, "two heaps");
	IS_INT(growth.arena_count, 2, "two arenas");
	IS_INT(growth.arenas[0].address, ARENA(A), "the first");
	IS_INT(growth.arenas[0].committed_bytes, 0, "has nothing left");
	IS_INT(growth.arenas[0].peak_committed_bytes, 8 * PAGE, "had");
	IS_INT(growth.arenas[0].growths, 2, "its growths");
	IS_INT(growth.arenas[1].address, ARENA(B), "the second");
	IS_INT(growth.arenas[1].committed_bytes, 5 * PAGE, "has what is there");
	IS_INT(growth.arenas[1].growths, 3, "its growths");
	IS_INT(growth.arenas[1].reserved_bytes, HEAP, "one heap");
}

/* thread 1 deletes a heap; thread 2 gets the place, and tells so before thread 1 tells of its deletion */
static void late(void)
{
	begin_case("a deletion that is told after the next heap's first pages");
	whole_heap(A, 8 * PAGE);
	e.tid = 200;
	reserve(A, HEAP);
	uint64_t reserved_ns = e.now_ns - 1000;
	first_pages(A, 2 * PAGE);
	heap_is(A, ARENA(B));
	e.tid = 100;
	unmap(EX_growth_HEAP_DELETE, A, HEAP, e.now_ns - reserved_ns + 500);
	e.tid = 200;
	extend(A + 2 * PAGE, PAGE, ARENA(B));
	end_case();
	IS_INT(growth.arena_count, 2, "two arenas");
	IS_INT(growth.arenas[0].heaps, 0, "the first is gone");
	IS_INT(growth.arenas[1].heaps, 1, "the second is there");
	IS_INT(growth.arenas[1].committed_bytes, 3 * PAGE, "with its pages");
}

static void unknown(void)
{
	begin_case("a heap whose arena is never told, and one that is told late");
	reserve(A, HEAP);
	first_pages(A, PAGE);
	extend(A + PAGE, PAGE, 0);
	reserve(B, HEAP);
	first_pages(B, PAGE);
	extend(B + PAGE, PAGE, ARENA(B));
	extend(C + 16 * PAGE, PAGE, ARENA(C)); /* a heap from before the trace */
	end_case();
	IS_INT(growth.arena_count, 3, "three rows");
	IS_INT(growth.arenas[0].address, ARENA(B), "told by a growth, and backwards");
	IS_INT(growth.arenas[0].growths, 3, "with all its growths");
	IS_INT(growth.arenas[1].committed_bytes, 17 * PAGE, "what lay below the first growth seen is accessible too");
	IS_TEXT(ex_arena_name(&growth.arenas[2]), "unknown", "the unknown is last");
	IS_INT(growth.arenas[2].growths, 3, "and has the rest");
	IS_INT(growth.switches, 2, "heaps of no known arena are told apart by themselves");
}

static void turns(void)
{
	begin_case("two arenas in turn, then one by itself");
	whole_heap(A, PAGE);
	whole_heap(B, PAGE);
	for (uint64_t n = 1; n <= 3; n++) {
		extend(A + n * PAGE, PAGE, ARENA(A));
		extend(B + n * PAGE, PAGE, ARENA(B));
	}
	for (uint64_t n = 4; n < 10; n++)
		extend(A + n * PAGE, PAGE, ARENA(A));
	end_case();
	IS_INT(growth.arena_growths, 16, "growths");
	IS_INT(growth.switches, 8, "switches");
	/* first pages 2, in turn 6, then A by itself: one more */
	IS_INT(growth.host_mappings, 9, "host mappings as it was");
	IS_INT(growth.host_mappings_worst, 9, "it could not be worse");

	begin_case("two arenas one after the other within each other's time");
	whole_heap(A, PAGE);
	whole_heap(B, PAGE);
	for (uint64_t n = 1; n <= 10; n++)
		extend(A + n * PAGE, PAGE, ARENA(A));
	for (uint64_t n = 1; n <= 10; n++)
		extend(B + n * PAGE, PAGE, ARENA(B));
	end_case();
	IS_INT(growth.switches, 3, "switches");
	IS_INT(growth.host_mappings, 4, "host mappings as it was");
	/* A 1, B 1, A 10 while B is yet to grow; of B the first still falls to A's last; then it is alone */
	IS_INT(growth.host_mappings_worst, 13, "host mappings in turn");
}

static void returned(void)
{
	begin_case("memory that is given back takes its mappings along");
	whole_heap(A, PAGE);
	whole_heap(B, PAGE);
	for (uint64_t n = 1; n <= 4; n++) {
		extend(A + n * PAGE, PAGE, ARENA(A));
		extend(B + n * PAGE, PAGE, ARENA(B));
	}
	unmap(EX_growth_HEAP_DELETE, B, HEAP, 0);
	shrink(EX_memory_call_MADVISE, A + 2 * PAGE, 3 * PAGE);
	whole_heap(C, PAGE);
	end_case();
	IS_INT(growth.host_mappings, 10, "the most is before");
	IS_INT(growth.arenas[0].committed_bytes, 5 * PAGE, "madvise leaves it accessible");

	begin_case("a heap that is made inaccessible shrinks");
	whole_heap(A, 8 * PAGE);
	shrink(EX_memory_call_MMAP, A + 2 * PAGE, 6 * PAGE);
	end_case();
	IS_INT(growth.arenas[0].committed_bytes, 2 * PAGE, "what is left");
	IS_INT(growth.arenas[0].peak_committed_bytes, 8 * PAGE, "what was");
}

static void forked(void)
{
	begin_case("a fork child begins with what its parent had");
	main_arena();
	brk_up(BREAK, 16 * PAGE);
	whole_heap(A, 4 * PAGE);
	ENCODE(&e, DETOUR, detour, .result = EX_detour_PLACED);
	encode_text(&e, "mmap");
	uint64_t fork_ns = e.now_ns;
	e.now_ns += 100000;
	extend(A + 4 * PAGE, 100 * PAGE, ARENA(A)); /* after the fork */
	flush_stream();
	image(101, fork_ns + 500, 100, 1000);
	extend(A + 4 * PAGE, PAGE, 0);
	brk_up(BREAK + 16 * PAGE, PAGE);
	end_case_for(101);
	IS_INT(growth.growths, 2, "its own growths");
	IS_INT(growth.by_call[EX_memory_call_MMAP], 0, "its own calls");
	IS_INT(growth.arena_count, 2, "the arenas it has");
	IS_INT(growth.arenas[0].is_main, 1, "main");
	IS_INT(growth.arenas[0].committed_bytes, 17 * PAGE, "its parent's pages and its own: main");
	IS_INT(growth.arenas[1].committed_bytes, 5 * PAGE, "the heap");
	IS_INT(growth.arenas[1].growths, 1, "one growth");
	IS_INT(growth.hook_count, 1, "the detours are its parent's");
	IS_INT(growth.is_observed, 1, "so it was observed");
}

int main(void)
{
	reuse();
	late();
	unknown();
	turns();
	returned();
	forked();
	return tap_done();
}
