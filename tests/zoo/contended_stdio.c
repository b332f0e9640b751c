/* expect: exit 0. Eight threads wait for the lock of one stream: libc's lock, and no arena's */
#include <pthread.h>
#include <stdio.h>

static FILE *sink;

static void *body(void *unused)
{
	for (int i = 0; i < 20000; i++)
		fprintf(sink, "%d %d\n", i, i * 7);
	return unused;
}

int main(void)
{
	pthread_t threads[8];
	sink = fopen("/dev/null", "w");
	for (int i = 0; i < 8; i++)
		if (!sink || pthread_create(&threads[i], NULL, body, NULL))
			return 99;
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	return puts("OK") < 0;
}
