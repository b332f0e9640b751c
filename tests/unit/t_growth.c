/*
 * t_growth.c: the numbers of a growth section, exactly, out of traces of a few events each.
 */
#include "growth_trace.h"

static void totals(void)
{
	begin_case("totals: every call counted once");
	main_arena();
	brk_up(BREAK, 132 * KIB);
	put((struct ex_ev_growth){.call = EX_memory_call_MMAP,
				  .class = EX_growth_NOT_ALLOCATOR,
				  .overlap = 5,
				  .begin = C,
				  .bytes = 8192});
	reserve(A - PAGE, 2 * HEAP);
	unmap(EX_growth_HEAP_ALIGN_TRIM, A - PAGE, PAGE, 0);
	unmap(EX_growth_HEAP_ALIGN_TRIM, A + HEAP, HEAP - PAGE, 0);
	first_pages(A, 132 * KIB);
	heap_is(A, ARENA(A));
	put((struct ex_ev_growth){.call = EX_memory_call_MPROTECT,
				  .class = EX_growth_HEAP_EXTEND,
				  .n = ++number,
				  .overlap = 3,
				  .begin = A + 132 * KIB,
				  .bytes = PAGE});
	brk_down(BREAK + 100 * KIB, 32 * KIB);
	end_case();
	IS_INT(growth.by_call[EX_memory_call_MMAP], 2, "mmap");
	IS_INT(growth.by_call[EX_memory_call_MUNMAP], 2, "munmap");
	IS_INT(growth.by_call[EX_memory_call_MPROTECT], 2, "mprotect");
	IS_INT(growth.by_call[EX_memory_call_BRK], 2, "brk");
	IS_INT(growth.by_class[EX_growth_NOT_ALLOCATOR], 1, "not-allocator");
	IS_INT(growth.by_class[EX_growth_HEAP_ALIGN_TRIM], 2, "heap-align-trim");
	IS_INT(growth.growths, 4, "growths are the numbered ones");
	IS_INT(growth.grown_bytes, 264 * KIB + PAGE, "a reservation makes nothing accessible");
	IS_INT(growth.overlap, 1, "what is no growth does not overlap");
	IS_INT(growth.overlap_max, 3, "most at a time");
	IS_INT(growth.arena_count, 2, "two arenas");
	IS_TEXT(ex_arena_name(&growth.arenas[0]), "main", "main is first");
	IS_INT(growth.arenas[0].address, MAIN, "and has its address");
	IS_INT(growth.arenas[0].committed_bytes, 100 * KIB, "main: what is left of the break");
	IS_INT(growth.arenas[0].reserved_bytes, 100 * KIB, "main: from the first break to the last");
	IS_INT(growth.arenas[0].peak_committed_bytes, 132 * KIB, "main: peak");
	IS_INT(growth.arenas[1].address, ARENA(A), "the heap's");
	IS_INT(growth.arenas[1].reserved_bytes, HEAP, "one heap");
	IS_INT(growth.arenas[1].committed_bytes, 132 * KIB + PAGE, "its pages");
	IS_INT(growth.arenas[1].growths, 3, "the reservation is its, though it was told before the heap had an arena");
	IS_INT(growth.switches, 1, "main, then the heap");
	IS_INT(growth.is_observed, 1, "observed");
	IS_INT(growth.module_count, 1, "the program's own map");
	IS_INT(growth.modules[0].grown_bytes, 8192, "by its bytes");
}

static void waits(void)
{
	begin_case("waits: nearest rank, threads, locks");
	main_arena();
	brk_up(BREAK, PAGE);
	for (unsigned n = 0; n < 200; n++) { /* 1 to 200 ns, out of order */
		e.tid = 100 + n % 3;
		wait_for(EX_lock_ARENA, MAIN, n * 77 % 200 + 1);
	}
	wait_for(EX_lock_ARENA, ARENA(A), 7);
	wait_for(EX_lock_LIBC, 0x1234, 9);
	wait_for(EX_lock_MUTEX, 0x1234, 9);
	wait_for(EX_lock_MUTEX, 0x1234, 9);
	end_case();
	IS_INT(growth.arena_count, 2, "an arena that was only waited for has a row");
	const struct ex_waits *of = &growth.arenas[0].waits;
	IS_INT(of->count, 200, "number");
	IS_INT(of->p50_ns, 100, "p50");
	IS_INT(of->p99_ns, 198, "p99");
	IS_INT(of->max_ns, 200, "max");
	IS_INT(of->total_ns, 20100, "total");
	IS_INT(growth.arenas[0].threads, 3, "threads");
	of = &growth.arenas[1].waits;
	IS_INT(of->p50_ns, 7, "of one wait all are that one: p50");
	IS_INT(of->p99_ns, 7, "p99");
	IS_INT(growth.waits[EX_lock_ARENA], 201, "arenas");
	IS_INT(growth.waits[EX_lock_LIBC], 1, "libc");
	IS_INT(growth.waits[EX_lock_MUTEX], 2, "mutexes");
}

