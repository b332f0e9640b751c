/* expect: unloaded-module: a thread ends after the library of its key's destructor was closed */
#include "plugin.h"

#include <pthread.h>

static void *work(void *arg)
{
	((void (*)(void))plugin_find("register_key"))();
	dlclose(plugin);
	return arg;
}
int main(void)
{
	pthread_t thread;
	return pthread_create(&thread, NULL, work, NULL) || pthread_join(thread, NULL);
}
