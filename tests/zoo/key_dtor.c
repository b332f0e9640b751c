/* expect: exit 0: a key's destructor runs when its thread ends, and not for main's value at exit() */
#include <pthread.h>
#include "mark.h"
static pthread_key_t key;
static void key_destructor(void *value)
{
	(void)value;
	MARK("key_destructor");
}
static void *thread(void *arg)
{
	pthread_setspecific(key, &key);
	return arg;
}
int main(void)
{
	pthread_t id;
	pthread_key_create(&key, key_destructor);
	pthread_setspecific(key, &key);
	pthread_create(&id, NULL, thread, NULL);
	pthread_join(id, NULL);
	MARK("main");
	return 0;
}
