/*
 * clone.c: see clone.h. Two sides: make() is the process's, wait_here() the copy's, which does nothing but look at the page
 * that it shares with the process and the command until it is told to end, or to make a child that goes on.
 */
#include "clone.h"

#include "image.h"
#include "lock.h"
#include "module.h"
#include "options.h"
#include "os/os.h"
#include "refuse.h"
#include "spec.h"
#include "stream.h"
#include "thread.h"

#define TICK_NS 1000000000u
#define PAUSE_NS 200000u /* while a re-run lasts: the first; each is longer than the one before */
#define PAUSE_MAX_NS 20000000u
#define FAILURES_MAX 16
#define PROT_WRITE_ 2

static struct ex_clones *clones; /* of this image, NULL = none was made yet */
static uint32_t times, failures, lock;
static int is_leaving;

static struct ex_clones *make_page(void)
{
	char path[EX_OPTION_MAX_BYTES + 64];
	struct ex_buffer b;
	int error;
	ex_buffer_init(&b, path, sizeof(path));
	ex_buffer_text(&b, ex_options.out);
	ex_buffer_text(&b, "/" EX_CLONES_NAME);
	ex_buffer_number(&b, ex_image.pid);
	ex_buffer_text(&b, ".");
	ex_buffer_number(&b, ex_image.image_ns);
	struct ex_clones *page = ex_os_file_make(path, sizeof(*page), &error);
	if (!page)
		return NULL;
	page->trace_version = EX_TRACE_VERSION;
	page->pid = ex_image.pid;
	page->image_ns = ex_image.image_ns;
	page->point = (uint32_t)ex_options.clone_point;
	page->life_s = (uint32_t)ex_options.clone_life_s;
	ex_buffer_init(&b, page->text, sizeof(page->text));
	ex_buffer_text(&b, ex_options.clone_text);
	memcpy(page->magic, "exclones", sizeof(page->magic));
	return page;
}

static void add_shared(void *arg, const struct ex_mapping *m)
{
	if (m->is_shared && (m->prot & PROT_WRITE_) && !ex_starts(m->path, ex_options.out))
		*(uint64_t *)arg += m->end - m->begin;
}

static void ask(struct ex_clone_slot *slot, int wish)
{
	slot->wish = (uint32_t)wish;
	__atomic_add_fetch(&slot->asked, 1, __ATOMIC_RELEASE);
	ex_os_wake_shared(&slot->asked);
}

static void leave(struct ex_clone_slot *slot, uint32_t self)
{
	if (slot->pid == self)
		slot->state = EX_CLONE_ENDED;
	ex_os_exit_group(0);
}

/* in the child that goes on: from here on it is the program, as a process of its own */
static void go_on(struct ex_clone_slot *slot, uint32_t clone)
{
	int is_loud = ex_os_borrow(1, slot->asker, slot->out);
	is_loud &= ex_os_borrow(2, slot->asker, slot->err);
	slot->was_silent = !is_loud;
	uint32_t number = slot->number, n = slot->reruns;
	lock = 0;
	ex_image.is_rerun = EX_RERUN_BEGINS;
	int is_elsewhere = *clones->out != 0;
	if (is_elsewhere)
		ex_image_move(clones->out);
	ex_image_check_fork();
	if (is_elsewhere)
		ex_module_tell();
	EX_PUT(RERUN, rerun, (.number = number, .clone = clone, .n = n), );
}

/* 1 in the child */
static int run_on(struct ex_clone_slot *slot, uint32_t self)
{
	uint64_t pause_ns = PAUSE_NS;
	slot->reruns++;
	slot->state = EX_CLONE_RUNS;
	long pid = ex_os_copy_again();
	if (!pid) {
		go_on(slot, self);
		return 1;
	}
	int status = (int)pid;
	if (pid > 0) {
		slot->rerun = (uint32_t)pid;
		while ((status = ex_os_copy_status((uint32_t)pid)) == -1) {
			ex_os_sleep_ns(pause_ns);
			pause_ns = pause_ns * 2 > PAUSE_MAX_NS ? PAUSE_MAX_NS : pause_ns * 2;
			if (!ex_os_is_alive(slot->asker) || ex_os_is_asked_to_end())
				ex_os_kill((uint32_t)pid);
		}
	}
	slot->status = status;
	slot->rerun = 0;
	slot->state = EX_CLONE_WAITS;
	return 0;
}

/* whether the process that we are a copy of came to a good end. An exec may fail: only when it stays so for a while */
static int is_over(const struct ex_clones *page, uint32_t *seen)
{
	*seen = page->over == EX_CLONE_EXEC ? *seen + 1 : 0;
	return page->over == EX_CLONE_OVER || *seen > 2;
}

