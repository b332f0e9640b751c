/*
 * crash.c: see crash.h.
 */
#include "crash.h"

#include <sys/mman.h>

#include "arch/arch.h"
#include "crash_stack.h"
#include "crash_state.h"
#include "crash_threads.h"
#include "deadly.h"
#include "enter.h"
#include "fault_map.h"
#include "handling.h"
#include "heap.h"
#include "image.h"
#include "misread.h"
#include "module.h"
#include "options.h"
#include "os/os.h"
#include "place.h"
#include "sandbox.h"
#include "stream.h"
#include "thread.h"

#define SAVED_WORDS 64 /* of the stack, where the innermost functions keep their callers' registers */
#define MORE_BYTES 4096u
#define ABOVE_PAGES 16
#define WAIT_MS 3000
#define STACK_MAX_BYTES (64u << 20) /* farther away is another stack */

/*
 * A frame may be larger than the sample: LLVM's profile writer takes room for as many value sites as a record says it has,
 * and a misread record has thousands. Then the frame's end is where its frame pointer says, which is in a register, or saved
 * by the function that it called.
 */
static void tell_more(const uint64_t *regs, unsigned char *copy, size_t bytes)
{
	uint64_t sp = regs[EX_REG_SP], end = sp + bytes, best = UINT64_MAX, word;
	for (int i = 0; i < EX_REGS; i++)
		if (regs[i] >= end && regs[i] - sp < STACK_MAX_BYTES && regs[i] % 8 == 0 && regs[i] < best)
			best = regs[i];
	for (size_t i = 0; i < SAVED_WORDS && (i + 1) * 8 <= bytes; i++) {
		memcpy(&word, copy + i * 8, 8);
		if (word >= end && word - sp < STACK_MAX_BYTES && word % 8 == 0 && word < best)
			best = word;
	}
	if (best == UINT64_MAX)
		return;
	bytes = ex_os_peek(copy, best - 64, MORE_BYTES); /* registers that it saved lie below */
	if (bytes)
		EX_PUT(STACK_MORE, stack_more, (.begin = best - 64), EX_BLOB(copy, bytes), );
}

/* The stack is used up, or was left for a place that has none: the pointer is where no memory is, and what called lies in the
 * first page above that has */
static void tell_above(const uint64_t *regs, unsigned char *copy)
{
	size_t page = ex_os_page_bytes();
	uint64_t begin = regs[EX_REG_SP] & ~(uint64_t)(page - 1);
	for (int n = 0; n < ABOVE_PAGES; n++) {
		begin += page;
		size_t bytes = ex_os_peek(copy, begin, EX_STACK_MAX_BYTES);
		if (!bytes)
			continue;
		EX_PUT(STACK_MORE, stack_more, (.begin = begin), EX_BLOB(copy, bytes), );
		return;
	}
}

static uint32_t first; /* thread that died first */

/*
 * Copies of stacks: a signal stack has no room for one. A thread has its copy to itself until its events are written, which
 * under gVisor takes a millisecond; more than these do not come at once, or wait.
 */
#define COPIES 8
static struct copy {
	uint32_t is_taken;
	unsigned char bytes[EX_STACK_MAX_BYTES];
} copies[COPIES] EX_TABLE;

/* who lives on does not wait */
static struct copy *take_copy(int is_last)
{
	for (int i = 0; i < WAIT_MS; i++) {
		for (int n = 0; n < COPIES; n++)
			if (!__atomic_exchange_n(&copies[n].is_taken, 1, __ATOMIC_ACQUIRE))
				return &copies[n];
		if (!is_last)
			break;
		ex_os_sleep_ns(1000000);
	}
	return NULL;
}

static void give_back(struct copy *copy)
{
	if (copy)
		__atomic_store_n(&copy->is_taken, 0, __ATOMIC_RELEASE);
}

/* the stack pointer may be anything: what cannot be read must not fault again */
static size_t sample(struct copy *copy, const uint64_t *regs)
{
	size_t bytes = ex_options.stack_bytes < EX_STACK_MAX_BYTES ? ex_options.stack_bytes : EX_STACK_MAX_BYTES;
	return ex_os_peek(copy->bytes, regs[EX_REG_SP], bytes);
}

