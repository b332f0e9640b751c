/* expect: a plugin: a callback, a handler that dlclose does not know of, a key's destructor, a thread, a word of data */
#include "late.h"

#include <pthread.h>

static const int words[] = {1, 2, 3};

int callback(int x);
int callback(int x)
{
	return x + words[0];
}
static void on_leave(int status, void *arg)
{
	(void)status;
	(void)arg;
}
static void on_thread_end(void *arg)
{
	(void)arg;
}
static void *work(void *arg)
{
	for (;;)
		rest(5);
	return arg;
}
void register_handler(void);
void register_handler(void)
{
	on_exit(on_leave, NULL);
}
void register_key(void);
void register_key(void)
{
	pthread_key_t key;
	if (!pthread_key_create(&key, on_thread_end))
		pthread_setspecific(key, words);
}
void start_thread(void);
void start_thread(void)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, work, NULL))
		_exit(98);
}
static int wake[2];

static void *sleep_in_read(void *arg)
{
	char byte = 0;
	while (read(wake[0], &byte, 1) == 1 && byte != 'x')
		rest(1);
	return arg;
}
int start_sleeper(void);
int start_sleeper(void)
{
	pthread_t thread;
	if (pipe(wake) || pthread_create(&thread, NULL, sleep_in_read, NULL))
		_exit(98);
	rest(50);
	return wake[1];
}
const int *data(void);
const int *data(void)
{
	return words;
}
