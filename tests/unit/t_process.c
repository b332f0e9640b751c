/*
 * t_process.c: which processes a trace has, how each ended, which one is judged. Traces of a few events each.
 */
#include "encode.h"
#include "process.h"
#include "tap.h"

#include <signal.h>

static struct encode e;
static const char *dir;
static struct ex_trace trace;
static struct ex_processes processes;
static int stream;

static void begin_case(void)
{
	dir = make_trace();
	stream = 0;
}

static void flush_stream(void)
{
	char name[64];
	snprintf(name, sizeof(name), "s.1.1.%d.0", stream++);
	encode_write(&e, dir, name);
}

static void image(uint32_t pid, uint64_t at_ns, int origin, uint64_t parent_ns, uint32_t ppid, const char *exe)
{
	encode_begin(&e, pid, at_ns);
	ENCODE(&e, IMAGE, image, .pid = pid, .ppid = ppid, .image = at_ns, .parent_image = parent_ns,
	       .origin = (uint8_t)origin);
	encode_text(&e, exe);
	encode_text(&e, "/");
	encode_text(&e, "");
	encode_blob(&e, "app\0-x\0", 7);
}

static void exit_begin(int kind, int status)
{
	ENCODE(&e, EXIT_BEGIN, exit_begin, .kind = (uint8_t)kind, .status = status);
	encode_blob(&e, "", 0);
	encode_blob(&e, "", 0);
}

static void crash(int signo, int disposition)
{
	ENCODE(&e, CRASH, crash, .signo = signo, .code = 1, .disposition = (uint8_t)disposition);
	encode_blob(&e, "", 0);
	encode_blob(&e, "", 0);
}

static void writer(uint32_t id)
{
	ENCODE(&e, WRITER, writer, .id = id);
	encode_text(&e, "");
}

static void exec(uint32_t pid)
{
	ENCODE(&e, EXEC, exec, .pid = pid);
	encode_text(&e, "/bin/other");
}

static void launcher(uint32_t root, int status, uint64_t end_ns)
{
	encode_begin(&e, 1, 10);
	ENCODE(&e, LAUNCH, launch, .pid = root);
	encode_text(&e, EXEUNT_VERSION);
	encode_blob(&e, "app\0", 4);
	e.now_ns = end_ns;
	if (status >= 0)
		ENCODE(&e, WAITED, waited, .pid = root, .status = status, .by = EX_waiter_LAUNCHER);
	flush_stream();
}

static void waited(uint32_t pid, int status)
{
	ENCODE(&e, WAITED, waited, .pid = pid, .status = status, .by = EX_waiter_PARENT);
}

static void read_case(void)
{
	OK(ex_trace_open(&trace, dir, NULL) == EX_TRACE_OK, "opens");
	ex_processes_build(&processes, &trace);
	remove_trace(dir);
}

/* one process: its end by what it said and by what the launcher read (-1: nothing) */
static void one_process(const char *name, int kind, int goodbye, int signo, int status, enum ex_end_kind end,
			int number)
{
	begin_case();
	image(100, 1000, EX_origin_START, 0, 1, "/bin/app");
	if (kind >= 0)
		exit_begin(kind, 3);
	if (goodbye)
		ENCODE(&e, GOODBYE, goodbye, .threads = 1);
	if (signo)
		crash(signo, EX_disposition_DEFAULT);
	flush_stream();
	launcher(100, status, 100000);
	read_case();
	const struct ex_image *i = processes.judged;
	OK(processes.count == 1 && i && i->pid == 100, "%s: one process", name);
	IS_TEXT(ex_end_text(i->end), ex_end_text(end), "%s: end", name);
	IS_INT(i->signal ? i->signal : i->status, number, "%s: status or signal", name);
	OK(!i->crash == !signo, "%s: crash", name);
}

static void ends(void)
{
	one_process("main returned", EX_exit_MAIN, 1, 0, 3 << 8, EX_END_EXIT, 3);
	one_process("nobody waited", EX_exit_EXIT, 1, 0, -1, EX_END_EXIT, 3);
	one_process("killed after exit began", EX_exit_EXIT, 0, 0, SIGKILL, EX_END_SIGNAL, SIGKILL);
	one_process("exit began and nothing more", EX_exit_EXIT, 0, 0, -1, EX_END_VANISHED, 0);
	one_process("nothing known", -1, 0, 0, -1, EX_END_VANISHED, 0);
	one_process("_exit", EX_exit_FAST, 0, 0, -1, EX_END_FAST, 3);
	one_process("quick_exit", EX_exit_QUICK, 0, 0, 3 << 8, EX_END_QUICK, 3);
	one_process("raw system call", -1, 0, 0, 5 << 8, EX_END_FAST, 5);
	one_process("abort", EX_exit_ABORT, 0, SIGABRT, SIGABRT, EX_END_ABORT, SIGABRT);
	one_process("raise(SIGABRT)", -1, 0, SIGABRT, SIGABRT, EX_END_SIGNAL, SIGABRT);
	one_process("crash at exit", EX_exit_MAIN, 0, SIGSEGV, -1, EX_END_SIGNAL, SIGSEGV);
	one_process("core dumped", -1, 0, SIGSEGV, SIGSEGV | 0x80, EX_END_SIGNAL, SIGSEGV);
	one_process("crash after goodbye", EX_exit_MAIN, 1, SIGSEGV, SIGSEGV, EX_END_SIGNAL, SIGSEGV);
}

