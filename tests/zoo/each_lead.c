/* expect: signal 11. Registers that lead into the heap, another thread's stack, data, another arena's heap, and a library that was
 * unloaded: rbx, r12, r13, r14, r15 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int counter;
static char *volatile of_thread, *volatile of_stack;

static void *sleeper(void *unused)
{
	char here = 0;
	pthread_setname_np(pthread_self(), "sleeper");
	of_thread = malloc(100);
	__atomic_store_n(&of_stack, &here, __ATOMIC_RELEASE);
	for (;;)
		pause();
	return unused;
}

int main(int argc, char **argv)
{
	char path[4096];
	pthread_t thread;
	snprintf(path, sizeof(path), "%.*slibplugin_dso.so", argc ? (int)(strrchr(argv[0], '/') + 1 - argv[0]) : 0,
		 argv[0]);
	void *library = dlopen(path, RTLD_NOW);
	if (!library)
		return 99;
	void *gone = dlsym(library, "plugin_work"), *block = malloc(100);
	if (!gone)
		gone = *(void **)library; /* where it is loaded: l_addr of its link map */
	dlclose(library);
	pthread_create(&thread, NULL, sleeper, NULL);
	while (!__atomic_load_n(&of_stack, __ATOMIC_ACQUIRE))
		usleep(1000);
	usleep(50000); /* and asleep, so that the system knows its stack pointer */
	register void *rbx __asm__("rbx") = block;
	register void *r12 __asm__("r12") = of_stack;
	register void *r13 __asm__("r13") = &counter;
	register void *r14 __asm__("r14") = of_thread;
	register void *r15 __asm__("r15") = gone;
	__asm__ volatile("movl $1, 0x10" : : "r"(rbx), "r"(r12), "r"(r13), "r"(r14), "r"(r15));
	return 0;
}
