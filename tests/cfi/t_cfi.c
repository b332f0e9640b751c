/*
 * t_cfi: the walk by .eh_frame against libgcc's unwinder (glibc's backtrace), out of functions with and without frame pointers,
 * optimised and not: plain calls, a tail call, alloca, an aligned frame, recursion over several pages, callee-saved registers; in
 * a thread, in a signal handler; each twice: by the tables, and by rows that are remembered.
 */
#include "tap.h"

#include "ways.h"

#include <execinfo.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>

#define MAX 32
unsigned cfi_walk(uintptr_t *pcs, unsigned max);
void cfi_forget(void);

static uintptr_t ours[2][MAX];
static unsigned counts[2];
static void *theirs[MAX + 8];
static int their_count;

static __attribute__((noinline)) void look(void)
{
	cfi_forget();
	for (int i = 0; i < 2; i++)
		counts[i] = cfi_walk(ours[i], MAX);
	their_count = backtrace(theirs, MAX + 8);
}

/* from the caller of look on: in look itself the three calls stand at different places */
static int is_same(int round, unsigned expected)
{
	int at = -1;
	for (int i = 0; i < their_count && at < 0; i++)
		if (counts[round] > 1 && (uintptr_t)theirs[i] == ours[round][1])
			at = i - 1;
	if (at < 0 || counts[round] != expected)
		return 0;
	for (unsigned i = 1; i < expected; i++)
		if ((uintptr_t)theirs[at + (int)i] != ours[round][i])
			return 0;
	return 1;
}

static void print(void)
{
	for (int i = 0; i < their_count; i++)
		printf("# theirs %p\n", theirs[i]);
	for (unsigned i = 0; i < counts[0]; i++)
		printf("# ours   %p\n", (void *)ours[0][i]);
}

/* as many as libgcc finds, which has look first, whatever it calls itself before: as deep as the call is */
static void compare(const char *way, const char *variant, unsigned expected)
{
	for (int round = 0; round < 2; round++)
		if (!OK(is_same(round, expected ? expected : (unsigned)their_count), "%s, %s, %s", way, variant,
			round ? "remembered" : "by the tables"))
			print();
}

static void all(const struct ways *w, const char *variant)
{
	const struct {
		const char *name;
		void (*call)(void (*then)(void));
	} list[] = {{"plain calls", w->plain},	      {"a tail call", w->tail},	   {"alloca", w->stack},
		    {"an aligned frame", w->aligned}, {"recursion", w->recursion}, {"saved registers", w->registers}};
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		list[i].call(look);
		compare(list[i].name, variant, 0);
	}
}

static void *thread(void *arg)
{
	all(&ways_no_frame_pointer, "in a thread");
	return arg;
}

/* libgcc goes through the signal's frame, the walk ends in the handler's last one before it */
static volatile int handler_frames;
static void handle(int signo)
{
	(void)signo;
	ways_no_frame_pointer.plain(look);
	handler_frames = 1;
}

static __attribute__((noinline)) unsigned short_of(unsigned max)
{
	uintptr_t pcs[MAX + 1];
	pcs[max] = 77;
	unsigned count = cfi_walk(pcs, max);
	return pcs[max] == 77 ? count : MAX;
}

int main(void)
{
	pthread_t other;
	all(&ways_frame_pointer, "frame pointers");
	all(&ways_no_frame_pointer, "no frame pointers");
	all(&ways_unoptimized, "not optimised");
	pthread_create(&other, NULL, thread, NULL);
	pthread_join(other, NULL);
	signal(SIGUSR1, handle);
	raise(SIGUSR1);
	/* look, two of the chain, the handler, and what it returns to */
	OK(handler_frames && their_count > 5, "libgcc goes through a signal's frame");
	compare("a signal handler", "up to the signal's frame", 5);
	OK(short_of(1) == 1 && short_of(2) == 2, "never more than asked for");
	return tap_done();
}
