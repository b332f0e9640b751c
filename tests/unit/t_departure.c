/*
 * t_departure.c: the way from main's end to the kernel, and the threads that were there. Traces of a few events each.
 */
#include "departure.h"
#include "encode.h"
#include "live.h"
#include "tap.h"

static struct encode e;
static struct ex_trace trace;
static struct ex_processes processes;
static struct ex_teardown teardown;
static struct ex_departure departure;
static struct ex_live_thread *threads;
static size_t thread_count;

static void begin_case(void)
{
	encode_begin(&e, 100, 1000);
	ENCODE(&e, IMAGE, image, .pid = 100, .ppid = 1, .image = 1000);
	encode_text(&e, "/bin/app");
	encode_text(&e, "/");
	encode_text(&e, "");
	encode_blob(&e, "app\0", 4);
}

static void by(uint32_t tid, uint64_t at_ns)
{
	e.tid = tid;
	e.now_ns = at_ns;
}

static void exit_begin(int kind)
{
	ENCODE(&e, EXIT_BEGIN, exit_begin, .kind = (uint8_t)kind);
	encode_blob(&e, "", 0);
	encode_blob(&e, "", 0);
}

static void handler(uint32_t row, uint64_t from_ns, uint64_t to_ns)
{
	by(100, from_ns);
	ENCODE(&e, HANDLER_BEGIN, handler_begin, .id = row, .row = row);
	if (!to_ns)
		return;
	by(100, to_ns);
	ENCODE(&e, HANDLER_END, handler_end, .id = row, .row = row);
}

static void live(uint32_t tid, int syscall, uint64_t pc, const char *name)
{
	ENCODE(&e, LIVE_THREAD, live_thread, .thread = tid, .syscall = syscall, .pc = pc, .sp = pc ? 0x7000 : 0);
	encode_text(&e, name);
	encode_blob(&e, "stack of it", pc ? 8 : 0);
}

static void late_call(uint32_t tid, uint64_t at_ns, int kind)
{
	by(tid, at_ns);
	ENCODE(&e, LATE_CALL, late_call, .kind = (uint8_t)kind);
}

static void read_case(void)
{
	const char *dir = make_trace();
	encode_write(&e, dir, "s.1.1.0.0");
	OK(ex_trace_open(&trace, dir, NULL) == EX_TRACE_OK, "opens");
	ex_processes_build(&processes, &trace);
	remove_trace(dir);
	ex_teardown_build(&teardown, processes.judged, ex_symbols_open(processes.judged, NULL));
	ex_departure_build(&departure, &teardown);
	thread_count = ex_live_find(&teardown, &threads);
}

static void plain(void)
{
	begin_case();
	by(100, 2000);
	ENCODE(&e, MAIN_END, main_end, .row = 1);
	by(100, 2010);
	exit_begin(EX_exit_MAIN);
	handler(2, 2100, 2200);
	by(100, 2300);
	ENCODE(&e, GOODBYE, goodbye, .threads = 1);
	by(100, 2450);
	ENCODE(&e, LEAVING, leaving, .status = 0);
	read_case();
	IS_INT(departure.left_ns - departure.begin_ns, 450, "from main's end to the kernel");
	IS_INT(departure.left_ns - departure.stdio_ns, 150, "stdio behind the dynamic linker's finalizer");
	IS_INT(departure.call_count, 1, "one call");
	IS_TEXT(departure.calls[0].kind, "main-return", "of main");
}

static void handler_behind_goodbye(uint64_t to_ns)
{
	begin_case();
	by(100, 2000);
	exit_begin(EX_exit_EXIT);
	by(100, 2300);
	ENCODE(&e, GOODBYE, goodbye, .threads = 1);
	handler(1, 2310, to_ns);
	by(100, 2450);
	ENCODE(&e, LEAVING, leaving, .status = 0);
	read_case();
}

