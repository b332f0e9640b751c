/*
 * t_stack.c: which faults are a stack that was used up, and of which stack, over events that are made up here: what shows it, and
 * all that looks like it and must not. The programs of tests/zoo/stacks.c are the same from outside.
 */
#include "stack.h"

#include "check.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#define MIB (1ull << 20)
#define PAGE 4096ull
#define STACK_END 0x7ffff0000000ull /* of the main thread's, which has used up its 8 MiB */
#define STACK (STACK_END - 8 * MIB)
#define POOL 0x700000000000ull /* a page without access, then 256 KiB */
#define POOL_END (POOL + PAGE + 256 * 1024)
#define RW (PROT_READ | PROT_WRITE)
#define MAX 24

static struct world {
	struct ex_event events[MAX];
	const struct ex_event *order[MAX];
	union {
		struct ex_ev_crash crash;
		struct ex_ev_mapping mapping;
		struct ex_ev_stack stack;
		struct ex_ev_stack_word word;
		struct ex_ev_growth growth;
		struct ex_ev_code_bytes code;
	} fixed[MAX];
	uint64_t regs[17];
	struct ex_image image;
	struct ex_fault fault;
	struct ex_overflow o;
} w;

static void *event(int id)
{
	size_t n = w.image.event_count++;
	w.events[n] = (struct ex_event){.time_ns = 1000 * (n + 1),
					.pid = 7,
					.tid = 7,
					.meta = ex_event_by_id(id),
					.fixed = &w.fixed[n]};
	for (unsigned t = 0; t < sizeof(w.events[n].tail) / sizeof(w.events[n].tail[0]); t++)
		w.events[n].tail[t].bytes = "";
	w.order[n] = &w.events[n];
	return &w.fixed[n];
}

static void mapping(uint64_t begin, uint64_t end, unsigned prot, const char *path)
{
	struct ex_ev_mapping *m = event(EX_EV_MAPPING);
	*m = (struct ex_ev_mapping){.begin = begin, .end = end, .prot = prot};
	w.events[w.image.event_count - 1].tail[0].bytes = path;
}

static struct ex_ev_stack *stack;

/* a fault, and a process with the pool and the main thread's stack */
static void begin(uint64_t sp, uint64_t address, int code)
{
	memset(&w, 0, sizeof(w));
	w.image = (struct ex_image){.pid = 7, .exe = "/x/app", .options = "", .events = w.order};
	struct ex_ev_crash *crash = event(EX_EV_CRASH);
	*crash = (struct ex_ev_crash){.signo = SIGSEGV, .code = code, .address = address, .pc = 0x4000100, .sp = sp};
	w.regs[7] = sp;
	struct ex_text *regs = &w.events[0].tail[ex_event_tail(w.events[0].meta, "regs")];
	regs->bytes = (const char *)w.regs;
	regs->length = sizeof(w.regs);
	w.image.crash = w.fault.event = &w.events[0];
	mapping(POOL, POOL + PAGE, PROT_NONE, "");
	mapping(POOL + PAGE, POOL_END, RW, "");
	mapping(STACK, STACK_END, RW, "[stack]");
	stack = event(EX_EV_STACK);
	*stack = (struct ex_ev_stack){.sp = sp, .top = STACK_END - 0x500, .limit = 8 * MIB};
}

static int is(enum ex_stack_kind kind, uint64_t first, uint64_t end)
{
	ex_overflow_find(&w.o, &w.image, &w.fault);
	return !w.o.why_not && w.o.kind == kind && w.o.begin == first && w.o.end == end;
}

static int is_not(const char *why)
{
	ex_overflow_find(&w.o, &w.image, &w.fault);
	return w.o.why_not && strstr(w.o.why_not, why);
}

static void check_kinds(void)
{
	begin(STACK, STACK - 8, SEGV_MAPERR);
	CHECK(is(EX_STACK_MAIN, STACK, STACK_END) && !w.o.frame);
	begin(STACK - 500, STACK - 8, SEGV_MAPERR);
	CHECK(is(EX_STACK_MAIN, STACK, STACK_END));
	begin(POOL + PAGE + 16, POOL + PAGE - 8, SEGV_ACCERR); /* no thread's that is known: a coroutine's */
	CHECK(is(EX_STACK_OTHER, POOL + PAGE, POOL_END));
	begin(POOL + PAGE, POOL + PAGE - 8, SEGV_ACCERR);
	stack->top = POOL_END - PAGE; /* a thread's, and somebody else's memory above it */
	CHECK(is(EX_STACK_THREAD, POOL + PAGE, POOL_END));
	stack->top = POOL + 10 * PAGE + 1;
	CHECK(is(EX_STACK_THREAD, POOL + PAGE, POOL + 12 * PAGE));
	begin(POOL + PAGE - 100, POOL + PAGE - 8, SEGV_ACCERR);
	stack->signal_begin = POOL + PAGE;
	stack->signal_end = POOL + 3 * PAGE;
	CHECK(is(EX_STACK_SIGNAL, POOL + PAGE, POOL + 3 * PAGE));
	stack->is_ours = 1; /* what the library gave is none that the program could use up */
	CHECK(is(EX_STACK_OTHER, POOL + PAGE, POOL_END));
}

