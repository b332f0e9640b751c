/*
 * stress MODE [THREADS [MODULES [DELAY_MS]]]: as cranelift-stress: threads that each make functions with a JIT, and one
 * function that goes while its pointer lives on. MODE, of the one: stale (given back while the others make theirs, then
 * called), result (given back, one more made, then called), dropped (only what was needed to make it is let go of), kept,
 * inside (given back while another thread runs in it). The last line is what it returned, 42 if all is well; ends with 0.
 */
#include "stress.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int modules;
static function *volatile old;

static function *compile_one(long result, void **code)
{
	pthread_mutex_lock(&mutex);
	function *made = compile(result, code);
	pthread_mutex_unlock(&mutex);
	return made;
}

static void *compile_many(void *argument)
{
	long thread = (long)argument;
	for (int n = 0; n < modules; n++) {
		void *code;
		function *made = compile_one(1000 * thread + n, &code);
		if (made(3) != 1000 * thread + n)
			printf("thread %ld: module %d returned another function's result\n", thread, n);
	}
	return NULL;
}

static void *run_inside(void *unused)
{
	(void)unused;
	return (void *)old(1L << 30);
}

__attribute__((noinline)) static void give_back(void *code)
{
	release(code);
}

__attribute__((noinline)) static long call_old(void)
{
	long result = old(3);
	return result;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	int count = argc > 2 ? atoi(argv[2]) : 2, delay_ms = argc > 4 ? atoi(argv[4]) : 5;
	struct timespec delay = {delay_ms / 1000, delay_ms % 1000 * 1000000L};
	int is_inside = !strcmp(mode, "inside");
	pthread_t threads[64], inside;
	void *code, *other, *result = NULL;
	modules = argc > 3 ? atoi(argv[3]) : 3;
	if (argc > 5 || count < 0 || count > 64 || !*mode || !strstr("stale result dropped kept inside", mode)) {
		fputs("usage: stress stale|result|dropped|kept|inside [THREADS [MODULES [DELAY_MS]]]\n", stderr);
		return 2;
	}
	old = compile_one(42, &code);
	if (old(3) != 42)
		return 1;
	if (is_inside || !strcmp(mode, "result"))
		count = 0;
	for (long n = 0; n < count; n++)
		pthread_create(&threads[n], NULL, compile_many, (void *)(n + 1));
	if (is_inside)
		pthread_create(&inside, NULL, run_inside, NULL);
	nanosleep(&delay, NULL);
	if (!strcmp(mode, "dropped"))
		drop(code);
	else if (strcmp(mode, "kept"))
		give_back(code);
	if (!strcmp(mode, "result"))
		compile_one(7, &other);
	if (is_inside)
		pthread_join(inside, &result);
	else
		result = (void *)call_old();
	printf("the old function returned %ld\n", (long)result);
	fflush(stdout);
	for (int n = 0; n < count; n++)
		pthread_join(threads[n], NULL);
	return 0;
}
