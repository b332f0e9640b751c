// objects in functions go in the reverse order of their first use; what was not used does not
// row: main-end main
// row: handler Used::~Used()
// row: handler UsedFirst::~UsedFirst()
// ends: exit 0
#include "parts.h"

struct UsedFirst {
	int n = 1;
	__attribute__((noinline)) ~UsedFirst() { MARK("UsedFirst::~UsedFirst()"); }
};
struct Used {
	int n = 1;
	__attribute__((noinline)) ~Used() { MARK("Used::~Used()"); }
};
struct Unused {
	int n = 1;
	__attribute__((noinline)) ~Unused() { MARK("Unused::~Unused()"); }
};
static int used()
{
	static Used it;
	return it.n;
}
static int used_first()
{
	static UsedFirst it;
	return it.n;
}
static int unused()
{
	static Unused it;
	return it.n;
}

int main(int argc, char **)
{
	int n = used_first() - used();
	return argc == 100 ? unused() : n;
}
