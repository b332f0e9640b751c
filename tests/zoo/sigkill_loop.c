/*
 * expect: signal 9 from outside, at any moment: until then it registers handlers, starts threads and forks.
 * With an argument it rests that many microseconds after each round.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
static void handler(void)
{
}
static void destructor(void *value)
{
	(void)value;
}
static void *thread(void *arg)
{
	free(malloc(10007));
	return arg;
}
int main(int argc, char **argv)
{
	useconds_t rest_us = argc > 1 ? (useconds_t)atoi(argv[1]) : 0;
	for (unsigned n = 0;; n++) {
		pthread_t id;
		pthread_key_t key;
		if (n < 2000)
			atexit(handler);
		if (!pthread_key_create(&key, destructor))
			pthread_key_delete(key);
		if (!pthread_create(&id, NULL, thread, NULL))
			pthread_join(id, NULL);
		if (n % 16 == 3) {
			pid_t child = fork();
			if (child == 0) {
				prctl(PR_SET_PDEATHSIG, SIGKILL);
				if (getppid() == 1)
					_exit(0);
				exit(0);
			}
			waitpid(child, NULL, 0);
		}
		if (rest_us)
			usleep(rest_us);
	}
}
