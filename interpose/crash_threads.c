/*
 * crash_threads.c: see crash_threads.h.
 *
 * Linux says where a sleeping thread is, and nobody has to be disturbed. gVisor does not, and a thread that runs is nowhere
 * to be seen at all: these get a signal, whose handler writes down where it came from and waits for the end. Each thread
 * writes to its own memory here and not to the trace: its stream may be in the middle of an event.
 */
#include "crash_threads.h"

#include <signal.h>

#include "arch/arch.h"
#include "image.h"
#include "options.h"
#include "os/os.h"
#include "place.h"
#include "sandbox.h"
#include "stream.h"
#include "text.h"
#include "thread.h"

#define THREADS_MAX 256
#define DYING_MAX 64
#define STACK_BYTES 1024
#define PATIENCE_NS 200000000u
#define PAUSE_NS 1000000u

static struct place {
	uint32_t tid;
	uint32_t is_written; /* by the thread itself */
	uint64_t regs[EX_REGS];
	uint16_t stack_bytes;
	unsigned char stack[STACK_BYTES];
	char name[32];
} places[THREADS_MAX] EX_TABLE;
static uint32_t count;
static int is_asked;

/* threads that die of the same cause wait in our handler: where they were is in here */
static struct dying {
	uint32_t tid;
	uint64_t regs[EX_REGS];
} dying[DYING_MAX] EX_TABLE;
static uint32_t dying_count;

void ex_crash_threads_dies(const uint64_t *regs)
{
	uint32_t i = __atomic_fetch_add(&dying_count, 1, __ATOMIC_RELAXED);
	if (i >= DYING_MAX)
		return;
	memcpy(dying[i].regs, regs, sizeof(dying[i].regs));
	__atomic_store_n(&dying[i].tid, ex_thread_tid(), __ATOMIC_RELEASE);
}

static const uint64_t *regs_of_dying(uint32_t tid)
{
	for (uint32_t i = 0; i < DYING_MAX; i++)
		if (__atomic_load_n(&dying[i].tid, __ATOMIC_ACQUIRE) == tid)
			return dying[i].regs;
	return NULL;
}

static void write_down(int signo, siginfo_t *info, void *context)
{
	uint32_t self = ex_os_tid();
	(void)signo;
	(void)info;
	for (uint32_t i = 0; i < __atomic_load_n(&count, __ATOMIC_ACQUIRE); i++) {
		struct place *p = &places[i];
		if (p->tid != self)
			continue;
		ex_arch_from_context(context, p->regs);
		p->stack_bytes = (uint16_t)ex_os_peek(p->stack, p->regs[EX_REG_SP], STACK_BYTES);
		__atomic_store_n(&p->is_written, 1, __ATOMIC_RELEASE);
	}
	ex_os_wait_for_end();
}

static void note(void *arg, const struct ex_os_thread *thread)
{
	struct ex_buffer b;
	int *signo = arg;
	if (thread->tid == ex_thread_tid() || count == THREADS_MAX)
		return;
	struct place *p = &places[count];
	*p = (struct place){.tid = thread->tid};
	p->regs[EX_REG_PC] = thread->pc;
	p->regs[EX_REG_SP] = thread->sp;
	ex_buffer_init(&b, p->name, sizeof(p->name));
	ex_buffer_text(&b, thread->name);
	__atomic_store_n(&count, count + 1, __ATOMIC_RELEASE);
	if (*signo)
		ex_os_thread_signal(thread->tid, *signo);
}

static int is_all_written(void)
{
	for (uint32_t i = 0; i < count; i++)
		if (!__atomic_load_n(&places[i].is_written, __ATOMIC_ACQUIRE) && !regs_of_dying(places[i].tid))
			return 0;
	return 1;
}

static void tell(struct place *p)
{
	const uint64_t *at_death = regs_of_dying(p->tid);
	int is_by_signal = __atomic_load_n(&p->is_written, __ATOMIC_ACQUIRE) != 0 || at_death;
	if (at_death)
		memcpy(p->regs, at_death, sizeof(p->regs));
	uintptr_t sp = p->regs[EX_REG_SP];
	if (!is_by_signal || at_death)
		p->stack_bytes = sp ? (uint16_t)ex_os_peek(p->stack, sp, STACK_BYTES) : 0;
	EX_PUT(THREAD_PLACE, thread_place, (.thread = p->tid, .pc = p->regs[EX_REG_PC], .sp = sp), EX_TEXT(p->name),
	       EX_BLOB(p->regs, is_by_signal ? sizeof(p->regs) : 0), EX_BLOB(p->stack, p->stack_bytes), );
}

void ex_crash_threads_forget(void)
{
	is_asked = 0;
	dying_count = 0;
	memset(dying, 0, sizeof(dying));
}

void ex_crash_threads_tell(int is_certain)
{
	int how = ex_options.crash_threads, signo = 0;
	if (how == EX_CRASH_THREADS_NO || ex_os_is_sealed() || ex_image.is_copy || ex_image_is_borrowed() ||
	    __atomic_exchange_n(&is_asked, 1, __ATOMIC_ACQ_REL))
		return;
	if ((how == EX_CRASH_THREADS_YES && is_certain) || ex_sandbox_is_gvisor)
		signo = ex_os_free_signal((void (*)(int))(void (*)(void))write_down, 0);
	count = 0;
	ex_os_threads_each(note, &signo);
	uint64_t begin_ns = ex_os_now_ns();
	while (signo && !is_all_written() && ex_os_now_ns() - begin_ns < PATIENCE_NS)
		ex_os_sleep_ns(PAUSE_NS);
	for (uint32_t i = 0; i < count; i++)
		tell(&places[i]);
}
