/*
 * t_rules_host.c: the rules of host-mapping-exhaustion, misreported-fault-code and wild-address over events that are made
 * up here: what shows them, and all that looks like it and must not.
 */
#include "fault.h"
#include "host.h"
#include "rules.h"

#include "check.h"

#include <signal.h>
#include <sys/mman.h>

#define MIB (1ull << 20)
#define HEAP_A 0x700000000000ull
#define HEAP_B 0x700010000000ull
#define PAGE 4096ull
#define LIMIT 100
#define MAX 320
#define RW (PROT_READ | PROT_WRITE)

static struct world {
	struct ex_event events[MAX];
	const struct ex_event *order[MAX];
	union {
		struct ex_ev_growth growth;
		struct ex_ev_sandbox sandbox;
		struct ex_ev_ballast ballast;
		struct ex_ev_crash crash;
		struct ex_ev_fault_map map;
		struct ex_ev_exit_begin exit;
		struct ex_ev_thread_place place;
	} fixed[MAX];
	uint64_t now_ns, regs[17];
	unsigned numbers, pages[2];
	struct ex_trace trace;
	struct ex_image image;
	struct ex_processes processes;
	struct ex_teardown teardown;
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
	for (unsigned t = 0; t < sizeof(w.events[n].tail) / sizeof(w.events[n].tail[0]); t++)
		w.events[n].tail[t].bytes = "";
	w.order[n] = &w.events[n];
	w.image.end_ns = w.now_ns;
	return &w.fixed[n];
}

static void begin(int is_guest)
{
	memset(&w, 0, sizeof(w));
	w.image = (struct ex_image){.pid = 7, .exe = "/x/app", .options = "", .exit_kind = -1, .events = w.order};
	w.processes = (struct ex_processes){.trace = &w.trace,
					    .images = &w.image,
					    .count = 1,
					    .judged = &w.image,
					    .root_pid = 7};
	w.teardown = (struct ex_teardown){.image = &w.image, .alive_before = -1};
	w.facts = (struct ex_facts){.processes = &w.processes, .teardown = &w.teardown, .profiles = -1};
	if (is_guest)
		*(struct ex_ev_sandbox *)event(7, EX_EV_SANDBOX) =
			(struct ex_ev_sandbox){.kind = EX_sandbox_GVISOR, .mapping_limit = LIMIT};
}

/* a page more for the heap of thread 8 or 9 */
static void grow(uint32_t tid)
{
	unsigned which = tid == 9;
	uint64_t heap = which ? HEAP_B : HEAP_A;
	struct ex_ev_growth *growth = event(tid, EX_EV_GROWTH);
	*growth = (struct ex_ev_growth){.call = EX_memory_call_MPROTECT,
					.class = w.pages[which] ? EX_growth_HEAP_EXTEND : EX_growth_HEAP_FIRST_COMMIT,
					.n = ++w.numbers,
					.prot = RW,
					.begin = heap + w.pages[which] * PAGE,
					.bytes = PAGE,
					.duration = 100,
					.arena = heap + 0x30};
	w.pages[which]++;
}

static void grow_in_turn(unsigned pages)
{
	for (unsigned n = 0; n < pages; n++)
		grow(8 + n % 2);
}

static struct ex_ev_crash *fault(uint32_t tid, int code, uint64_t address, int disposition)
{
	struct ex_ev_crash *crash = event(tid, EX_EV_CRASH);
	*crash = (struct ex_ev_crash){.signo = SIGSEGV,
				      .code = code,
				      .address = address,
				      .pc = 0x4000100,
				      .sp = 0x7ffff0001000,
				      .disposition = (uint8_t)disposition};
	struct ex_text *regs =
		&w.events[w.image.event_count - 1].tail[ex_event_tail(ex_event_by_id(EX_EV_CRASH), "regs")];
	regs->bytes = (const char *)w.regs;
	regs->length = sizeof(w.regs);
	if (disposition == EX_disposition_DEFAULT) {
		w.image.crash = &w.events[w.image.event_count - 1];
		w.image.end = EX_END_SIGNAL;
		w.image.signal = SIGSEGV;
		w.facts.is_bad = 1;
	}
	return crash;
}

/* the map has [begin, end) at the address; begin 0: nothing */
static struct ex_ev_fault_map *map(uint32_t tid, uint64_t address, uint64_t begin, uint64_t end, int prot)
{
	struct ex_ev_fault_map *m = event(tid, EX_EV_FAULT_MAP);
	*m = (struct ex_ev_fault_map){.address = address, .begin = begin, .end = end, .prot = (uint32_t)prot};
	return m;
}

