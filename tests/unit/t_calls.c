/*
 * t_calls.c: counts of the malloc family out of traces made by hand: threads, an older table, damaged events, who answered.
 */
#include "calls.h"
#include "encode.h"
#include "tap.h"

#define ROWS 32 /* of heap.def when this was written */

static struct encode e;
static struct ex_trace trace;
static struct ex_processes processes;
static struct ex_calls calls;

static void image(uint32_t pid, uint64_t at_ns, uint32_t ppid, uint64_t parent_ns)
{
	encode_begin(&e, pid, at_ns);
	ENCODE(&e, IMAGE, image, .pid = pid, .ppid = ppid, .image = at_ns, .parent_image = parent_ns,
	       .origin = parent_ns ? EX_origin_FORK : EX_origin_START);
	encode_text(&e, "/bin/app");
	encode_text(&e, "/");
	encode_text(&e, "");
	encode_blob(&e, "app\0", 4);
}

static void module(uint64_t begin, const char *path)
{
	ENCODE(&e, MODULE, module, .n = 1, .begin = begin, .end = begin + 0x1000);
	encode_text(&e, path);
	encode_blob(&e, "", 0);
}

/* every counter is its own index plus one, times by */
static void counters(uint32_t tid, size_t rows, size_t skip, uint64_t by)
{
	unsigned char values[8 + (ROWS + 4 + 2 * EX_SIZE_CLASSES) * 8];
	size_t count = rows + 2 * EX_SIZE_CLASSES;
	memset(values, 0xee, sizeof(values));
	for (size_t n = 0; n < count; n++) {
		uint64_t value = (n + 1) * by;
		memcpy(values + skip + n * 8, &value, 8);
	}
	e.tid = tid;
	ENCODE(&e, COUNTERS, counters, .skip = (uint8_t)skip);
	encode_blob(&e, (char *)values, count * 8 + 7);
}

static void read_back(uint32_t pid)
{
	const char *dir = make_trace();
	encode_write(&e, dir, "s.1.1.0.0");
	ex_trace_open(&trace, dir, NULL);
	ex_processes_build(&processes, &trace);
	ex_calls_build(&calls, ex_processes_find(&processes, pid));
	remove_trace(dir);
}

static void threads(void)
{
	image(100, 1000, 1, 0);
	counters(100, ROWS, 0, 1);
	counters(101, ROWS, 7, 10);
	counters(100, ROWS, 3, 100);
	read_back(100);
	IS_INT(calls.is_counted, 1, "counted");
	IS_INT(calls.thread_count, 2, "two events of one thread are one thread");
	IS_INT(calls.threads[0].tid, 100, "in order of appearance");
	IS_INT(calls.by_function[0], 111, "malloc, of all");
	IS_INT(calls.threads[0].by_function[4], 5 * 101, "free, of the first");
	IS_INT(calls.threads[1].all, 10 * ROWS * (ROWS + 1) / 2, "all, of the second");
	IS_INT(calls.by_size[0].calls, (ROWS + 1) * 111, "sizes follow the functions");
	IS_INT(calls.by_size[0].bytes, (ROWS + EX_SIZE_CLASSES + 1) * 111, "and bytes these");
	IS_INT(ex_calls_to_bytes(4), 15, "four bits");
	IS_INT(ex_calls_to_bytes(EX_SIZE_CLASSES - 1), 0, "the last has no bound");
}

static void other_tables(void)
{
	image(100, 1000, 1, 0);
	counters(100, ROWS - 2, 0, 1);
	read_back(100);
	IS_INT(calls.by_function[ROWS - 3], ROWS - 2, "an older table: its last row");
	IS_INT(calls.by_function[ROWS - 2], 0, "and what it did not have");
	IS_INT(calls.by_size[0].calls, ROWS - 1, "sizes are where its rows end");
	image(100, 1000, 1, 0);
	counters(100, ROWS + 4, 0, 1);
	read_back(100);
	IS_INT(calls.by_size[0].calls, ROWS + 5, "a newer table: the same");
}

static void damaged(void)
{
	image(100, 1000, 1, 0);
	ENCODE(&e, COUNTERS, counters, .skip = 200);
	encode_blob(&e, "short", 5);
	read_back(100);
	IS_INT(calls.is_counted, 0, "too short for any counter");
	IS_INT(calls.thread_count, 0, "no thread");
}

static void who(void)
{
	image(100, 1000, 1, 0);
	module(0x10000, "/lib/libc.so.6");
	module(0x20000, "/bin/app");
	ENCODE(&e, ALLOCATOR_OF, allocator_of, .fn = 0x10010);
	encode_text(&e, "malloc");
	ENCODE(&e, ALLOCATOR_OF, allocator_of, .fn = 0x10020);
	encode_text(&e, "free");
	ENCODE(&e, ENTRY, entry, .fn = 0x10010);
	encode_text(&e, "malloc");
	ENCODE(&e, ENTRY, entry, .fn = 0x20020);
	encode_text(&e, "free");
	ENCODE(&e, ENTRY, entry, .fn = 0x20030);
	encode_text(&e, "_Znwm");
	ENCODE(&e, ENTRY, entry, .fn = 0x20040);
	encode_text(&e, "not_a_function_of_the_table");
	counters(100, ROWS, 0, 1);
	read_back(100);
	IS_TEXT(ex_calls_module_name(calls.allocator), "libc.so.6", "who answers");
	IS_INT(calls.unseen_count, 2, "an entry at the same address is no other");
	IS_TEXT(calls.unseen[0].function, "free", "free goes elsewhere");
	IS_TEXT(calls.unseen[1].function, "operator new", "as reports print it");
	IS_TEXT(ex_calls_module_name(calls.unseen[1].module), "app", "where");
}

int main(void)
{
	threads();
	other_tables();
	damaged();
	who();
	return tap_done();
}