static void shell_and_child(void)
{
	begin_case();
	image(100, 1000, EX_origin_START, 0, 1, "/bin/sh");
	ENCODE(&e, MODULE, module, .n = 0, .begin = 0x1000, .end = 0x9000);
	encode_text(&e, "/bin/sh");
	encode_blob(&e, "id", 2);
	writer(5);
	e.now_ns = 50000;
	waited(101, SIGSEGV);
	waited(102, SIGPIPE);
	exit_begin(EX_exit_EXIT, 139);
	ENCODE(&e, HANDLER_END, handler_end, .id = 5, .how = EX_outcome_of_handler_RAN);
	ENCODE(&e, GOODBYE, goodbye, .threads = 1);
	flush_stream();
	image(101, 8000, EX_origin_FORK, 1000, 100, "/bin/sh");
	exec(101);
	flush_stream();
	image(101, 12000, EX_origin_START, 0, 100, "/bin/app");
	crash(SIGSEGV, EX_disposition_DEFAULT);
	flush_stream();
	image(102, 9000, EX_origin_FORK, 1000, 100, "/bin/sh");
	exit_begin(EX_exit_FAST, 0);
	flush_stream();
	launcher(100, 139 << 8, 100000);
	read_case();
	IS_INT(processes.count, 4, "a shell, its children, an exec: four images");
	IS_INT(processes.root_pid, 100, "the shell is the root");
	OK(processes.judged && processes.judged->pid == 101 && strcmp(processes.judged->exe, "/bin/app") == 0,
	   "judged is the child that crashed");
	struct ex_image *fork_child = &processes.images[1];
	OK(fork_child->pid == 101 && fork_child->end == EX_END_EXEC, "what it was before exec ended by exec");
	OK(fork_child->parent == &processes.images[0] && fork_child->module_count == 1 && fork_child->has_writer,
	   "a fork child has its parent's modules and writer");
	OK(ex_image_is_writer(fork_child, 5) && !ex_image_is_writer(processes.judged, 5), "an exec ends that");
	struct ex_image *pipe = ex_processes_find(&processes, 102);
	OK(pipe->end == EX_END_SIGNAL && pipe->signal == SIGPIPE && !pipe->is_bad, "the end of a pipeline is not bad");
	IS_TEXT(ex_processes_list(&processes), "100 (sh), 102 (sh), 101 (app)", "processes by name");
	OK(ex_image_module(fork_child, 0x1000, 8000) && !ex_image_module(fork_child, 0x9000, 8000),
	   "module by address");
	IS_INT(processes.judged->argc, 2, "arguments are told apart");
}

static void lost_profile(void)
{
	begin_case();
	image(100, 1000, EX_origin_START, 0, 1, "/bin/app");
	writer(2);
	exit_begin(EX_exit_EXIT, 0);
	ENCODE(&e, HANDLER_END, handler_end, .id = 2, .how = EX_outcome_of_handler_RAN);
	ENCODE(&e, GOODBYE, goodbye, .threads = 1);
	flush_stream();
	image(101, 3000, EX_origin_FORK, 1000, 100, "/bin/app");
	exit_begin(EX_exit_FAST, 0);
	flush_stream();
	launcher(100, 0, 100000);
	read_case();
	OK(!processes.images[1].is_bad, "a fork child that leaves by _exit has lost nothing of its own");
	OK(processes.judged->pid == 100 && !processes.judged->is_bad && processes.judged->writer_ran, "the writer ran");

	begin_case();
	image(100, 1000, EX_origin_START, 0, 1, "/bin/app");
	writer(2);
	exit_begin(EX_exit_FAST, 0);
	flush_stream();
	image(101, 3000, EX_origin_START, 0, 100, "/bin/app");
	crash(SIGSEGV, EX_disposition_DEFAULT);
	flush_stream();
	launcher(100, 0, 100000);
	read_case();
	IS_INT(processes.images[0].is_bad, 1, "left by _exit with a writer: its profile is lost");
	OK(processes.judged->pid == 101, "but a fault is worse, though later");
}