static void others(void)
{
	begin_case();
	by(100, 2000);
	exit_begin(EX_exit_EXIT);
	handler(1, 2010, 0);
	by(100, 2020);
	ENCODE(&e, GOODBYE, goodbye, .threads = 1);
	by(101, 2100);
	exit_begin(EX_exit_EXIT);
	by(101, 2200);
	ENCODE(&e, LEAVING, leaving, .status = 0);
	read_case();
	IS_INT(departure.left_ns - departure.begin_ns, 200, "another thread leaves");
	IS_INT(departure.stdio_ns, 0, "and when its stdio began is not known");
	IS_INT(departure.call_count, 2, "two calls");
	IS_TEXT(ex_departure_fate(&departure, &teardown, &teardown.rows[0], 1),
		"still ran when thread 101 ended the process", "what became of the handler");

	begin_case();
	ENCODE(&e, CHILD, child, .pid = 102, .how = EX_child_VFORK);
	encode_text(&e, "");
	by(102, 1900);
	exit_begin(EX_exit_FAST);
	by(102, 1950);
	ENCODE(&e, LEAVING, leaving, .status = 9);
	by(100, 2000);
	exit_begin(EX_exit_EXIT);
	read_case();
	IS_INT(departure.call_count, 1, "a vfork child's way out is not its parent's");
	IS_INT(departure.begin_ns, 2000, "nor when it began");
	IS_INT(departure.left_ns, 0, "nor its end");
}

static void alive(void)
{
	begin_case();
	by(103, 1500);
	ENCODE(&e, THREAD_BEGIN, thread_begin, .fn = 0x1234);
	by(104, 1510);
	ENCODE(&e, THREAD_BEGIN, thread_begin, .fn = 0x1234);
	by(104, 1520);
	ENCODE(&e, THREAD_END, thread_end, .fn = 0x1234);
	by(100, 2000);
	exit_begin(EX_exit_EXIT);
	live(103, 202, 0x4444, "pool");
	live(105, -1, 0, "raw");
	live(106, 7777, 0x4444, "");
	live(107, -2, 0, "");
	late_call(105, 2050, EX_late_call_ALLOCATE);
	by(100, 2100);
	ENCODE(&e, HANDLER_BEGIN, handler_begin, .id = 1, .row = 1);
	late_call(105, 2110, EX_late_call_RESIZE);
	late_call(105, 2120, EX_late_call_RELEASE);
	by(100, 2200);
	ENCODE(&e, HANDLER_END, handler_end, .id = 1, .row = 1);
	read_case();
	IS_INT(thread_count, 4, "those that had begun, and those that the system had");
	IS_INT(threads[0].tid, 103, "the first has a start routine");
	IS_INT(threads[0].start.address, 0x1234, "which is told");
	IS_TEXT(threads[0].name, "pool", "and a name");
	IS_INT(threads[0].frame_count, 1, "its program counter is the only frame that is certain");
	OK(!threads[1].frame_count && !ex_live_syscall(&threads[1]), "one was running");
	OK(!ex_live_syscall(&threads[3]), "of one nothing is known");
	IS_INT(threads[0].after_count, 0, "one slept on");
	IS_INT(threads[1].after_count, 2, "one did not, before and during a handler");
	OK(!threads[1].after[0].row && threads[1].after[0].allocations == 1, "before: one call");
	OK(threads[1].after[1].row == &teardown.rows[0], "during: by its row");
	IS_INT(threads[1].after[1].allocations, 1, "a resize allocates");
	IS_INT(threads[1].after[1].frees, 2, "and frees");
	IS_TEXT(ex_live_syscall(&threads[2]), "system call 7777", "a call without a name has its number");
}

int main(void)
{
	plain();
	handler_behind_goodbye(2400);
	IS_INT(departure.left_ns - departure.stdio_ns, 50, "stdio behind a handler that comes last of all");
	handler_behind_goodbye(0);
	IS_INT(departure.stdio_ns, 0, "which never returned: not known");
	others();
	alive();
	return tap_done();
}
