/* expect: exit 0 for each case given as argument: events of several threads, processes and signals that meet */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 8
#define DESTRUCTORS 2000

static volatile int is_over;

/* registrations are the largest events that a program can make at will */
static void register_keys(int count)
{
	for (int i = 0; i < count; i++) {
		pthread_key_t key;
		if (pthread_key_create(&key, free) || pthread_key_delete(key))
			_exit(99);
	}
}

/* signals that the program handles and lives on after, in the middle of events */
static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT};
static void on_signal(int signo)
{
	(void)signo;
}
static void *send(void *target)
{
	for (int i = 0; i < 360; i++) {
		pthread_kill(*(pthread_t *)target, signals[i % 6]);
		usleep(50);
	}
	is_over = 1;
	return NULL;
}
static int handled_signals(void)
{
	pthread_t self = pthread_self(), thread;
	for (int i = 0; i < 6; i++)
		signal(signals[i], on_signal);
	if (pthread_create(&thread, NULL, send, &self))
		return 1;
	while (!is_over)
		register_keys(1);
	return pthread_join(thread, NULL);
}

/* the first thing that a child does is to set a filter, while its parent goes on to further files */
static int set_filter(void)
{
	struct sock_filter filter = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
	struct sock_fprog program = {1, &filter};
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0); /* refused on some hosts: nothing to see then */
	return 3;
}
static int sealed_child(int is_vfork)
{
	int go[2], status;
	char byte = 0;
	if (pipe(go))
		return 1;
	register_keys(3);
	pid_t child = is_vfork ? vfork() : fork();
	if (child == 0) {
		if (!is_vfork && read(go[0], &byte, 1) != 1)
			_exit(98);
		_exit(set_filter());
	}
	register_keys(30);
	if (child < 0 || write(go[1], &byte, 1) != 1)
		return 1;
	register_keys(500);
	return waitpid(child, &status, 0) != child || status != 3 << 8;
}

int __cxa_thread_atexit_impl(void (*fn)(void *), void *object, void *dso);
extern void *__dso_handle;
static void destroy(void *object)
{
	(void)object;
}
static void *have_destructors(void *unused)
{
	for (int i = 0; i < DESTRUCTORS; i++)
		__cxa_thread_atexit_impl(destroy, NULL, &__dso_handle);
	return unused;
}
static int destructors(void)
{
	pthread_t threads[THREADS];
	int bad = 0;
	for (int i = 0; i < THREADS; i++)
		bad |= pthread_create(&threads[i], NULL, have_destructors, NULL);
	for (int i = 0; i < THREADS; i++)
		bad |= pthread_join(threads[i], NULL);
	return bad;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	alarm(30); /* none may hang */
	if (!strcmp(name, "handled_signals"))
		return handled_signals();
	if (!strcmp(name, "sealed_child"))
		return sealed_child(0);
	if (!strcmp(name, "sealed_vfork_child"))
		return sealed_child(1);
	if (!strcmp(name, "destructors"))
		return destructors();
	return 0;
}