static void vfork_child(void)
{
	begin_case();
	image(100, 1000, EX_origin_START, 0, 1, "/bin/app");
	e.tid = 101; /* a vfork child speaks through its parent's stream */
	exec(101);
	ENCODE(&e, EXEC_FAILED, exec_failed, .pid = 101, .error = 2);
	exit_begin(EX_exit_FAST, 127);
	e.tid = 100;
	ENCODE(&e, CHILD, child, .pid = 101, .how = EX_child_VFORK);
	encode_text(&e, "");
	exit_begin(EX_exit_MAIN, 0);
	ENCODE(&e, GOODBYE, goodbye, .threads = 1);
	flush_stream();
	launcher(100, 0, 100000);
	read_case();
	OK(processes.judged->end == EX_END_EXIT && processes.judged->exit_kind == EX_exit_MAIN,
	   "what a vfork child does is not its parent's end");
	IS_INT(processes.judged->first_exit->tid, 100, "nor its parent's first exit");
}

static void sandbox(void)
{
	ENCODE(&e, SANDBOX, sandbox, .kind = EX_sandbox_GVISOR, .signs = 4, .mapping_limit = 65530);
}

static void launched(uint32_t root, const char *argv, unsigned bytes, int status)
{
	encode_begin(&e, 1, 900000);
	ENCODE(&e, LAUNCH, launch, .pid = root);
	encode_text(&e, EXEUNT_VERSION);
	encode_blob(&e, argv, bytes);
	e.now_ns = 990000;
	ENCODE(&e, WAITED, waited, .pid = root, .status = status, .by = EX_waiter_LAUNCHER);
	flush_stream();
}

#define RUNSC "/usr/bin/runsc\0--network=none\0do\0-force-overlay=false\0./app\0"

/* a first process inside of which nothing inside saw the end, and runsc's status; its number may be the launcher's own */
static void vanished_guest(const char *name, uint32_t root, int status, enum ex_end_kind end, int is_bad,
			   const char *words)
{
	begin_case();
	image(1, 1000, EX_origin_START, 0, 0, "/bin/app");
	sandbox();
	flush_stream();
	launched(root, RUNSC, sizeof(RUNSC) - 1, status);
	read_case();
	const struct ex_image *i = processes.judged;
	OK(i && i->is_guest && processes.guest_root_pid == 1, "%s: a guest", name);
	IS_TEXT(ex_end_text(i->end), ex_end_text(end), "%s: end", name);
	IS_INT(i->is_bad, is_bad, "%s: bad", name);
	OK(words ? i->sandbox_end && strstr(i->sandbox_end, words) : !i->sandbox_end, "%s: words: %s", name,
	   i->sandbox_end ? i->sandbox_end : "none");
}

static void guests(void)
{
	vanished_guest("ended well", 700, 0, EX_END_FAST, 0, NULL);
	vanished_guest("a status of its own", 700, 3 << 8, EX_END_FAST, 0, NULL);
	vanished_guest("panic", 700, 2 << 8, EX_END_VANISHED, 2, "Sentry panics");
	vanished_guest("killed", 700, 137 << 8, EX_END_VANISHED, 2, "was killed");
	vanished_guest("silent", 700, 139 << 8, EX_END_VANISHED, 2, "as after SIGSEGV");
	vanished_guest("runsc killed", 700, SIGTERM, EX_END_VANISHED, 2, "runsc was ended by SIGTERM");

	/* a shell outside starts it, and has the number of a guest */
	begin_case();
	image(2, 1000, EX_origin_START, 0, 1, "/bin/sh");
	waited(50, 0);
	exit_begin(EX_exit_MAIN, 0);
	ENCODE(&e, GOODBYE, goodbye, .threads = 1);
	flush_stream();
	image(1, 2000, EX_origin_START, 0, 0, "/bin/app");
	sandbox();
	waited(2, SIGSEGV);
	flush_stream();
	image(2, 3000, EX_origin_START, 0, 1, "/bin/child");
	sandbox();
	crash(SIGSEGV, EX_disposition_DEFAULT);
	flush_stream();
	launched(2, "sh\0-c\0x\0", 8, 0);
	read_case();
	IS_TEXT(processes.judged->exe, "/bin/child", "judged is the guest that crashed");
	IS_TEXT(ex_end_text(processes.images[0].end), "exit", "the shell with its number ended well");
	OK(!processes.images[0].is_guest && processes.images[1].is_guest, "who is a guest");

	/* exeunt itself inside: all as ever */
	begin_case();
	image(2, 1000, EX_origin_START, 0, 1, "/bin/app");
	sandbox();
	flush_stream();
	launched(2, "app\0", 4, SIGKILL);
	read_case();
	OK(!processes.judged->is_guest && processes.judged->signal == SIGKILL, "inside, the launcher's word counts");
}

int main(void)
{
	guests();
	ends();
	shell_and_child();
	lost_profile();
	vfork_child();
	IS_TEXT(ex_signal_name(SIGSEGV), "SIGSEGV", "signals have names");
	IS_TEXT(ex_signal_name(42), "signal 42", "or numbers");
	return tap_done();
}