static void in_handler(uint32_t tid, uint64_t address)
{
	struct ex_ev_in_handler *h = event(tid, EX_EV_IN_HANDLER);
	*h = (struct ex_ev_in_handler){.signo = SIGSEGV, .code = SEGV_MAPERR, .address = address, .pc = 0x4000100};
}

static void map_file(void)
{
	w.events[w.image.event_count - 1].tail[0].bytes = "/x/file";
}

static void vanish(int wait_status, int has_status)
{
	w.image.end = EX_END_VANISHED;
	w.image.is_guest = 1;
	w.processes.root_pid = 99; /* the launcher's, outside */
	w.processes.has_root_status = has_status;
	w.processes.root_status = wait_status;
	w.facts.is_bad = 1;
}

static int has_evidence(const struct ex_candidate *c, const char *words)
{
	for (unsigned i = 0; c && i < c->evidence_count; i++)
		if (c->evidence[i].text && strstr(c->evidence[i].text, words))
			return 1;
	return 0;
}

static const struct ex_candidate *host(void)
{
	return found(EX_VERDICT_HOST_MAPPING_EXHAUSTION);
}

static const struct ex_candidate *code(void)
{
	return found(EX_VERDICT_MISREPORTED_FAULT_CODE);
}

static const struct ex_candidate *wild(void)
{
	return found(EX_VERDICT_WILD_ADDRESS);
}

static int is_only(enum ex_verdict verdict)
{
	return found(verdict) && w.findings.count == 1;
}

static int doubts(const struct ex_candidate *c, const char *words)
{
	return c && c->doubt && strstr(c->doubt, words);
}

/* the page that was granted last, which the host refused */
static void exhaust(uint32_t tid)
{
	uint64_t address = HEAP_A + (w.pages[0] - 1) * PAGE + 0x38;
	fault(tid, SEGV_MAPERR, address, EX_disposition_DEFAULT);
	map(tid, address, HEAP_A, HEAP_A + w.pages[0] * PAGE, RW);
}

static void check_refused(void)
{
	begin(1);
	grow_in_turn(100);
	exhaust(8);
	CHECK(is_only(EX_VERDICT_HOST_MAPPING_EXHAUSTION));
	CHECK(!host()->doubt && host()->limit == LIMIT);
	CHECK(has_evidence(host(), "readable and writable"));
	CHECK(has_evidence(host(), "about 100 host mappings"));
	CHECK(has_evidence(host(), "99 of 100 growths"));
	CHECK(excludes(EX_VERDICT_MISREPORTED_FAULT_CODE, "no page without access"));
	CHECK(excludes(EX_VERDICT_WILD_ADDRESS, "readable and writable"));

	/* measured: 2.5 % less at the least */
	begin(1);
	grow_in_turn(LIMIT * 0.95);
	exhaust(8);
	CHECK(host() && !host()->doubt);

	/* ballast counts */
	begin(1);
	*(struct ex_ev_ballast *)event(7, EX_EV_BALLAST) = (struct ex_ev_ballast){.wanted = 80, .made = 80};
	grow_in_turn(20);
	exhaust(8);
	CHECK(host() && !host()->doubt);

	/* the code is right in newer gVisors for what lacks a right, and nothing lacks here */
	begin(1);
	grow_in_turn(100);
	fault(8, SEGV_ACCERR, HEAP_A + 8, EX_disposition_DEFAULT);
	map(8, HEAP_A + 8, HEAP_A, HEAP_A + 50 * PAGE, RW);
	CHECK(host() && !host()->doubt);

	/* code that could not be paged in */
	begin(1);
	grow_in_turn(100);
	fault(8, SEGV_MAPERR, 0x5000100, EX_disposition_DEFAULT)->pc = 0x5000100;
	map(8, 0x5000100, 0x5000000, 0x5010000, PROT_READ | PROT_EXEC);
	map_file();
	CHECK(host() && !host()->doubt);

	/* the map was not told: that its heap had grown beyond the address is known all the same */
	begin(1);
	grow_in_turn(100);
	fault(8, SEGV_MAPERR, HEAP_A + 40 * PAGE, EX_disposition_DEFAULT);
	CHECK(host() && has_evidence(host(), "had been grown beyond it"));
	begin(1);
	grow_in_turn(100);
	fault(8, SEGV_MAPERR, HEAP_A + 60 * PAGE, EX_disposition_DEFAULT);
	CHECK(!host() && excludes(EX_VERDICT_HOST_MAPPING_EXHAUSTION, "not told"));

	/* its own handler saw it and sent the signal again */
	begin(1);
	grow_in_turn(100);
	fault(8, SEGV_MAPERR, HEAP_A + 8, EX_disposition_PROGRAM);
	map(8, HEAP_A + 8, HEAP_A, HEAP_A + 50 * PAGE, RW);
	fault(8, SI_TKILL, 0, EX_disposition_DEFAULT);
	CHECK(host() && !host()->doubt && has_evidence(host(), "a handler of the program's own"));
	/* and much later */
	w.events[w.image.event_count - 1].time_ns += 5000000000;
	CHECK(doubts(host(), "lived on for 5.00 s"));
	/* or in another thread */
	w.events[w.image.event_count - 1].tid = 9;
	CHECK(!host() && excludes(EX_VERDICT_HOST_MAPPING_EXHAUSTION, "was no fault"));
}

