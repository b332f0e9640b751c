/* expect: exit 0. Eight threads wait for a mutex of the program's, and allocate now and then */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static volatile unsigned long sum;

static void *body(void *unused)
{
	for (int i = 0; i < 20000; i++) {
		pthread_mutex_lock(&mutex);
		for (int k = 0; k < 200; k++)
			sum += (unsigned long)k;
		pthread_mutex_unlock(&mutex);
		if (i % 100 == 0)
			free(malloc(2000));
	}
	return unused;
}

int main(void)
{
	pthread_t threads[8];
	for (int i = 0; i < 8; i++)
		if (pthread_create(&threads[i], NULL, body, NULL))
			return 99;
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	return puts("OK") < 0;
}
