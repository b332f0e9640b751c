/*
 * crash.c: see crash.h.
 */
#include "crash.h"

#include <sys/mman.h>

#include "arch/arch.h"
#include "crash_state.h"
#include "crash_threads.h"
#include "enter.h"
#include "fault_map.h"
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

static uint32_t first; /* thread that died first */

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

void ex_crash_tell(int signo, const siginfo_t *info, void *context, int disposition)
{
	uint64_t regs[EX_REGS];
	int is_fault = info->si_code > 0 && signo != SIGABRT;
	ex_arch_from_context(context, regs);
	regs[EX_REG_PC] = ex_enter_pc(regs[EX_REG_PC]);
	/* the stack pointer may be anything: what cannot be read must not fault again */
	static unsigned char copies[4][EX_STACK_MAX_BYTES] EX_TABLE;
	static unsigned copy_next;
	unsigned char *copy = copies[__atomic_fetch_add(&copy_next, 1, __ATOMIC_RELAXED) % 4];
	size_t bytes = ex_options.stack_bytes < EX_STACK_MAX_BYTES ? ex_options.stack_bytes : EX_STACK_MAX_BYTES;
	bytes = ex_os_peek(copy, regs[EX_REG_SP], bytes);
	int is_last = disposition == EX_disposition_DEFAULT, is_speaker = is_last && is_first(), is_exhausted = 0;
	if (is_speaker && is_fault && ex_sandbox_is_gvisor)
		ex_stream_last_words();
	if (is_speaker)
		ex_module_scan_maps(); /* libraries opened since: without them the stack cannot be named */
	ex_thread_settle(regs[EX_REG_SP]);
	EX_PUT(CRASH, crash,
	       (.signo = signo, .code = info->si_code, .address = is_fault ? (uintptr_t)info->si_addr : 0,
		.pc = regs[EX_REG_PC], .sp = regs[EX_REG_SP], .sender = is_fault ? 0 : (uint32_t)info->si_pid,
		.id = ex_self.running, .flushing = ex_self.flushing, .disposition = (uint8_t)disposition),
	       EX_BLOB(regs, sizeof(regs)), EX_BLOB(copy, bytes), );
	if (is_last && !is_speaker) {
		wait_for_first();
		return;
	}
	if (is_fault && is_last)
		tell_more(regs, copy, bytes);
	/* where a sandbox may have reported a fault wrongly, the program's handler may be what ends it */
	if (is_fault && (signo == SIGSEGV || signo == SIGBUS) && info->si_code != SI_KERNEL &&
	    (is_last || ex_sandbox_is_gvisor)) {
		struct ex_fault_map map;
		if (ex_fault_map(&map, (uintptr_t)info->si_addr))
			ex_fault_map_tell(&map);
		/* the host has nothing left for what a further look would need */
		is_exhausted = ex_sandbox_is_gvisor && map.begin && (map.prot & PROT_WRITE);
	}
	if (is_last)
		ex_crash_threads_tell();
	if (is_last && !is_exhausted)
		ex_crash_state_tell(signo, regs[EX_REG_PC]);
	if (!is_last || !is_fault || is_exhausted)
		return;
	ex_misread_tell(regs, (uintptr_t)info->si_addr, info->si_code == SI_KERNEL);
}