/* the rivals */
static void check_not_refused(void)
{
	begin(0); /* natively */
	grow_in_turn(100);
	exhaust(8);
	CHECK(!host() && excludes(EX_VERDICT_HOST_MAPPING_EXHAUSTION, "did not run in a gVisor"));

	begin(1); /* far from the limit: a race between one thread's mprotect and another's access */
	grow_in_turn(40);
	exhaust(8);
	CHECK(doubts(host(), "took only about 40 host mappings"));

	begin(1); /* the limit is another one */
	grow_in_turn(130);
	exhaust(8);
	CHECK(doubts(host(), "the limit is another"));

	begin(1); /* near the limit, and a wild pointer all the same */
	grow_in_turn(100);
	fault(8, SEGV_MAPERR, 0x600000000000, EX_disposition_DEFAULT);
	map(8, 0x600000000000, 0, 0, 0);
	CHECK(!host() && excludes(EX_VERDICT_HOST_MAPPING_EXHAUSTION, "has nothing at"));

	begin(1); /* or a null pointer */
	grow_in_turn(100);
	fault(8, SEGV_MAPERR, 8, EX_disposition_DEFAULT);
	map(8, 8, 0, 0, 0);
	CHECK(!host() && found(EX_VERDICT_NULL_DEREFERENCE));

	begin(1); /* a write to what is only readable has its right code */
	grow_in_turn(100);
	fault(8, SEGV_ACCERR, 0x5000100, EX_disposition_DEFAULT);
	map(8, 0x5000100, 0x5000000, 0x5010000, PROT_READ);
	CHECK(!host() && excludes(EX_VERDICT_HOST_MAPPING_EXHAUSTION, "does not permit"));

	begin(1); /* a mapped file that became shorter */
	grow_in_turn(100);
	fault(8, BUS_ADRERR, 0x5000100, EX_disposition_DEFAULT)->signo = SIGBUS;
	map(8, 0x5000100, 0x5000000, 0x5010000, RW);
	map_file();
	CHECK(!host());

	begin(1); /* sent by somebody */
	grow_in_turn(100);
	fault(8, SI_USER, 0, EX_disposition_DEFAULT)->signo = SIGTERM;
	CHECK(!host() && excludes(EX_VERDICT_HOST_MAPPING_EXHAUSTION, "was no fault"));

	begin(1); /* it lives */
	grow_in_turn(100);
	CHECK(!host() && !excludes(EX_VERDICT_HOST_MAPPING_EXHAUSTION, ""));
}

static void check_unseen(void)
{
	begin(1); /* a Sentry that panics */
	grow_in_turn(100);
	vanish(2 << 8, 1);
	CHECK(ex_host_is_unseen(&w.processes, &w.image));
	CHECK(is_only(EX_VERDICT_HOST_MAPPING_EXHAUSTION) && !host()->doubt);
	w.image.sandbox_end = "runsc ended with status 2, as when gVisor's Sentry panics";
	CHECK(has_evidence(host(), "Sentry panics"));
	vanish(139 << 8, 1); /* silent death: no handler could begin */
	CHECK(host() != NULL);
	vanish(SIGKILL, 1); /* kill -9 of it */
	CHECK(host() != NULL);
	vanish(0, 0); /* exeunt went with it */
	CHECK(host() != NULL);

	begin(1); /* a parent that waited in the sandbox */
	grow_in_turn(100);
	w.image.end = EX_END_SIGNAL;
	w.image.signal = SIGSEGV;
	w.facts.is_bad = 1;
	CHECK(host() && !host()->doubt);
	w.image.signal = SIGKILL; /* which is somebody's doing */
	CHECK(!host());

	begin(1); /* kill -9 with few mappings */
	grow_in_turn(40);
	vanish(SIGKILL, 1);
	CHECK(!host() && excludes(EX_VERDICT_HOST_MAPPING_EXHAUSTION, "took only about 40 host mappings"));
	vanish(2 << 8, 1); /* a Sentry that panics of something else */
	CHECK(!host());
	grow_in_turn(48);
	CHECK(!host()); /* 88 of 100 */
	grow_in_turn(2);
	CHECK(host() != NULL); /* 90 */

	begin(1); /* it had come to rest */
	grow_in_turn(100);
	w.now_ns += 3000000000;
	event(7, EX_EV_HEAP);
	vanish(SIGKILL, 1);
	CHECK(doubts(host(), "had not grown for 3.00 s"));

	begin(1); /* it had said that it leaves, or the launcher ended well */
	grow_in_turn(100);
	vanish(2 << 8, 1);
	event(7, EX_EV_EXIT_BEGIN);
	w.image.first_exit = &w.events[w.image.event_count - 1];
	CHECK(!ex_host_is_unseen(&w.processes, &w.image) && !host());
	CHECK(excludes(EX_VERDICT_HOST_MAPPING_EXHAUSTION, "begun to leave by itself"));
	w.image.first_exit = NULL;
	vanish(0, 1);
	CHECK(!ex_host_is_unseen(&w.processes, &w.image));
	vanish(1 << 8, 1);
	CHECK(!ex_host_is_unseen(&w.processes, &w.image));
}

