/*
 * handler.c: see handler.h. Handlers live in our own pages, never in the target's heap, and are never given back: one
 * of them may be running while everything else is gone.
 */
#include "handler.h"

#include "arch/arch.h"
#include "arena.h"
#include "clone.h"
#include "growth.h"
#include "handling.h"
#include "heap.h"
#include "image.h"
#include "live.h"
#include "lock.h"
#include "module.h"
#include "options.h"
#include "os/os.h"
#include "park.h"
#include "place.h"
#include "probe.h"
#include "serial.h"
#include "spec.h"
#include "stream.h"
#include "thread.h"
#include "treat_order.h"
#include "writer.h"

#define CHUNK 512

static struct chunk {
	struct chunk *older;
	uint32_t used;
	struct ex_handler handlers[CHUNK];
} first_chunk EX_TABLE, /* most programs never need another */
	*newest = &first_chunk;
static struct ex_handler *free_list;
static uint32_t last_id;
static uint32_t lock;

static struct ex_handler *allocate(void)
{
	struct ex_handler *h = NULL;
	if (!ex_try_lock(&lock))
		return NULL;
	if (free_list) {
		h = free_list;
		free_list = h->next;
	} else {
		if (newest->used == CHUNK) {
			struct chunk *more = ex_os_map(sizeof(*more));
			if (more) {
				more->older = newest;
				newest = more;
			}
		}
		if (newest->used < CHUNK)
			h = &newest->handlers[newest->used++];
	}
	ex_unlock(&lock);
	return h;
}

void ex_handler_free(struct ex_handler *handler)
{
	handler->is_waiting = 0;
	if (!ex_try_lock(&lock))
		return; /* lost for good, 64 bytes */
	handler->next = free_list;
	free_list = handler;
	ex_unlock(&lock);
}

void ex_handler_each_waiting(void (*each)(void *arg, struct ex_handler *handler), void *arg)
{
	for (struct chunk *c = newest; c; c = c->older)
		for (uint32_t i = 0; i < c->used; i++)
			if (c->handlers[i].is_waiting)
				each(arg, &c->handlers[i]);
}

struct ex_handler *ex_handler_new(int kind, uintptr_t fn, void *arg, void *dso, uintptr_t caller)
{
	struct ex_handler *h = allocate();
	if (!h)
		return NULL;
	*h = (struct ex_handler){.kind = (uint8_t)kind, .fn = fn, .arg = arg, .dso = dso, .is_waiting = 1};
	h->id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
	if (kind < EX_handler_FINI_ARRAY) {
		uint64_t regs[EX_REGS];
		ex_arch_capture(regs);
		size_t stack_bytes = ex_thread_stack_above(regs[EX_REG_SP], EX_SAMPLE_BYTES);
		EX_PUT(REGISTER, register,
		       (.id = h->id, .kind = (uint8_t)kind, .fn = fn, .arg = (uintptr_t)arg, .dso = (uintptr_t)dso,
			.caller = caller),
		       EX_BLOB(regs, sizeof(regs)), EX_BLOB((const void *)regs[EX_REG_SP], stack_bytes), );
	} else {
		EX_PUT(REGISTER, register, (.id = h->id, .kind = (uint8_t)kind, .fn = fn, .dso = (uintptr_t)dso),
		       EX_BLOB(NULL, 0), EX_BLOB(NULL, 0), );
	}
	return h;
}

static int has_begun; /* exit: ex_image.is_exiting is set by quick_exit too, after which a handler may call exit */

/* Nothing of ours runs behind a dlopen: an object that a handler opened is told, and its finalizers are bracketed, when
 * its first handler runs, or those of all objects begin. */
static void find_late_objects(const struct ex_handler *h)
{
	struct ex_module_info module;
	if (!has_begun || ex_image.is_loader_stuck ||
	    (h->kind != EX_handler_RTLD_FINI && ex_module_find(h->fn, &module)))
		return;
	if (ex_enter()) {
		ex_module_scan(1);
		ex_leave();
	}
}

