// a key's destructor sets the key again: as many rounds as libc allows, all before exit begins
// row: main-end main
// row: handler own
// ends: exit 0
#include <limits.h>
#include "parts.h"

static pthread_key_t key;
static int rounds;

PART own(void)
{
	MARK("own");
}
PART key_destructor(void *value)
{
	NOTE("key destructor");
	rounds++;
	pthread_setspecific(key, value);
}
static void *uses(void *arg)
{
	pthread_setspecific(key, arg);
	return NULL;
}

int main(void)
{
	pthread_t thread;
	atexit(own);
	MUST(!pthread_key_create(&key, key_destructor));
	MUST(!pthread_create(&thread, NULL, uses, &key));
	MUST(!pthread_join(thread, NULL));
	pthread_setspecific(key, &key); /* main's own: exit does not look at keys */
	return rounds - PTHREAD_DESTRUCTOR_ITERATIONS;
}
