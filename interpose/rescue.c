/*
 * rescue.c: see rescue.h.
 *
 * gVisor maps memory into its stub process piece by piece, when it is touched; growth that takes turns between heaps gives
 * pieces that the host cannot join, until it has vm.max_map_count of them. A changed protection makes the Sentry drop the
 * range's pieces, and what is touched again comes back in longer ones, since whole ranges are mapped at once by then.
 * Measured (Debian's 20221219, ptrace; 20260905, systrap and ptrace): programs that died at 65 530 live on, with 12 to 194
 * rescues a run. No race would be cured by that.
 */
#include "rescue.h"

#include <sys/mman.h>
#include <ucontext.h>

#include "arch/arch.h"
#include "arena.h"
#include "fault_map.h"
#include "options.h"
#include "os/os.h"
#include "sandbox.h"
#include "stream.h"
#include "thread.h"

#define HOPELESS 16 /* rescues of one address in a row that a thread lives through */
#define TOLD_MAX 64
#define OTHERS_MAX 128
#define OTHERS_MIN_BYTES (256u << 10)

static uint32_t lock, nth;

static int toggle(uintptr_t begin, uintptr_t end)
{
	int error = ex_os_protection((void *)begin, end - begin, PROT_READ | PROT_WRITE | PROT_EXEC);
	/* not allowed to be executable (SELinux, PR_SET_MDWE): any change does, but no other thread may be there meanwhile */
	if (error)
		return error;
	return ex_os_protection((void *)begin, end - begin, PROT_READ | PROT_WRITE);
}

static int is_of_memory(const struct ex_mapping *m)
{
	return m->prot == (PROT_READ | PROT_WRITE) && *m->path != '/';
}

struct others {
	uintptr_t begin[OTHERS_MAX], end[OTHERS_MAX];
	unsigned count;
};

static void note_other(void *arg, const struct ex_mapping *m)
{
	struct others *o = arg;
	if (!is_of_memory(m) || m->end - m->begin < OTHERS_MIN_BYTES || o->count == OTHERS_MAX)
		return;
	o->begin[o->count] = m->begin;
	o->end[o->count++] = m->end;
}

/* the heap that faulted may be a young one, with hardly any of the host's mappings: then those of all memory go */
static void toggle_others(void)
{
	static struct others others;
	others.count = 0;
	ex_os_maps(note_other, &others);
	for (unsigned i = 0; i < others.count; i++)
		toggle(others.begin[i], others.end[i]);
}

static int rescue(uintptr_t address)
{
	static struct ex_fault_map map; /* not on a signal stack, and touched before */
	ex_self.rescues = address == ex_self.rescued ? ex_self.rescues + 1 : 0;
	ex_self.rescued = address;
	if (ex_self.rescues > HOPELESS || !ex_fault_map(&map, address) || !map.begin ||
	    map.prot != (PROT_READ | PROT_WRITE) || *map.path == '/')
		return 0;
	uintptr_t heap = address & ~(EX_HEAP_BYTES - 1), end = heap + EX_HEAP_BYTES;
	uintptr_t begin = map.begin > heap ? map.begin : heap;
	end = map.end < end ? map.end : end;
	int error = toggle(begin, end);
	if (ex_self.rescues)
		toggle_others();
	nth++;
	EX_PUT(RESCUED, rescued,
	       (.address = address, .begin = begin, .end = end, .nth = nth, .error = error ? -error : 0), );
	return !error;
}

int ex_rescue(int signo, const siginfo_t *info)
{
	if (!ex_options.rescue || !ex_sandbox_is_gvisor || (signo != SIGSEGV && signo != SIGBUS) || info->si_code <= 0)
		return 0;
	uint32_t self = ex_os_tid();
	/* all threads that touch new memory come here at once: one after the other */
	for (uint32_t holder = 0;
	     !__atomic_compare_exchange_n(&lock, &holder, self, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED); holder = 0) {
		if (holder == self)
			return 0; /* a fault in here */
		ex_os_yield();
	}
	int is_rescued = rescue((uintptr_t)info->si_addr);
	__atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
	return is_rescued;
}

void ex_rescue_code(int signo, siginfo_t *info, void *context)
{
	static uint32_t told;
	uint64_t regs[EX_REGS];
	if (!ex_options.fix_si_code || signo != SIGSEGV || info->si_code != SEGV_MAPERR ||
	    !ex_os_is_mapped((uintptr_t)info->si_addr))
		return;
	info->si_code = SEGV_ACCERR;
	if (__atomic_fetch_add(&told, 1, __ATOMIC_RELAXED) >= TOLD_MAX)
		return;
	ex_arch_from_context(context, regs);
	EX_PUT(CODE_FIXED, code_fixed, (.signo = signo, .address = (uintptr_t)info->si_addr, .pc = regs[EX_REG_PC]), );
}

/* each second page of a reservation made accessible is a mapping of its own, in here and on the host */
void ex_ballast(void)
{
	size_t page = ex_os_page_bytes();
	uint64_t wanted = ex_options.ballast, made = 0;
	if (!wanted || !ex_sandbox_is_gvisor)
		return;
	char *begin = ex_os_reserve(wanted * 2 * page);
	int error = begin ? 0 : -12;
	for (; begin && made < wanted; made++) {
		char *at = begin + made * 2 * page;
		error = ex_os_protection(at, page, PROT_READ | PROT_WRITE);
		if (error)
			break;
		*(volatile char *)at = 1;
	}
	EX_PUT(BALLAST, ballast, (.wanted = wanted, .made = made, .error = error ? -error : 0), );
}