void ex_crash_forget(void)
{
	first = 0;
	ex_self.handling = NULL; /* the fault is the parent's: a crash handler that starts a debugger forks */
	ex_self.handled.signo = 0;
	for (int i = 0; i < COPIES; i++)
		copies[i].is_taken = 0;
	ex_crash_threads_forget();
}

/* Threads that die of the same cause come here at the same moment. The first one says what there is to say of the process;
 * the others wait for it, not for ever: whoever goes on takes the default action, which ends them all. */
static int is_first(void)
{
	uint32_t holder = 0, self = ex_thread_tid();
	return __atomic_compare_exchange_n(&first, &holder, self, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED) ||
	       holder == self;
}

static void wait_for_first(void)
{
	for (int i = 0; i < WAIT_MS && ex_os_thread_lives(first); i++)
		ex_os_sleep_ns(1000000);
}

/* of the processor's making: it has an address, and no sender */
static int is_fault_of(int signo, const siginfo_t *info)
{
	return info->si_code > 0 && signo != SIGABRT;
}

/* The kernel sends what it likes to the first process of a container, but only a fault of its own ends that one. */
static int is_certain(int signo, int is_fault)
{
	return is_fault || ex_os_pid() != 1 || (signo == SIGABRT && ex_self.aborting);
}

static void tell_signal(int signo, const siginfo_t *info, const uint64_t *regs, int disposition, const void *stack,
			size_t bytes)
{
	int is_fault = is_fault_of(signo, info);
	EX_PUT(CRASH, crash,
	       (.signo = signo, .code = info->si_code, .address = is_fault ? (uintptr_t)info->si_addr : 0,
		.pc = regs[EX_REG_PC], .sp = regs[EX_REG_SP], .sender = is_fault ? 0 : (uint32_t)info->si_pid,
		.id = ex_self.running, .flushing = ex_self.flushing, .disposition = (uint8_t)disposition),
	       EX_BLOB(regs, EX_REGS * sizeof(*regs)), EX_BLOB(stack, bytes), );
}

/* where a sandbox may have reported a fault wrongly. 1: its host had nothing left, and has nothing for a further look */
static int tell_map(int signo, const siginfo_t *info)
{
	struct ex_fault_map map;
	if ((signo != SIGSEGV && signo != SIGBUS) || info->si_code == SI_KERNEL)
		return 0;
	if (ex_fault_map(&map, (uintptr_t)info->si_addr))
		ex_fault_map_tell(&map);
	return ex_sandbox_is_gvisor && map.begin && (map.prot & PROT_WRITE);
}

/* a handler of the program's that ends it runs on the signal stack: the stack of the fault is what there is to see */
static uintptr_t stack_of(const uint64_t *regs)
{
	uintptr_t begin, end, sp = regs[EX_REG_SP];
	ex_os_signal_stack(&begin, &end);
	return ex_self.fault_sp && sp >= begin && sp < end ? ex_self.fault_sp : sp;
}

/* what is said once, by the thread that speaks for the process */
static void tell_process(int signo, const siginfo_t *info, const uint64_t *regs, struct copy *copy, size_t bytes)
{
	int is_fault = is_fault_of(signo, info);
	if (is_fault && copy && !bytes)
		tell_above(regs, copy->bytes);
	else if (is_fault && copy)
		tell_more(regs, copy->bytes, bytes);
	int is_exhausted = is_fault && tell_map(signo, info);
	ex_crash_threads_tell(is_certain(signo, is_fault));
	if (!is_exhausted) {
		ex_crash_state_tell(signo, regs[EX_REG_PC]);
		ex_crash_stack_tell(stack_of(regs));
	}
	if (!is_exhausted)
		ex_heap_crashes(is_fault ? (uintptr_t)info->si_addr : 0);
	if (is_fault && !is_exhausted)
		ex_misread_tell(regs, (uintptr_t)info->si_addr, info->si_code == SI_KERNEL);
}

