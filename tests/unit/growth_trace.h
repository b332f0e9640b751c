/*
 * growth_trace.h: traces of growth made by hand, and what comes out of them in growth and steps.
 */
#ifndef GROWTH_TRACE_H
#define GROWTH_TRACE_H

#include "encode.h"
#include "growth.h"
#include "tap.h"

#include <sys/mman.h>

#define HEAP (64ull << 20)
#define A 0x700000000000ull
#define B 0x700010000000ull
#define C 0x700020000000ull
#define ARENA(heap) ((heap) + 0x30)
#define MAIN 0x7f0000001c60ull
#define BREAK 0x555500000000ull
#define KIB 1024ull
#define PAGE 4096ull

static struct encode e;
static const char *dir;
static struct ex_trace trace;
static struct ex_processes processes;
static struct ex_growth growth;
static struct ex_steps steps;
static uint32_t number; /* of the growth that was put last */
static int stream;

__attribute__((unused)) static void image(uint32_t pid, uint64_t at_ns, uint32_t ppid, uint64_t parent_ns)
{
	encode_begin(&e, pid, at_ns);
	ENCODE(&e, IMAGE, image, .pid = pid, .ppid = ppid, .image = at_ns, .parent_image = parent_ns,
	       .origin = ppid > 1 ? EX_origin_FORK : EX_origin_START);
	encode_text(&e, "/bin/app");
	encode_text(&e, "/");
	encode_text(&e, "");
	encode_blob(&e, "app\0", 4);
	number = 0;
}

__attribute__((unused)) static void begin_case(const char *name)
{
	printf("# %s\n", name);
	dir = make_trace();
	stream = 0;
	image(100, 1000, 1, 0);
}

__attribute__((unused)) static void flush_stream(void)
{
	char name[64];
	snprintf(name, sizeof(name), "s.1.1.%d.0", stream++);
	encode_write(&e, dir, name);
}

__attribute__((unused)) static void end_case_for(uint32_t pid)
{
	flush_stream();
	OK(ex_trace_open(&trace, dir, NULL) == EX_TRACE_OK, "the trace opens");
	ex_processes_build(&processes, &trace);
	const struct ex_image *one = ex_processes_find(&processes, pid);
	if (!one)
		abort();
	ex_growth_build(&growth, one, NULL, NULL, 0);
	ex_steps_build(&steps, one);
	remove_trace(dir);
}

__attribute__((unused)) static void end_case(void)
{
	end_case_for(100);
}

__attribute__((unused)) static void put(struct ex_ev_growth event)
{
	if (!event.duration)
		event.duration = 100;
	encode_event(&e, EX_EV_GROWTH, &event, sizeof(event));
	encode_blob(&e, "", 0);
	encode_blob(&e, "", 0);
}

__attribute__((unused)) static void reserve(uint64_t begin, uint64_t bytes)
{
	put((struct ex_ev_growth){.call = EX_memory_call_MMAP,
				  .class = EX_growth_HEAP_RESERVE,
				  .n = ++number,
				  .begin = begin,
				  .bytes = bytes});
}

__attribute__((unused)) static void first_pages(uint64_t heap, uint64_t bytes)
{
	put((struct ex_ev_growth){.call = EX_memory_call_MPROTECT,
				  .class = EX_growth_HEAP_FIRST_COMMIT,
				  .n = ++number,
				  .prot = PROT_READ | PROT_WRITE,
				  .begin = heap,
				  .bytes = bytes});
}

__attribute__((unused)) static void extend(uint64_t begin, uint64_t bytes, uint64_t arena)
{
	put((struct ex_ev_growth){.call = EX_memory_call_MPROTECT,
				  .class = EX_growth_HEAP_EXTEND,
				  .n = ++number,
				  .prot = PROT_READ | PROT_WRITE,
				  .begin = begin,
				  .bytes = bytes,
				  .arena = arena});
}

__attribute__((unused)) static void unmap(int class, uint64_t begin, uint64_t bytes, uint64_t duration)
{
	put((struct ex_ev_growth){.call = EX_memory_call_MUNMAP,
				  .class = (uint8_t) class,
				  .begin = begin,
				  .bytes = bytes,
				  .duration = duration});
}

__attribute__((unused)) static void shrink(int call, uint64_t begin, uint64_t bytes)
{
	put((struct ex_ev_growth){.call = (uint8_t)call,
				  .class = EX_growth_HEAP_SHRINK,
				  .begin = begin,
				  .bytes = bytes});
}

__attribute__((unused)) static void brk_up(uint64_t from, uint64_t bytes)
{
	put((struct ex_ev_growth){.call = EX_memory_call_BRK,
				  .class = EX_growth_BRK_EXTEND,
				  .n = ++number,
				  .begin = from,
				  .bytes = bytes,
				  .old = from,
				  .arena = MAIN});
}

__attribute__((unused)) static void brk_down(uint64_t to, uint64_t bytes)
{
	put((struct ex_ev_growth){.call = EX_memory_call_BRK,
				  .class = EX_growth_BRK_TRIM,
				  .begin = to,
				  .bytes = bytes,
				  .old = to + bytes,
				  .arena = MAIN});
}

__attribute__((unused)) static void chunk(int class, uint64_t begin, uint64_t bytes, uint64_t old_bytes)
{
	int is_map = class == EX_growth_MMAP_CHUNK, is_move = class == EX_growth_MREMAP_CHUNK;
	put((struct ex_ev_growth){.call = is_map    ? EX_memory_call_MMAP
					  : is_move ? EX_memory_call_MREMAP
						    : EX_memory_call_MUNMAP,
				  .class = (uint8_t) class,
				  .n = is_map || (is_move && bytes > old_bytes) ? ++number : 0,
				  .begin = begin,
				  .bytes = bytes,
				  .old_bytes = old_bytes});
}

__attribute__((unused)) static void heap_is(uint64_t heap, uint64_t arena)
{
	ENCODE(&e, HEAP, heap, .heap = heap, .arena = arena);
}

__attribute__((unused)) static void wait_for(int kind, uint64_t lock, uint64_t ns)
{
	ENCODE(&e, WAIT, wait, .kind = (uint8_t)kind, .lock = lock, .arena = kind == EX_lock_ARENA ? lock : 0,
	       .duration = ns);
}

__attribute__((unused)) static void main_arena(void)
{
	ENCODE(&e, MAIN_ARENA, main_arena, .arena = MAIN, .heap_bytes = HEAP);
}

/* a heap in one go; the thread is the encoder's */
__attribute__((unused)) static void whole_heap(uint64_t heap, uint64_t bytes)
{
	reserve(heap, HEAP);
	first_pages(heap, bytes);
	heap_is(heap, ARENA(heap));
}

#endif
