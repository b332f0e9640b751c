// thread_local objects of a joined thread went before exit began; those of main are rows
// row: main-end main
// row: tls-dtor Tls::~Tls()
// ends: exit 0
#include "parts.h"

static thread_local bool is_main;
struct Tls {
	int n = 1;
	__attribute__((noinline)) ~Tls()
	{
		if (is_main)
			MARK("Tls::~Tls()");
		else
			NOTE("destructor in a thread");
	}
};
static thread_local Tls tls;
static void *uses(void *) { return tls.n ? nullptr : &tls; }

int main()
{
	pthread_t thread;
	is_main = true;
	MUST(!pthread_create(&thread, nullptr, uses, nullptr));
	MUST(!pthread_join(thread, nullptr));
	return tls.n - 1;
}
