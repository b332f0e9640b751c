/* expect: status 4, with three threads that wait: for a byte, for a lock, for time. "exit": it calls exit() */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include "mark.h"
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int pipe_fds[2];
static volatile int tids[3];

static void *waits_for_byte(void *unused)
{
	char byte;
	prctl(PR_SET_NAME, "for_byte");
	tids[0] = gettid();
	return read(pipe_fds[0], &byte, 1) == 1 ? unused : NULL;
}
static void *waits_for_lock(void *unused)
{
	prctl(PR_SET_NAME, "for_lock");
	tids[1] = gettid();
	pthread_mutex_lock(&lock);
	return unused;
}
static void *waits_for_time(void *unused)
{
	struct timespec long_time = {1000, 0};
	prctl(PR_SET_NAME, "for_time");
	tids[2] = gettid();
	nanosleep(&long_time, NULL);
	return unused;
}
/* the kernel says that it sleeps, and in which call */
static void until_asleep(volatile int *tid, int number)
{
	char path[64], text[64];
	int now = -1;
	while (now != number) {
		if (!*tid)
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", *tid);
		int fd = open(path, O_RDONLY);
		ssize_t n = read(fd, text, sizeof(text) - 1);
		close(fd);
		text[n > 0 ? n : 0] = 0;
		now = *text == 'r' ? -1 : atoi(text);
	}
}
int main(int argc, char **argv)
{
	pthread_t thread;
	if (pipe(pipe_fds))
		return 99;
	pthread_mutex_lock(&lock);
	pthread_create(&thread, NULL, waits_for_byte, NULL);
	pthread_create(&thread, NULL, waits_for_lock, NULL);
	pthread_create(&thread, NULL, waits_for_time, NULL);
	until_asleep(&tids[0], SYS_read);
	until_asleep(&tids[1], SYS_futex);
	until_asleep(&tids[2], SYS_clock_nanosleep);
	if (argc > 1 && !strcmp(argv[1], "exit"))
		exit(4);
	return 4;
}
