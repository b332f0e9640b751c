/* expect: signal 11 (signal 6: "aborts", "abort-handled"). Ways to die that could make somebody wait who looks on:
 * "eight" threads at once, "aborts" in two threads, "sent" by another thread, "in-handler" of a signal of its own, "loader" and "heap"
 * while a thread holds the loader's lock, or malloc's; "handler-stays" after a thread whose own handler never returns,
 * "vfork" after a vfork child that died, "alarms" under a timer whose handler jumps out */
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int zero;
static pthread_barrier_t barrier;
static sigjmp_buf jump;

static void die(void)
{
	*(volatile int *)(zero + 16L) = 1;
}

static void *dies(void *unused)
{
	pthread_barrier_wait(&barrier);
	die();
	return unused;
}

static void *aborts(void *unused)
{
	pthread_barrier_wait(&barrier);
	abort();
	return unused;
}

static void stays(int signo)
{
	(void)signo;
	pthread_barrier_wait(&barrier);
	for (;;)
		pause();
}

static void *aborts_handled(void *unused)
{
	die(); /* stays */
	return unused;
}

static void on_usr1(int signo)
{
	(void)signo;
	die();
}

static void on_alarm(int signo)
{
	(void)signo;
	siglongjmp(jump, 1);
}

static int in_loader(struct dl_phdr_info *info, size_t size, void *unused)
{
	(void)info;
	(void)size;
	(void)unused;
	pthread_barrier_wait(&barrier);
	for (;;)
		pause();
	return 0;
}

static void *holds_loader(void *unused)
{
	dl_iterate_phdr(in_loader, NULL);
	return unused;
}

static void *allocates(void *unused)
{
	pthread_barrier_wait(&barrier);
	while (!zero)
		malloc_trim(0), free(malloc(10000));
	return unused;
}

static void *sends(void *main_thread)
{
	pthread_barrier_wait(&barrier);
	pthread_kill(*(pthread_t *)main_thread, SIGSEGV);
	return NULL;
}

static void start(int count, void *(*body)(void *), void *arg)
{
	pthread_t thread;
	while (count--)
		if (pthread_create(&thread, NULL, body, arg))
			_exit(99);
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "eight";
	pthread_t self = pthread_self();
	pthread_barrier_init(&barrier, NULL, 2);
	if (!strcmp(way, "eight")) {
		pthread_barrier_init(&barrier, NULL, 9);
		start(8, dies, NULL);
	} else if (!strcmp(way, "aborts")) {
		start(1, aborts, NULL);
		pthread_barrier_wait(&barrier);
		abort();
	} else if (!strcmp(way, "sent")) {
		start(1, sends, &self);
		pthread_barrier_wait(&barrier);
		for (;;)
			pause();
	} else if (!strcmp(way, "in-handler")) {
		signal(SIGUSR1, on_usr1);
		raise(SIGUSR1);
	} else if (!strcmp(way, "loader")) {
		start(1, holds_loader, NULL);
	} else if (!strcmp(way, "heap")) {
		pthread_barrier_init(&barrier, NULL, 5);
		start(4, allocates, NULL);
	} else if (!strcmp(way, "handler-stays")) {
		signal(SIGSEGV, stays);
		start(1, aborts_handled, NULL);
		pthread_barrier_wait(&barrier);
		signal(SIGSEGV, SIG_DFL);
		die();
	} else if (!strcmp(way, "abort-handled")) {
		signal(SIGSEGV, stays);
		start(1, aborts_handled, NULL);
		pthread_barrier_wait(&barrier);
		abort();
	} else if (!strcmp(way, "vfork")) {
		pid_t child = vfork();
		if (child == 0)
			die();
		waitpid(child, NULL, 0);
		pthread_barrier_init(&barrier, NULL, 3);
		start(1, dies, NULL);
		start(1, holds_loader, NULL);
	} else if (!strcmp(way, "alarms")) {
		struct itimerval often = {{0, 100}, {0, 100}}, never = {{0, 0}, {0, 0}};
		signal(SIGALRM, on_alarm);
		/* natively the fault is the end, before any handler can run */
		sigsetjmp(jump, 1);
		setitimer(ITIMER_REAL, &often, NULL);
		die();
		setitimer(ITIMER_REAL, &never, NULL);
		_exit(98);
	}
	pthread_barrier_wait(&barrier);
	if (!strcmp(way, "eight") || !strcmp(way, "vfork"))
		for (;;)
			pause();
	die();
	return 0;
}
