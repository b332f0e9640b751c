// expect: threads-at-exit: a detached thread works in what the destructor of a static object unmaps
#include "late.h"

#include <thread>

namespace
{
struct Linger {
	~Linger()
	{
		linger_for(&steps);
	}
	int id = getpid();
};
struct Store {
	Store()
	{
		store_open();
	}
	~Store()
	{
		store_unmap();
	}
};
Linger linger;
Store the_store;
} // namespace

int main()
{
	atexit(idle_one);
	std::thread([] {
		for (;;)
			store_use();
	}).detach();
	return 0;
}