#define GUARD 0x650000000000ull

static void meet_guard(int sent_code)
{
	begin(1);
	grow_in_turn(10);
	fault(8, sent_code, GUARD + 8, EX_disposition_PROGRAM);
	map(8, GUARD + 8, GUARD, GUARD + PAGE, PROT_NONE);
}

static void check_code(void)
{
	meet_guard(SEGV_MAPERR); /* abort in the handler, or the signal again */
	fault(8, SI_TKILL, 0, EX_disposition_DEFAULT)->signo = SIGABRT;
	CHECK(is_only(EX_VERDICT_MISREPORTED_FAULT_CODE));
	CHECK(doubts(code(), "whatever the code"));
	CHECK(has_evidence(code(), "without access"));
	CHECK(excludes(EX_VERDICT_HOST_MAPPING_EXHAUSTION, "without access"));

	meet_guard(SEGV_MAPERR); /* _exit there */
	((struct ex_ev_exit_begin *)event(8, EX_EV_EXIT_BEGIN))->kind = EX_exit_FAST;
	w.image.first_exit = &w.events[w.image.event_count - 1];
	w.image.end = EX_END_FAST;
	w.facts.is_bad = 1;
	CHECK(is_only(EX_VERDICT_MISREPORTED_FAULT_CODE));

	meet_guard(SEGV_MAPERR); /* the default action put back, and the access made again */
	fault(8, SEGV_MAPERR, GUARD + 8, EX_disposition_DEFAULT);
	map(8, GUARD + 8, GUARD, GUARD + PAGE, PROT_NONE);
	CHECK(is_only(EX_VERDICT_MISREPORTED_FAULT_CODE));

	meet_guard(SEGV_ACCERR); /* a newer gVisor */
	fault(8, SI_TKILL, 0, EX_disposition_DEFAULT);
	CHECK(!code() && excludes(EX_VERDICT_MISREPORTED_FAULT_CODE, "as Linux reports it"));

	meet_guard(SEGV_MAPERR); /* it was lived through: another thread ends badly */
	fault(9, SI_TKILL, 0, EX_disposition_DEFAULT)->signo = SIGABRT;
	CHECK(!code());

	begin(1); /* nobody handles it: Linux would end it too */
	fault(8, SEGV_MAPERR, GUARD + 8, EX_disposition_DEFAULT);
	map(8, GUARD + 8, GUARD, GUARD + PAGE, PROT_NONE);
	CHECK(!code() && excludes(EX_VERDICT_MISREPORTED_FAULT_CODE, "no handler"));
	CHECK(!wild() && !host());

	begin(1); /* a wild pointer that a handler saw */
	fault(8, SEGV_MAPERR, GUARD + 8, EX_disposition_PROGRAM);
	map(8, GUARD + 8, 0, 0, 0);
	fault(8, SI_TKILL, 0, EX_disposition_DEFAULT);
	CHECK(!wild() && excludes(EX_VERDICT_WILD_ADDRESS, "it had recovered"));

	begin(1); /* and died in */
	fault(8, SEGV_MAPERR, GUARD + 8, EX_disposition_PROGRAM);
	in_handler(8, GUARD + 8);
	map(8, GUARD + 8, 0, 0, 0);
	fault(8, SI_TKILL, 0, EX_disposition_DEFAULT);
	CHECK(!code() && is_only(EX_VERDICT_WILD_ADDRESS));
	CHECK(has_evidence(wild(), "a handler of the program's own"));

	meet_guard(SEGV_MAPERR); /* not in a sandbox */
	fault(8, SI_TKILL, 0, EX_disposition_DEFAULT);
	((struct ex_ev_sandbox *)w.events[0].fixed)->kind = EX_sandbox_NONE;
	CHECK(!code());
}

