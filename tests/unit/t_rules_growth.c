/*
 * t_rules_growth.c: the rules of growth-refused and arena-contention over events that are made up here: what shows them,
 * and all that looks like it and must not.
 */
#include "contention.h"
#include "refusal.h"
#include "rules.h"

#include "check.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

#define KIB 1024ull
#define MIB (1024 * KIB)
#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)
#define MAX 64

static struct world {
	struct ex_event events[MAX];
	const struct ex_event *order[MAX];
	union {
		struct ex_ev_growth growth;
		struct ex_ev_wait wait;
		struct ex_ev_heap heap;
		struct ex_ev_thread_begin thread;
		struct ex_ev_crash crash;
		struct ex_ev_exit_begin exit;
		struct ex_ev_detour detour;
	} fixed[MAX];
	uint64_t now_ns;
	unsigned numbers;
	struct ex_trace trace;
	struct ex_image image;
	struct ex_processes processes;
	struct ex_teardown teardown;
	struct ex_contention contention;
	struct ex_facts facts;
	struct ex_findings findings;
} w;

#include "found.h"

static void *event(uint32_t tid, int id)
{
	size_t n = w.image.event_count++;
	w.events[n] = (struct ex_event){.time_ns = w.now_ns += 1000,
					.pid = 7,
					.tid = tid,
					.meta = ex_event_by_id(id),
					.fixed = &w.fixed[n]};
	w.order[n] = &w.events[n];
	w.image.end_ns = w.now_ns;
	return &w.fixed[n];
}

static void hook(const char *name, int result)
{
	struct ex_ev_detour *detour = event(7, EX_EV_DETOUR);
	detour->result = (uint8_t)result;
	w.events[w.image.event_count - 1].tail[0].bytes = name;
}

/* a process 7 with nothing in it yet */
static void begin(void)
{
	memset(&w, 0, sizeof(w));
	w.image = (struct ex_image){.pid = 7, .exe = "/x/app", .options = "", .exit_kind = -1, .events = w.order};
	w.processes = (struct ex_processes){.trace = &w.trace, .images = &w.image, .count = 1, .judged = &w.image};
	w.teardown = (struct ex_teardown){.image = &w.image, .alive_before = -1};
	w.facts = (struct ex_facts){.processes = &w.processes, .teardown = &w.teardown, .profiles = -1};
	hook("mmap", EX_detour_PLACED);
	hook("brk", EX_detour_PLACED);
	hook("sbrk", EX_detour_SHORT); /* its brk is seen anyway */
}

static int is_growth(int class)
{
	return class == EX_growth_BRK_EXTEND || class == EX_growth_HEAP_RESERVE || class == EX_growth_HEAP_EXTEND ||
	       class == EX_growth_MMAP_CHUNK || class == EX_growth_MREMAP_CHUNK || class == EX_growth_OTHER_GROW;
}

static struct ex_ev_growth *grow(uint32_t tid, int call, int class, uint64_t bytes, int error)
{
	struct ex_ev_growth *growth = event(tid, EX_EV_GROWTH);
	growth->call = (uint8_t)call;
	growth->class = (uint8_t) class;
	growth->bytes = bytes;
	growth->error = error;
	growth->duration = 500;
	growth->flags = call == EX_memory_call_MMAP ? ANONYMOUS : 0;
	growth->n = is_growth(class) ? ++w.numbers : 0;
	return growth;
}

static void brk_of(uint32_t tid, uint64_t bytes, int error)
{
	grow(tid, EX_memory_call_BRK, EX_growth_BRK_EXTEND, bytes, error);
}

static void map_of(uint32_t tid, uint64_t bytes, int error)
{
	grow(tid, EX_memory_call_MMAP, EX_growth_MMAP_CHUNK, bytes, error);
}

/* one malloc of glibc's that gets nothing */
static void refuse(uint32_t tid, uint64_t bytes)
{
	brk_of(tid, bytes, ENOMEM);
	map_of(tid, bytes < MIB ? MIB : bytes, ENOMEM);
}

static void crash(uint32_t tid)
{
	struct ex_ev_crash *c = event(tid, EX_EV_CRASH);
	*c = (struct ex_ev_crash){.signo = SIGSEGV, .code = SEGV_MAPERR};
	w.image.crash = &w.events[w.image.event_count - 1];
	w.image.end = EX_END_SIGNAL;
	w.image.signal = SIGSEGV;
	w.facts.is_bad = 1;
}

