/* expect: exit 0. Two threads grow while a profiler's timer interrupts whoever runs, until it has done so SIGNALS times
 * (200). "calls" as second argument: its handler maps and unmaps memory itself */
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include "grow.h"

static atomic_int signals;
static int wanted, calls;

static void on_timer(int signo)
{
	(void)signo;
	if (calls) {
		char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (page == MAP_FAILED)
			GROW_FAIL("mmap in the handler");
		page[0] = 1;
		if (munmap(page, 4096))
			GROW_FAIL("munmap in the handler");
	}
	atomic_fetch_add(&signals, 1);
}

static void *body(void *n)
{
	do
		grow_free(grow_small(4 << 20, (unsigned)(long)n + 1, NULL));
	while (atomic_load(&signals) < wanted);
	return NULL;
}

int main(int argc, char **argv)
{
	wanted = grow_argument(argc, argv, 1, 200);
	calls = argc > 2 && !strcmp(argv[2], "calls");
	struct sigaction action = {.sa_handler = on_timer, .sa_flags = SA_RESTART};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGPROF};
	struct itimerspec each = {.it_interval.tv_nsec = 500000, .it_value.tv_nsec = 500000}, never = {0};
	timer_t timer;
	alarm(60); /* it may not hang */
	if (sigaction(SIGPROF, &action, NULL) || timer_create(CLOCK_MONOTONIC, &event, &timer) ||
	    timer_settime(timer, 0, &each, NULL))
		GROW_FAIL("timer");
	GROW_MARK("begin");
	grow_threads(2, body);
	timer_settime(timer, 0, &never, NULL);
	return grow_done();
}