static struct ex_ev_fault_map *stray(uint64_t address)
{
	begin(0);
	fault(8, SEGV_MAPERR, address, EX_disposition_DEFAULT);
	struct ex_ev_fault_map *m = map(8, address, 0, 0, 0);
	m->before_begin = 0x640000000000;
	m->before_end = 0x640000100000;
	m->before_prot = RW;
	m->after_begin = 0x7ffff0000000;
	m->after_end = 0x7ffff0100000;
	return m;
}

static void check_wild(void)
{
	stray(0x640000100000 + 860 * MIB);
	w.regs[3] = 0x640000000000;
	w.regs[5] = 0x640000100000 + 860 * MIB;
	CHECK(is_only(EX_VERDICT_WILD_ADDRESS) && !wild()->doubt);
	CHECK(strstr(wild()->cause, "860 MiB past the end of 0x640000000000-0x640000100000"));
	CHECK(has_evidence(wild(), "register rbx holds 0x640000000000, the first byte"));
	CHECK(has_evidence(wild(), "register rdi holds the faulting address"));

	stray(0x640000100000 + 860 * MIB); /* a call that went there */
	w.fixed[w.image.event_count - 2].crash.pc = 0x640000100000 + 860 * MIB;
	CHECK(wild() != NULL);

	begin(0); /* which the processor does not tell, and code that is not known does not either */
	fault(8, SI_KERNEL, 0, EX_disposition_DEFAULT);
	w.regs[0] = 0xdeadbeefdeadbeef;
	CHECK(!wild() && excludes(EX_VERDICT_WILD_ADDRESS, "told no address"));

	stray(0x10); /* the first page */
	CHECK(!wild() && is_only(EX_VERDICT_NULL_DEREFERENCE));
	stray(0x1000);
	CHECK(is_only(EX_VERDICT_WILD_ADDRESS));

	stray(0x7fffefff0000); /* a stack that is too small: its pointer is there too */
	w.fixed[0].crash.sp = 0x7fffefff0100;
	CHECK(!wild() && excludes(EX_VERDICT_WILD_ADDRESS, "stack pointer"));
	stray(0x7fffe0000000); /* of which a large frame is used from its middle */
	w.fixed[0].crash.sp = 0x7fffd0000000;
	CHECK(!wild() && excludes(EX_VERDICT_WILD_ADDRESS, "stack pointer"));

	stray(0x640000100000 + 860 * MIB)->begin = 0x640000100000; /* something is there: another thread's doing */
	CHECK(!wild());

	begin(0); /* memory that was there */
	*(struct ex_ev_growth *)event(8, EX_EV_GROWTH) = (struct ex_ev_growth){.call = EX_memory_call_MUNMAP,
									       .begin = 0x640000100000,
									       .bytes = 1024 * MIB,
									       .duration = 1};
	fault(8, SEGV_MAPERR, 0x640000200000, EX_disposition_DEFAULT);
	map(8, 0x640000200000, 0, 0, 0);
	CHECK(!wild() && excludes(EX_VERDICT_WILD_ADDRESS, "until it was unmapped"));

	begin(0); /* not told what the map has */
	fault(8, SEGV_MAPERR, 0x640000200000, EX_disposition_DEFAULT);
	CHECK(!wild() && excludes(EX_VERDICT_WILD_ADDRESS, "was not told"));

	begin(0); /* sent */
	fault(8, SI_USER, 0, EX_disposition_DEFAULT);
	CHECK(!wild());
}

/* of several that die at once, the one that looked around is the one to be told of */
static void check_spoken(void)
{
	begin(1);
	grow_in_turn(100);
	exhaust(8);
	fault(9, SEGV_MAPERR, HEAP_B + 8, EX_disposition_DEFAULT);
	CHECK(ex_fault_spoken(&w.image)->tid == 8);
	begin(1);
	fault(9, SEGV_MAPERR, HEAP_B + 8, EX_disposition_PROGRAM);
	map(9, HEAP_B + 8, 0, 0, 0);
	CHECK(!ex_fault_spoken(&w.image));
}

int main(void)
{
	check_refused();
	check_not_refused();
	check_unseen();
	check_code();
	check_wild();
	check_spoken();
	CHECK_DONE();
}
