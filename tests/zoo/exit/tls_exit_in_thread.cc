// exit in a thread: its thread_local objects go, those of main do not
// row: tls-dtor Tls::~Tls() in thread
// row: handler own in thread
// thread: main
// ends: exit 16
#include "parts.h"

struct Tls {
	int n = 1;
	__attribute__((noinline)) ~Tls() { MARK("Tls::~Tls()"); }
};
static thread_local Tls tls;
extern "C" PART own(void) { MARK("own"); }
static void *leaves(void *) { exit(15 + tls.n); }

int main()
{
	pthread_t thread;
	atexit(own);
	if (tls.n)
		MUST(!pthread_create(&thread, nullptr, leaves, nullptr));
	for (;;)
		pause();
}