static int outcome_of(struct ex_handler *h, uint32_t row, void *arg, int status)
{
	if (h->move == EX_MOVE_DONE)
		return EX_outcome_of_handler_MOVED;
	if (h->move == EX_MOVE_NOW)
		h->move = EX_MOVE_DONE;
	else if (ex_spec_is_in(ex_options.skip, ex_options.skip_count, h->fn, row))
		return EX_outcome_of_handler_SKIPPED;
	else if (ex_order_defers(h, row, arg, status))
		return EX_outcome_of_handler_DEFERRED;
	ex_clone_before(h->fn, row);
	ex_writer_flush_around(EX_point_BEFORE, h->fn, row);
	return h->is_writer ? ex_writer_turn(h) : EX_outcome_of_handler_RAN;
}

static int begin(struct ex_turn *turn, struct ex_handler *h, void *arg, int status)
{
	struct ex_thread *self = &ex_self;
	ex_thread_settle((uintptr_t)turn);
	find_late_objects(h);
	ex_probe_memory(self->running); /* outside begin and end: it must not count as the handler's time */
	*turn = (struct ex_turn){h, h->id, self->running, ex_image_row(), EX_outcome_of_handler_RAN, self->depth};
	h->is_waiting = 0;
	if (ex_options.delay_handler_us && ex_spec_matches(&ex_options.delay_at, h->fn, turn->row))
		ex_os_sleep_ns(ex_options.delay_handler_us * 1000ull);
	EX_PUT(HANDLER_BEGIN, handler_begin,
	       (.id = h->id, .row = turn->row, .kind = h->kind, .depth = self->depth, .fn = h->fn,
		.arg = (uintptr_t)h->arg), );
	turn->outcome = outcome_of(h, turn->row, arg, status);
	self->running = h->id;
	if (self->depth < EX_TURNS) {
		self->turns[self->depth].id = h->id;
		self->turns[self->depth].at = (uintptr_t)turn;
	}
	self->depth++;
	return turn->outcome;
}

int ex_handler_begin(struct ex_turn *turn, struct ex_handler *h)
{
	return begin(turn, h, NULL, 0);
}

int ex_handler_run(struct ex_handler *h, void *arg, int status)
{
	struct ex_turn turn;
	uintptr_t fn = h->fn;
	if (begin(&turn, h, arg, status) == EX_outcome_of_handler_RAN) {
		if (h->kind == EX_handler_ON_EXIT)
			((void (*)(int, void *))fn)(status, arg);
		else
			((void (*)(void *))fn)(arg);
	}
	ex_handler_end(&turn);
	return turn.outcome;
}

void ex_handler_end(struct ex_turn *turn)
{
	struct ex_thread *self = &ex_self;
	struct ex_handler *h = turn->handler;
	EX_PUT(HANDLER_END, handler_end, (.id = turn->id, .row = turn->row, .how = (uint8_t)turn->outcome), );
	self->running = turn->outer;
	self->depth = turn->depth;
	ex_probe_memory(turn->id);
	if (turn->row && turn->outcome == EX_outcome_of_handler_RAN)
		ex_probe_allocator(turn->id, h->fn);
	if (turn->outcome == EX_outcome_of_handler_RAN)
		ex_writer_flush_around(EX_point_AFTER, h->fn, turn->row);
}

static struct fini {
	uintptr_t fn, bias;
	struct ex_handler *handler;
} finis[EX_FINI_THUNKS] EX_TABLE;
static unsigned fini_count;

uintptr_t ex_handler_fini(int kind, uintptr_t fn, uintptr_t bias)
{
	unsigned i = 0;
	while (i < fini_count && finis[i].fn)
		i++;
	if (i == EX_FINI_THUNKS)
		return 0;
	struct ex_handler *h = ex_handler_new(kind, fn, NULL, (void *)bias, 0);
	if (!h)
		return 0;
	finis[i] = (struct fini){fn, bias, h};
	if (i == fini_count)
		fini_count++;
	return (uintptr_t)ex_fini_thunks + i * EX_THUNK_BYTES;
}