static const struct ex_candidate *refused(void)
{
	return found(EX_VERDICT_GROWTH_REFUSED);
}

/* the doubt contains these words */
static int doubts(const char *words)
{
	const struct ex_candidate *c = refused();
	return c && c->doubt && strstr(c->doubt, words);
}

static void check_refused(void)
{
	begin();
	brk_of(7, 132 * KIB, 0);
	refuse(7, 200 * KIB);
	crash(7);
	CHECK(refused() && !refused()->doubt);
	/* a special cause beats a general one */
	CHECK(w.findings.candidates[0].verdict == EX_VERDICT_GROWTH_REFUSED);
	CHECK(w.findings.candidates[1].verdict == EX_VERDICT_NULL_DEREFERENCE);
	/* what is refused once more in another run need not be of the same size */
	CHECK(refused()->refused_bytes == 64 * MIB);

	/* in a thread: heap, then a new one, then the main arena; the request is the least, the heap's room is no request */
	begin();
	grow(9, EX_memory_call_MPROTECT, EX_growth_HEAP_EXTEND, 4 * KIB, ENOMEM);
	grow(9, EX_memory_call_MMAP, EX_growth_HEAP_RESERVE, 128 * MIB, ENOMEM);
	grow(9, EX_memory_call_MMAP, EX_growth_HEAP_RESERVE, 64 * MIB, ENOMEM);
	refuse(9, 136 * KIB);
	crash(9);
	CHECK(refused() && !refused()->doubt);
	CHECK(strstr(refused()->cause, "4 KiB"));

	/* it left by abort, which is no fault */
	begin();
	refuse(7, 200 * KIB);
	((struct ex_ev_exit_begin *)event(7, EX_EV_EXIT_BEGIN))->kind = EX_exit_ABORT;
	w.image.first_exit = &w.events[w.image.event_count - 1];
	w.image.end = EX_END_ABORT;
	w.image.signal = SIGABRT;
	w.facts.is_bad = 1;
	CHECK(refused() && !refused()->doubt);

	/* and by exit with a status that is not the expected one */
	w.image.end = EX_END_EXIT;
	w.image.signal = 0;
	CHECK(refused() && !refused()->doubt);
	CHECK(!strcmp(refused()->evidence[0].id, "death"));

	/* another allocator */
	begin();
	grow(7, EX_memory_call_MMAP, EX_growth_OTHER_GROW, 32 * MIB, ENOMEM);
	crash(7);
	CHECK(refused() && !refused()->doubt);
}

