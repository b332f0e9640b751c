// expect: heap-after-teardown: a handler unmaps the pool, the destructor of a static object uses it
#include "late.h"

namespace
{
struct Counter {
	~Counter()
	{
		store_use();
	}
	int id = getpid();
};
void let_go()
{
	store_unmap();
}
Counter counter;
} // namespace

int main()
{
	store_open();
	atexit(idle_one);
	atexit(let_go);
	return 0;
}
