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

#include "arch/arch.h"
#include "arena.h"
#include "deadly.h"
#include "fault_map.h"
#include "image.h"
#include "options.h"
#include "os/os.h"
#include "sandbox.h"
#include "stream.h"
#include "thread.h"

#define HOPELESS 16	   /* rescues in a row that help a thread no further */
#define ROW_NS 1000000000u /* what lies farther apart is no row: a page in use is dropped whenever others are rescued */
#define TOLD_MAX 64
#define OTHERS_MAX 128
#define OTHERS_MIN_BYTES (256u << 10)

static uint32_t lock, nth;

/* gVisor refuses no memory that is writable and executable at once, whoever asks (prctl's PR_SET_MDWE does not exist there) */
static int toggle(uintptr_t begin, uintptr_t end)
{
	int error = ex_os_protection((void *)begin, end - begin, PROT_READ | PROT_WRITE | PROT_EXEC);
	return error ? error : ex_os_protection((void *)begin, end - begin, PROT_READ | PROT_WRITE);
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

/* where the faulting heap is a young one, with hardly any of the host's mappings, or no heap at all: those of all memory go.
 * 0, or why none could */
static int toggle_all(void)
{
	static struct others others;
	int error = 0, done = 0;
	others.count = 0;
	ex_os_maps_patiently(note_other, &others);
	for (unsigned i = 0; i < others.count; i++) {
		int refused = toggle(others.begin[i], others.end[i]);
		done += !refused;
		error = refused ? refused : error;
	}
	return done ? 0 : error ? error : -12 /* ENOMEM */;
}

/* whether this thread has been rescued here so often, in short order, that nothing is gained. An instruction touches more pages
 * than one, and one may be dropped again for the other's sake */
static int is_hopeless(uintptr_t address)
{
	struct ex_thread *self = &ex_self;
	uintptr_t page = address / ex_os_page_bytes();
	uint64_t now_ns = ex_os_now_ns();
	int is_again = 0;
	for (unsigned i = 0; i < EX_RESCUED_PAGES; i++)
		is_again |= self->rescued[i] == page;
	if (!is_again)
		self->rescued[self->rescued_next++ % EX_RESCUED_PAGES] = page;
	self->rescues = is_again && now_ns - self->rescued_ns < ROW_NS ? self->rescues + 1 : 0;
	self->rescued_ns = now_ns;
	return self->rescues > HOPELESS;
}

/* Memory that may be written is refused with whatever code: a copy may have been due. What may be read only when it was said
 * to be no memory at all: else it was a store where none is allowed */
static int is_refused(const struct ex_fault_map *map, int code)
{
	return map->begin && (map->prot & PROT_READ) && ((map->prot & PROT_WRITE) || code == SEGV_MAPERR);
}

static int rescue(uintptr_t address, int code)
{
	static struct ex_fault_map map; /* not on a signal stack, and touched before */
	uintptr_t begin = 0, end = 0;
	int error;
	if (!ex_fault_map(&map, address) || !is_refused(&map, code))
		return 0;
	/* code and what files hold is left as it is */
	if (map.prot == (PROT_READ | PROT_WRITE) && *map.path != '/') {
		uintptr_t heap = address & ~(EX_HEAP_BYTES - 1);
		begin = map.begin > heap ? map.begin : heap;
		end = map.end < heap + EX_HEAP_BYTES ? map.end : heap + EX_HEAP_BYTES;
		error = toggle(begin, end);
		if (ex_self.rescues)
			toggle_all();
	} else {
		error = toggle_all();
	}
	uint32_t n = __atomic_add_fetch(&nth, 1, __ATOMIC_RELEASE);
	EX_PUT(RESCUED, rescued, (.address = address, .begin = begin, .end = end, .nth = n, .error = -error), );
	return !error;
}

/* all threads that touch new memory come here at once: one after the other, and for who has waited the room is made */
static int rescue_in_turn(uintptr_t address, int code)
{
	uint32_t self = ex_os_tid(), seen = __atomic_load_n(&nth, __ATOMIC_ACQUIRE);
	for (uint32_t holder = 0;
	     !__atomic_compare_exchange_n(&lock, &holder, self, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED); holder = 0) {
		if (holder == self)
			return 0; /* a fault in here */
		ex_os_yield();
	}
	int is_rescued =
		!is_hopeless(address) && (__atomic_load_n(&nth, __ATOMIC_ACQUIRE) != seen || rescue(address, code));
	__atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
	return is_rescued;
}

int ex_rescue(int signo, const siginfo_t *info)
{
	if (!ex_options.rescue || !ex_sandbox_is_gvisor || (signo != SIGSEGV && signo != SIGBUS) ||
	    info->si_code <= 0 || info->si_code == SI_KERNEL)
		return 0;
	ex_image_check_fork(); /* the lock may be that of a thread of the parent's */
	if (ex_image_is_borrowed())
		return 0;
	/* a handler of the program's in here could touch what there is no room for, with the lock held */
	uint64_t signals = ex_os_block_signals_but(EX_MEMORY_SIGNALS);
	int is_rescued = rescue_in_turn((uintptr_t)info->si_addr, info->si_code);
	ex_os_restore_signals(signals);
	return is_rescued;
}

void ex_rescue_forget(void)
{
	lock = 0;
	nth = 0;
}

void ex_rescue_code(int signo, siginfo_t *info, void *context)
{
	static uint32_t told;
	uint64_t regs[EX_REGS];
	if (!ex_options.fix_si_code || signo != SIGSEGV || info->si_code != SEGV_MAPERR ||
	    !ex_os_is_mapped((uintptr_t)info->si_addr) || ex_os_is_readable((uintptr_t)info->si_addr))
		return;
	info->si_code = SEGV_ACCERR;
	if (__atomic_fetch_add(&told, 1, __ATOMIC_RELAXED) >= TOLD_MAX)
		return;
	ex_arch_from_context(context, regs);
	EX_PUT(CODE_FIXED, code_fixed, (.signo = signo, .address = (uintptr_t)info->si_addr, .pc = regs[EX_REG_PC]), );
}

/*
 * What fills a host is what heaps do: two ranges that grow by a page in turn. In here they stay two mappings, so whoever reads
 * the map is no slower for it (with each second page of one range made accessible it had 120 000 lines).
 */
void ex_ballast(void)
{
	size_t page = ex_os_page_bytes();
	uint64_t wanted = ex_options.ballast, made = 0;
	if (!wanted || !ex_sandbox_is_gvisor)
		return;
	char *begin = ex_os_reserve((wanted + 2) * page);
	int error = begin ? 0 : -12;
	for (; begin && made < wanted; made++) {
		char *at = begin + (made / 2 + made % 2 * (wanted / 2 + 2)) * page;
		error = ex_os_protection(at, page, PROT_READ | PROT_WRITE);
		if (error)
			break;
		*(volatile char *)at = 1;
	}
	EX_PUT(BALLAST, ballast, (.wanted = wanted, .made = made, .error = error ? -error : 0), );
}
