// row: main-end main
// row: handler Second::~Second()
// row: handler First::~First()
// row: fini last
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
static First first;
static Second second;
extern "C" DESTRUCTOR last(void) { MARK("last"); }

int main() { return first.n + second.n - 3; }