static void check_not_refused(void)
{
	begin(); /* nothing was refused */
	brk_of(7, 132 * KIB, 0);
	crash(7);
	CHECK(!refused() && excludes(EX_VERDICT_GROWTH_REFUSED, "refused it no memory"));

	begin(); /* glibc's own second try */
	brk_of(7, 200 * KIB, ENOMEM);
	map_of(7, MIB, 0);
	crash(7);
	CHECK(!refused() && excludes(EX_VERDICT_GROWTH_REFUSED, "made good"));

	begin(); /* no room for 128 MiB, but for 64 */
	grow(7, EX_memory_call_MMAP, EX_growth_HEAP_RESERVE, 128 * MIB, ENOMEM);
	grow(7, EX_memory_call_MMAP, EX_growth_HEAP_RESERVE, 64 * MIB, 0);
	crash(7);
	CHECK(!refused());

	begin(); /* no arena of its own, but the main one had room */
	grow(9, EX_memory_call_MMAP, EX_growth_HEAP_RESERVE, 128 * MIB, ENOMEM);
	grow(9, EX_memory_call_MMAP, EX_growth_HEAP_RESERVE, 64 * MIB, ENOMEM);
	brk_of(9, 132 * KIB, 0);
	crash(9);
	CHECK(!refused());

	begin(); /* sizes are rounded */
	grow(7, EX_memory_call_MREMAP, EX_growth_MREMAP_CHUNK, 10 * MIB, ENOMEM);
	map_of(7, 10 * MIB - 4 * KIB, 0);
	crash(7);
	CHECK(!refused());

	begin(); /* it was the setting */
	w.image.options = "out=/x growth=yes fail=growth:ENOMEM@1";
	grow(7, EX_memory_call_BRK, EX_growth_BRK_EXTEND, 132 * KIB, ENOMEM)->duration = 0;
	crash(7);
	CHECK(!refused() && excludes(EX_VERDICT_GROWTH_REFUSED, "the setting fail="));

	begin(); /* the setting, and the system as well */
	w.image.options = "fail=growth:ENOMEM@1";
	grow(7, EX_memory_call_BRK, EX_growth_BRK_EXTEND, 132 * KIB, ENOMEM)->duration = 0;
	refuse(7, 200 * KIB);
	crash(7);
	CHECK(refused() != NULL);

	begin(); /* errors about the call, not about memory */
	map_of(7, MIB, EINVAL);
	grow(7, EX_memory_call_MPROTECT, EX_growth_HEAP_EXTEND, 4 * KIB, EACCES);
	crash(7);
	CHECK(!refused());

	begin(); /* a try at a place, a file, and what is given back are nobody's need */
	grow(7, EX_memory_call_MMAP, EX_growth_NOT_ALLOCATOR, MIB, ENOMEM)->flags = ANONYMOUS | 0x100000;
	grow(7, EX_memory_call_MMAP, EX_growth_NOT_ALLOCATOR, MIB, ENOMEM)->flags = MAP_PRIVATE;
	grow(7, EX_memory_call_MADVISE, EX_growth_HEAP_SHRINK, MIB, ENOMEM);
	grow(7, EX_memory_call_MUNMAP, EX_growth_NOT_ALLOCATOR, MIB, ENOMEM);
	crash(7);
	CHECK(w.numbers == 0 && !refused());

	begin(); /* it was refused, and lives */
	refuse(7, 200 * KIB);
	CHECK(!refused() && !excludes(EX_VERDICT_GROWTH_REFUSED, ""));

	begin(); /* nothing can be said */
	w.image.event_count = 0;
	crash(7);
	CHECK(!refused() && excludes(EX_VERDICT_GROWTH_REFUSED, "was not observed"));

	begin(); /* after its death: what its handler of the signal does */
	crash(7);
	refuse(7, 200 * KIB);
	CHECK(!refused());
}

static void check_doubt(void)
{
	begin(); /* programs ask for much to see whether they can have it */
	map_of(7, 1024 * 1024 * MIB, ENOMEM);
	crash(7);
	CHECK(doubts("only to see"));
	CHECK(refused()->refused_bytes == 4 * 1024 * 1024 * MIB);

	begin(); /* the same, and then it grows by little */
	map_of(7, 1024 * MIB, ENOMEM);
	brk_of(7, 132 * KIB, 0);
	crash(7);
	CHECK(doubts("got memory after that"));

	begin(); /* it grew much later: another malloc, which had luck */
	refuse(7, 2 * MIB);
	brk_of(7, 132 * KIB, 0);
	map_of(7, 4 * MIB, 0);
	crash(7);
	CHECK(doubts("got memory after that"));

	begin();
	refuse(7, 200 * KIB);
	grow(7, EX_memory_call_MUNMAP, EX_growth_MUNMAP_CHUNK, MIB, 0);
	crash(7);
	CHECK(doubts("gave memory back"));

	begin();
	refuse(9, 200 * KIB);
	crash(7);
	CHECK(doubts("another thread"));

	begin(); /* both: the thread that died counts */
	refuse(7, 200 * KIB);
	refuse(9, 200 * KIB);
	crash(7);
	CHECK(refused() && !refused()->doubt);

	begin();
	refuse(7, 200 * KIB);
	w.now_ns += 2000000000;
	crash(7);
	CHECK(doubts("lived on for 2.00 s"));

	begin(); /* a thread's stack */
	grow(7, EX_memory_call_MMAP, EX_growth_NOT_ALLOCATOR, 8 * MIB, ENOMEM);
	crash(7);
	CHECK(doubts("no allocator"));

	begin(); /* what glibc did next is not seen */
	hook("mmap", EX_detour_TRAP);
	brk_of(7, 200 * KIB, ENOMEM);
	crash(7);
	CHECK(doubts("could be seen"));

	begin(); /* somebody else ended it */
	refuse(7, 200 * KIB);
	crash(7);
	w.fixed[w.image.event_count - 1].crash = (struct ex_ev_crash){.signo = SIGTERM, .sender = 1};
	CHECK(doubts("sent by another"));
}

