// expect: exit 0: four threads one after the other, each with its own thread_local object, destroyed at its end
#include <pthread.h>
#include "mark.h"
struct Tls {
	int n = 11;
	__attribute__((noinline)) ~Tls() { MARK("Tls::~Tls()"); }
};
static thread_local Tls tls;
static void *thread(void *)
{
	return tls.n == 11 ? nullptr : &tls;
}
int main()
{
	for (int i = 0; i < 4; i++) {
		pthread_t id;
		void *bad;
		pthread_create(&id, nullptr, thread, nullptr);
		pthread_join(id, &bad);
		if (bad)
			return 1;
	}
	MARK("main");
	return tls.n - 11;
}