static void chunks(void)
{
	begin_case("large blocks");
	chunk(EX_growth_MMAP_CHUNK, B, 256 * KIB, 0);
	chunk(EX_growth_MMAP_CHUNK, C, 512 * KIB, 0);
	chunk(EX_growth_MREMAP_CHUNK, C, 1024 * KIB, 512 * KIB);
	chunk(EX_growth_MUNMAP_CHUNK, B, 256 * KIB, 0);
	end_case();
	IS_INT(growth.chunks, 2, "number");
	IS_INT(growth.chunk_live_bytes, 1024 * KIB, "live");
	IS_INT(growth.chunk_peak_bytes, 1280 * KIB, "peak");
	IS_INT(growth.grown_bytes, 1280 * KIB, "grown");
	IS_INT(growth.growths, 3, "growths");
	IS_INT(growth.switches, 0, "they are no arena's");
	IS_INT(growth.arena_count, 0, "and there is none");
	IS_INT(growth.host_mappings, 2, "one mapping each");
}

static void refused(void)
{
	begin_case("growths refused by the system, and by a treatment");
	whole_heap(A, PAGE);
	uint64_t first_ns = e.now_ns - 1000;
	put((struct ex_ev_growth){.call = EX_memory_call_MPROTECT,
				  .class = EX_growth_HEAP_EXTEND,
				  .n = ++number,
				  .error = ENOMEM,
				  .begin = A + PAGE,
				  .bytes = PAGE,
				  .arena = ARENA(A)});
	struct ex_ev_growth treated = {.call = EX_memory_call_BRK,
				       .class = EX_growth_BRK_EXTEND,
				       .n = ++number,
				       .error = EAGAIN,
				       .bytes = PAGE};
	encode_event(&e, EX_EV_GROWTH, &treated, sizeof(treated));
	encode_blob(&e, "", 0);
	encode_blob(&e, "", 0);
	put((struct ex_ev_growth){.call = EX_memory_call_MMAP, .class = EX_growth_NOT_ALLOCATOR, .error = EINVAL});
	end_case();
	IS_INT(growth.failed, 2, "both are failures");
	IS_INT(growth.failed_first_ns, first_ns, "when the first was");
	IS_INT(growth.failed_by_errno[ENOMEM], 1, "ENOMEM");
	IS_INT(growth.failed_by_errno[EAGAIN], 1, "EAGAIN");
	IS_INT(growth.failed_by_errno[EINVAL], 0, "of no allocator: no growth");
	IS_INT(growth.refused_by_treatment, 1, "one by treatment");
	IS_INT(growth.by_call[EX_memory_call_BRK], 0, "which was no system call");
	IS_INT(growth.by_class[EX_growth_BRK_EXTEND], 0, "of no class");
	IS_INT(growth.by_call[EX_memory_call_MPROTECT], 2, "the other was");
	IS_INT(growth.by_call[EX_memory_call_MMAP], 2, "and so was the program's");
	IS_INT(growth.arenas[1].failed, 1, "of that arena");
	IS_INT(growth.arenas[1].committed_bytes, PAGE, "nothing was gained");
	IS_INT(growth.arenas[0].committed_bytes, 0, "nor there");
	IS_INT(growth.growths, 4, "growths, refused ones too");
	IS_INT(growth.arena_growths, 2, "growths that took place");
}

static void course(void)
{
	begin_case("over time");
	whole_heap(A, 10 * PAGE);
	e.now_ns = 1000 + 600000; /* the image begins at 1000 */
	extend(A + 10 * PAGE, 10 * PAGE, ARENA(A));
	e.now_ns = 1000 + 1200000;
	brk_up(BREAK, PAGE);
	end_case();
	uint64_t growths = 0, bytes = 0;
	IS_INT(growth.bucket_count, 60, "sixty parts");
	for (size_t n = 0; n < growth.bucket_count; n++) {
		growths += growth.buckets[n].growths;
		bytes += growth.buckets[n].bytes;
	}
	IS_INT(growths, 4, "no growth is left out");
	IS_INT(bytes, 21 * PAGE, "nor a byte");
	IS_INT(growth.buckets[0].growths, 2, "the first part");
	IS_INT(growth.buckets[0].committed_bytes, 10 * PAGE, "what it ended with");
	IS_INT(growth.buckets[29].committed_bytes + growth.buckets[28].growths, 20 * PAGE, "the middle");
	IS_INT(growth.buckets[28].committed_bytes, 10 * PAGE, "before the middle");
	IS_INT(growth.buckets[59].committed_bytes, 21 * PAGE, "the end");
	IS_INT(growth.buckets[59].to_ns, 1200000, "ends with the image");
}

static void nothing(void)
{
	begin_case("nothing recorded");
	end_case();
	IS_INT(growth.is_observed, 0, "not observed");
	IS_INT(growth.arena_count + growth.bucket_count + growth.module_count, 0, "and nothing told");
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	ex_growth_text(&growth, out, 0);
	fclose(out);
	IS_TEXT(text, "", "not a line");

	begin_case("nothing could be observed");
	ENCODE(&e, DETOUR, detour, .result = EX_detour_SHORT);
	encode_text(&e, "brk");
	end_case();
	IS_INT(growth.is_observed, 0, "not observed");
	out = open_memstream(&text, &length);
	ex_growth_text(&growth, out, 0);
	fclose(out);
	OK(strstr(text, "brk (too short)") && strchr(text, '\n') == text + length - 1, "one line says so");
}

int main(void)
{
	totals();
	waits();
	chunks();
	refused();
	course();
	nothing();
	return tap_done();
}
