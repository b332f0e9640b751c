// expect: status 5; pthread_exit runs the destructors of its thread's frames, and a catch (...) that throws on
#include <cstdlib>
#include <pthread.h>
#include "mark.h"

struct Inner {
	~Inner() { MARK("inner"); }
};
struct Outer {
	~Outer() { MARK("outer"); }
};
__attribute__((noinline)) static void leave()
{
	Inner inner;
	pthread_exit(nullptr);
}
static void *run(void *)
{
	Outer outer;
	try {
		leave();
	} catch (...) {
		MARK("caught");
		throw;
	}
	return nullptr;
}
int main()
{
	pthread_t thread;
	pthread_create(&thread, nullptr, run, nullptr);
	pthread_join(thread, nullptr);
	return 5;
}