/* returns in a child that goes on */
static void wait_here(struct ex_clone_slot *slot)
{
	uint32_t self = ex_os_pid(), seen = 0;
	uint64_t life_ns = clones->life_s * 1000000000ull, end_ns = ex_os_now_ns() + life_ns;
	for (;;) {
		uint32_t asked = __atomic_load_n(&slot->asked, __ATOMIC_ACQUIRE);
		if (slot->pid && slot->pid != self)
			ex_os_exit_group(0); /* told to end long ago: the slot is another's */
		if (asked != slot->answered && slot->wish == EX_CLONE_RERUN) {
			if (run_on(slot, self))
				return;
			end_ns = ex_os_now_ns() + life_ns;
			__atomic_store_n(&slot->answered, asked, __ATOMIC_RELEASE);
			ex_os_wake_shared(&slot->answered);
			continue;
		}
		if (asked != slot->answered || is_over(clones, &seen) || ex_os_is_asked_to_end() ||
		    ex_os_now_ns() >= end_ns)
			leave(slot, self);
		ex_os_wait_shared(&slot->asked, asked, TICK_NS);
	}
}

static void refuse(int why)
{
	ex_refuse(why, "clone-at", ex_options.clone_text);
	ex_options.clone_point = -1;
}

static void tell(const struct ex_clone_slot *slot, uint64_t begin_ns, int error)
{
	EX_PUT(CLONE, clone,
	       (.number = error ? 0 : slot->number, .pid = slot->pid, .point = (uint8_t)clones->point, .n = slot->n,
		.replaced = slot->replaced, .missing = slot->missing, .shared = slot->shared_bytes,
		.duration = ex_os_now_ns() - begin_ns, .error = -error), );
	if (error == -EX_NO_ORPHANS || (error && ++failures == FAILURES_MAX))
		refuse(EX_refusal_NO_COMPANION);
}

static void make(uint32_t n)
{
	uint64_t signals, begin_ns = ex_os_now_ns();
	if (!clones && !(clones = make_page())) {
		refuse(EX_refusal_NO_COMPANION);
		return;
	}
	struct ex_clone_slot *slot = &clones->slots[clones->made % EX_CLONE_SLOTS];
	uint32_t threads = ex_os_thread_count();
	*slot = (struct ex_clone_slot){.state = EX_CLONE_WAITS, .n = n, .time_ns = begin_ns};
	slot->number = __atomic_add_fetch(&ex_image_ledger()->clones, 1, __ATOMIC_RELAXED);
	slot->missing = threads > 1 ? threads - 1 : 0;
	ex_os_maps(add_shared, &slot->shared_bytes);
	int result = ex_os_copy(&slot->pid, &slot->replaced, &signals);
	if (result == 1) {
		wait_here(slot);
		ex_os_restore_signals(signals);
		return;
	}
	if (result)
		slot->state = EX_CLONE_NONE;
	else if (clones->made++ >= ex_options.clones)
		ask(&clones->slots[(clones->made - 1 - ex_options.clones) % EX_CLONE_SLOTS], EX_CLONE_END);
	tell(slot, begin_ns, result);
}

static int may_copy(void)
{
	if (!ex_image.is_started || ex_image.is_copy || ex_image.is_rerun || ex_is_inside())
		return 0;
	if (ex_os_is_sealed()) /* a filter may kill for what it takes to make one */
		refuse(EX_refusal_NO_COMPANION);
	return !ex_os_is_sealed();
}

static void come(void)
{
	ex_image_check_fork();
	uint32_t n = __atomic_add_fetch(&times, 1, __ATOMIC_RELAXED);
	if ((ex_options.clone_n && n != ex_options.clone_n) || ex_image_is_borrowed())
		return;
	if (!ex_try_lock(&lock))
		return;
	make(n);
	ex_unlock(&lock);
}

void ex_clone_at(int point)
{
	if (ex_options.clone_point == point && may_copy())
		come();
}

void ex_clone_before(uintptr_t fn, uint32_t row)
{
	if (ex_options.clone_point == EX_point_BEFORE && may_copy() && ex_spec_matches(&ex_options.clone_spec, fn, row))
		come();
}

/* a return from main, exit and _exit come one behind the other */
void ex_clone_leaving(int with_handlers)
{
	int point = ex_options.clone_point;
	if ((point != EX_point_EXIT && (point != EX_point_MAIN_END || !with_handlers)) || !may_copy())
		return;
	ex_image_check_fork();
	if (!__atomic_exchange_n(&is_leaving, 1, __ATOMIC_ACQ_REL))
		come();
}

void ex_clone_over(int how)
{
	if (!clones || ex_image.is_rerun || clones->pid != ex_os_pid() || ex_image_is_borrowed())
		return;
	clones->over = (uint32_t)how;
	for (uint32_t i = 0; how == EX_CLONE_OVER && i < EX_CLONE_SLOTS; i++)
		if (clones->slots[i].state == EX_CLONE_WAITS)
			ex_os_wake_shared(&clones->slots[i].asked);
}

void ex_clone_forget(void)
{
	clones = NULL;
	times = failures = 0;
	is_leaving = ex_image.is_rerun && is_leaving;
}