static void check_reach(void)
{
	begin();
	refuse(7, 200 * KIB);
	map_of(7, MIB, 0); /* the try after the next: made good */
	CHECK(!ex_refusals_reach(&w.processes, UINT64_MAX));
	refuse(7, 300 * MIB);
	CHECK(ex_refusals_reach(&w.processes, 300 * MIB));
	CHECK(!ex_refusals_reach(&w.processes, 299 * MIB));
}

/* four threads that live for a second and wait for arenas, each so often and so long */
static void contend(unsigned arenas, unsigned waits, uint64_t wait_ns, int kind)
{
	begin();
	w.image.begin_ns = 0;
	for (uint32_t tid = 10; tid < 14; tid++)
		event(tid, EX_EV_THREAD_BEGIN);
	for (unsigned n = 0; n < arenas; n++)
		((struct ex_ev_heap *)event(10, EX_EV_HEAP))->arena = 0x7000 + n;
	for (unsigned n = 0; n < waits; n++) {
		struct ex_ev_wait *wait = event(10 + n % 4, EX_EV_WAIT);
		*wait = (struct ex_ev_wait){.kind = (uint8_t)kind, .duration = wait_ns};
	}
	w.now_ns = 1000000000;
	for (uint32_t tid = 10; tid < 14; tid++)
		event(tid, EX_EV_THREAD_END);
	ex_contention_find(&w.contention, &w.processes);
	w.facts.contention = &w.contention;
}

/* as many waits as the table has no room for: each stands for so many */
static void multiply(unsigned by)
{
	w.contention.waits *= by;
}

static const struct ex_candidate *contended(void)
{
	return found(EX_VERDICT_ARENA_CONTENTION);
}

static void check_contention(void)
{
	contend(0, 40, 10000000, EX_lock_ARENA);
	CHECK(w.contention.threads == 5 && w.contention.waiters == 4 && w.contention.arenas == 1);
	CHECK(w.contention.waits == 40 && w.contention.wait_ns == 400000000 && w.contention.longest_ns == 10000000);
	CHECK(w.contention.share > 0.099 && w.contention.share < 0.101);
	CHECK(!contended()); /* too few to say anything */
	multiply(5);
	CHECK(contended() && contended()->arenas == 1 && contended()->arenas_enough == 5);
	w.facts.is_bad = 1; /* a bad end comes first */
	CHECK(!contended());

	contend(2, 40, 10000000, EX_lock_ARENA);
	multiply(5);
	CHECK(contended() && contended()->arenas == 3 && contended()->arenas_enough == 6);

	contend(4, 40, 10000000, EX_lock_ARENA); /* one for each thread already */
	multiply(5);
	CHECK(!contended() && excludes(EX_VERDICT_ARENA_CONTENTION, "more would not be used"));

	contend(0, 40, 4000000, EX_lock_ARENA); /* 4 % of their time */
	multiply(5);
	CHECK(!contended());
	contend(0, 40, 10000000, EX_lock_LIBC); /* stdio, not malloc */
	multiply(5);
	CHECK(!contended() && w.contention.waits == 0);
	contend(0, 40, 10000000, EX_lock_MUTEX); /* another allocator's, which arenas= cannot change */
	multiply(5);
	CHECK(!contended());

	/* a thread that left waits once more, when libc gives its cached blocks back: it does not begin to live again */
	contend(0, 40, 10000000, EX_lock_ARENA);
	uint64_t before_ns = w.contention.thread_ns;
	((struct ex_ev_wait *)event(10, EX_EV_WAIT))->kind = EX_lock_ARENA;
	w.now_ns += 5000000000;
	event(7, EX_EV_GOODBYE);
	ex_contention_find(&w.contention, &w.processes);
	CHECK(w.contention.thread_ns - before_ns < 100000);
	CHECK(w.contention.threads == 5);
}

int main(void)
{
	check_refused();
	check_not_refused();
	check_doubt();
	check_reach();
	check_contention();
	CHECK_DONE();
}
