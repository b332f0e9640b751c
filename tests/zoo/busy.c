/*
 * busy: computes for some tenths of a second of processor time and calls nothing meanwhile, in its first thread or in
 * another; then aborts. Every call that a signal could interrupt and make fail says so.
 *
 *     busy [main|thread] TENTHS
 *
 * Expected: SIGABRT in compute; a line "interrupted" never.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

__attribute__((noinline)) static void *compute(void *tenths)
{
	struct timespec now;
	volatile double value = 1;
	do {
		for (int n = 0; n < 1000000; n++)
			value = value * 1.0000001;
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	} while (now.tv_sec * 10 + now.tv_nsec / 100000000 < *(long *)tenths);
	abort();
}

int main(int argc, char **argv)
{
	long tenths = argc > 2 ? atol(argv[2]) : 10;
	pthread_t thread;
	if (argc > 1 && !strcmp(argv[1], "thread")) {
		pthread_create(&thread, NULL, compute, &tenths);
		/* it never wakes up by itself: a copy of that thread would wait for the other, which it has not */
		for (;;)
			if (poll(NULL, 0, -1) < 0 && errno == EINTR)
				puts("interrupted");
	}
	compute(&tenths);
	return 0;
}
