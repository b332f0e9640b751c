// expect: a plugin that brings the C++ runtime with it: heap_late has none before it is opened
#include <cstddef>
#include <cstdint>
#include <new>

extern "C" int late_work(int times);
extern "C" int late_work(int times)
{
	int caught = 0;
	volatile size_t huge = PTRDIFF_MAX - 4096;
	for (int i = 0; i < times; i++) {
		int *volatile one = new int(i);
		char *volatile many = new char[100];
		delete one;
		delete[] many;
		try {
			delete[] new char[huge];
		} catch (const std::bad_alloc &) {
			caught++;
		}
	}
	return caught;
}
