// thread_local objects of main go before all handlers
// row: main-end main
// row: tls-dtor Second::~Second()
// row: tls-dtor First::~First()
// row: handler own
// ends: exit 0
#include "parts.h"

struct First {
	int n = 1;
	__attribute__((noinline)) ~First() { MARK("First::~First()"); }
};
struct Second {
	int n = 2;
	__attribute__((noinline)) ~Second() { MARK("Second::~Second()"); }
};
static thread_local First first;
static thread_local Second second;
extern "C" PART own(void) { MARK("own"); }

int main()
{
	atexit(own);
	return first.n + second.n - 3;
}