void ex_crash_tell_handled(int signo, const siginfo_t *info, void *context, int is_told)
{
	uint64_t regs[EX_REGS];
	struct ex_fault_map map;
	ex_arch_from_context(context, regs);
	regs[EX_REG_PC] = ex_enter_pc(regs[EX_REG_PC]);
	ex_self.fault_sp = regs[EX_REG_SP];
	if (!is_told) {
		struct copy *copy = take_copy(1);
		size_t bytes = copy ? sample(copy, regs) : 0;
		tell_signal(signo, info, regs, EX_disposition_PROGRAM, copy ? copy->bytes : NULL, bytes);
		give_back(copy);
	}
	uintptr_t address = signo == SIGSEGV || signo == SIGBUS ? (uintptr_t)info->si_addr : 0;
	EX_PUT(IN_HANDLER, in_handler,
	       (.signo = signo, .code = info->si_code, .address = address, .pc = regs[EX_REG_PC]), );
	if (address && info->si_code != SI_KERNEL && ex_fault_map(&map, address))
		ex_fault_map_tell(&map);
}

/* A signal stack of the program's own may be as small as its handlers need it: 8 KiB, of which the kernel's frame takes 3 with
 * AVX-512, and a second one as much where the crash is in a handler. Ours takes 4. Under gVisor ours would have to be touched
 * beforehand; a vfork child has its parent's */
static int is_narrow(void)
{
	uintptr_t begin, end;
	return !ex_sandbox_is_gvisor && !ex_image_is_borrowed() && ex_os_signal_stack(&begin, &end) &&
	       begin != (uintptr_t)ex_self.alternate;
}

static void tell(int signo, const siginfo_t *info, void *context, int disposition)
{
	uint64_t regs[EX_REGS];
	int is_fault = is_fault_of(signo, info), is_last = disposition == EX_disposition_DEFAULT;
	ex_image_check_fork(); /* a fork child is nobody's second */
	int is_borrowed = ex_image_is_borrowed(), is_speaker = is_last && (is_borrowed || is_first());
	ex_arch_from_context(context, regs);
	regs[EX_REG_PC] = ex_enter_pc(regs[EX_REG_PC]);
	if (is_last && !is_borrowed)
		ex_crash_threads_dies(regs);
	if (is_last && is_fault && ex_sandbox_is_gvisor && !is_borrowed) {
		/* its pages might be refused too, and a fault in here is the end */
		ex_image.no_more_files = 1;
		if (is_speaker)
			ex_stream_last_words();
	}
	/* no handler of the program's in between: it would touch what there may be no memory for, and natively it had not run.
	 * Who waits may be asked for its place */
	if (is_speaker)
		ex_os_block_signals_but(EX_FAULT_SIGNALS);
	struct copy *copy = take_copy(is_last);
	size_t bytes = copy ? sample(copy, regs) : 0;
	/* the map is a file, and so is a further piece of the trace */
	if (is_speaker && is_certain(signo, is_fault) && !is_borrowed && !ex_image.is_copy)
		ex_os_descriptor_for_last();
	if (is_speaker)
		ex_module_scan_maps(); /* libraries opened since: without them the stack cannot be named */
	ex_thread_settle(regs[EX_REG_SP]);
	tell_signal(signo, info, regs, is_last && is_borrowed ? EX_disposition_CHILD : disposition,
		    copy ? copy->bytes : NULL, bytes);
	if (is_speaker)
		tell_process(signo, info, regs, copy, bytes);
	else if (is_fault && !is_last && ex_sandbox_is_gvisor)
		tell_map(signo, info); /* the program's handler may be what ends it */
	give_back(copy);
	if (is_last && !is_speaker)
		wait_for_first();
}

struct ex_crash {
	int signo, disposition;
	const siginfo_t *info;
	void *context;
};

static void tell_apart(int unused)
{
	const struct ex_crash *crash = ex_self.crash;
	(void)unused;
	tell(crash->signo, crash->info, crash->context, crash->disposition);
}

void ex_crash_tell(int signo, const siginfo_t *info, void *context, int disposition)
{
	struct ex_crash crash = {signo, disposition, info, context};
	if (disposition == EX_disposition_DEFAULT) {
		uint64_t regs[EX_REGS];
		ex_image_check_fork();
		ex_arch_from_context(context, regs);
		ex_handling_tell(regs[EX_REG_SP], is_fault_of(signo, info) ? NULL : context);
		ex_self.crash = &crash;
		if (is_narrow() && ex_thread_call_apart(tell_apart, 0, WAIT_MS * 1000000ull))
			return;
	}
	tell(signo, info, context, disposition);
}