void ex_handler_forget_fini(uintptr_t bias)
{
	for (unsigned i = 0; i < fini_count; i++)
		if (finis[i].fn && finis[i].bias == bias) {
			finis[i].fn = 0;
			ex_handler_free(finis[i].handler);
		}
}

void ex_fini_run(unsigned index)
{
	struct fini fini = finis[index]; /* the table's row may be reused by a dlopen inside */
	ex_handler_run(fini.handler, NULL, 0);
}

static uint32_t beginner; /* thread that makes exit begin, 0 = none does, or it is done */

/* Two threads may call exit: the second must not run finalizers while the first is still bracketing them. Never for
 * long: the first may have been stopped by a treatment, or be a thread that this fork child does not have. */
static void wait_for_beginner(void)
{
	for (int i = 0; i < 10000; i++) {
		uint32_t tid = __atomic_load_n(&beginner, __ATOMIC_ACQUIRE);
		if (!tid || tid == ex_thread_tid() || ex_os_is_sealed() || !ex_os_thread_lives(tid))
			return;
		ex_os_sleep_ns(100000);
	}
}

void ex_handler_exit_begins(void)
{
	__atomic_store_n(&ex_image.is_exiting, 1, __ATOMIC_RELEASE);
	if (__atomic_exchange_n(&has_begun, 1, __ATOMIC_ACQ_REL)) {
		wait_for_beginner();
		return;
	}
	__atomic_store_n(&beginner, ex_thread_tid(), __ATOMIC_RELEASE);
	ex_serial_exit_begins();
	ex_heap_exit_begins();
	if (ex_enter()) {
		if (!ex_image.is_loader_stuck) {
			ex_module_scan(1);
			ex_probe_start();
		}
		ex_leave();
	}
	__atomic_store_n(&beginner, 0, __ATOMIC_RELEASE);
}

void ex_handler_tell_exit(int kind, int status, uintptr_t caller)
{
	uint64_t regs[EX_REGS];
	ex_handling_tell(EX_FRAME, NULL);
	if (ex_growth_is_on())
		ex_heap_tell_all();
	ex_arch_capture(regs);
	size_t stack_bytes = ex_thread_stack_above(regs[EX_REG_SP], EX_SAMPLE_BYTES);
	EX_PUT(EXIT_BEGIN, exit_begin, (.kind = (uint8_t)kind, .status = status, .caller = caller),
	       EX_BLOB(regs, sizeof(regs)), EX_BLOB((const void *)regs[EX_REG_SP], stack_bytes), );
	if (kind != EX_exit_ABORT)
		ex_live_tell();
}

void ex_handler_exit_asked(int kind, int status, uintptr_t caller)
{
	ex_clone_leaving(1);
	ex_handler_exit_begins();
	ex_handler_tell_exit(kind, status, caller);
	if (ex_options.park_threads)
		ex_park();
	ex_writer_flush(EX_point_MAIN_END);
	ex_writer_flush(EX_point_EXIT);
	if (ex_options.fast_exit) {
		ex_writer_leave();
		if (!status)
			ex_clone_over(EX_CLONE_OVER);
		ex_os_exit_group(status);
	}
	ex_order_run_first(status);
}

/* err(), error(), and the last thread's end by pthread_exit */
void ex_handler_exit_unseen(int status)
{
	if (ex_image.is_exiting || ex_self.finalizing)
		return;
	if (ex_image.is_copy)
		ex_os_exit_group(1);
	ex_image_check_fork();
	if (ex_image.is_exiting || ex_image_is_borrowed())
		return;
	ex_handler_exit_asked(EX_exit_EXIT, status, 0);
}