static void check_frames(void)
{
	begin(STACK - 40 * MIB, STACK - 40 * MIB, SEGV_MAPERR);
	CHECK(is_not("nowhere near a stack")); /* no register leads back: it may be lost */
	w.regs[6] = STACK_END - 0x700;
	CHECK(is(EX_STACK_MAIN, STACK, STACK_END) && w.o.frame == 40 * MIB);
	begin(STACK - 40 * MIB, STACK - 20 * MIB, SEGV_MAPERR); /* anywhere in that frame */
	w.regs[6] = STACK_END - 0x700;
	CHECK(is(EX_STACK_MAIN, STACK, STACK_END) && w.o.frame == 40 * MIB);
	stack->limit = 64 * MIB;
	CHECK(is_not("might still have grown"));
	begin(STACK - 2048 * MIB, STACK - 2048 * MIB, SEGV_MAPERR);
	w.regs[6] = STACK_END - 0x700;
	CHECK(is_not("nowhere near a stack"));
}

static void check_rivals(void)
{
	begin(STACK + MIB, POOL + PAGE - 8, SEGV_ACCERR); /* a store to a guard, from a stack with much room */
	CHECK(is_not("stack pointer"));
	begin(STACK + MIB, STACK - 8, SEGV_MAPERR);
	CHECK(is_not("not where the stack pointer leads"));
	begin(POOL + PAGE, POOL + 2 * PAGE, SEGV_ACCERR); /* another thread changed its rights meanwhile */
	CHECK(is_not("can be written"));
	begin(STACK_END + PAGE, STACK_END + PAGE - 8, SEGV_MAPERR);
	CHECK(is_not("no stack lies above"));
	begin(STACK, STACK - 8, SEGV_MAPERR);
	w.image.crash = NULL; /* it left by _exit, and nothing was told */
	CHECK(is_not("was not told"));
	begin(STACK, STACK - 8, SEGV_MAPERR);
	w.fault.is_left = 1;
	CHECK(is_not("recovered"));
	begin(STACK, STACK - 8, SI_KERNEL);
	CHECK(is_not("did not die of an access"));
	begin(0, 0, SEGV_MAPERR);
	w.fault.event = NULL;
	CHECK(is_not("no fault"));
}

/* a coroutine's stack that was given back: what lies above it can be written, and is another's */
static void check_freed(void)
{
	begin(POOL - 400, POOL - 408, SEGV_MAPERR);
	memset(&w.fixed[1], 0, sizeof(w.fixed[1]));
	w.fixed[1].mapping = (struct ex_ev_mapping){.begin = POOL, .end = POOL + PAGE, .prot = RW};
	CHECK(is(EX_STACK_OTHER, POOL, POOL + PAGE));
	struct ex_ev_growth *growth = event(EX_EV_GROWTH);
	*growth = (struct ex_ev_growth){.call = EX_memory_call_MUNMAP, .begin = POOL - 16 * PAGE, .bytes = 16 * PAGE};
	w.events[w.image.event_count - 1].time_ns = 500; /* before the fault */
	/* in order of time, as a trace is read */
	const struct ex_event *last = w.order[w.image.event_count - 1];
	memmove(w.order + 1, w.order, (w.image.event_count - 1) * sizeof(*w.order));
	w.order[0] = last;
	CHECK(is_not("was unmapped"));
}

/* munmap came back to a stack that is gone */
static void check_call(void)
{
	begin(POOL - 400, POOL - 400, SEGV_MAPERR);
	w.fixed[1].mapping.prot = RW;
	struct ex_ev_code_bytes *code = event(EX_EV_CODE_BYTES);
	*code = (struct ex_ev_code_bytes){.pc = 0x4000100, .begin = 0x4000100 - 8};
	struct ex_text *bytes = &w.events[w.image.event_count - 1].tail[0];
	bytes->bytes = "\xb8\x0b\0\0\0\x0f\x05\x90\xc3";
	bytes->length = 9;
	CHECK(is_not("system call"));
	bytes->bytes = "\xb8\x0b\0\0\0\x90\x90\x90\xc3";
	CHECK(is(EX_STACK_OTHER, POOL, POOL + PAGE));
}

static void check_words(void)
{
	begin(STACK, STACK - 8, SEGV_MAPERR);
	struct ex_ev_stack_word *word = event(EX_EV_STACK_WORD);
	*word = (struct ex_ev_stack_word){.word = 0x4000200, .count = 1001, .first = STACK, .last = STACK + 64000};
	*(struct ex_ev_stack_word *)event(EX_EV_STACK_WORD) =
		(struct ex_ev_stack_word){.word = 0x4000300, .count = 2, .first = STACK + 8, .last = STACK + 16};
	CHECK(is(EX_STACK_MAIN, STACK, STACK_END) && w.o.word_count == 1);
	CHECK(w.o.words[0].word == 0x4000200 && w.o.words[0].count == 1001 && w.o.words[0].bytes == 64);
	word->last++;
	CHECK(is(EX_STACK_MAIN, STACK, STACK_END) && w.o.words[0].bytes == 0);
	word->first = POOL; /* counted elsewhere */
	CHECK(is(EX_STACK_MAIN, STACK, STACK_END) && !w.o.word_count);
}

int main(void)
{
	check_kinds();
	check_frames();
	check_rivals();
	check_freed();
	check_call();
	check_words();
	CHECK_DONE();
}
