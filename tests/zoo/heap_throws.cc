/*
 * expect: "caught 8400": four threads each have operator new refuse 2100 times. Whatever stands in front of malloc and
 * holds something meanwhile must let go of it when the exception passes: at first they take turns, and who has had its own
 * makes no further call until all others have; then all at once, in two forms, between ordinary calls.
 */
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <new>
#include <thread>
#include <vector>

static volatile size_t huge = PTRDIFF_MAX - 4096;
static std::atomic<int> caught, turn;

static void work(int self)
{
	for (int i = 0; i < 100; i++) {
		while (turn % 4 != self)
			std::this_thread::yield();
		try {
			delete[] new char[huge];
		} catch (const std::bad_alloc &) {
			caught++;
			turn++;
			while (turn % 4 != self && turn < 400) /* in here: the end of a catch frees the exception */
				std::this_thread::yield();
		}
	}
	for (int i = 0; i < 1000; i++) {
		std::vector<int> ordinary(i + 1, i);
		try {
			delete[] new char[huge];
		} catch (const std::bad_alloc &) {
			caught++;
		}
		try {
			::operator delete(::operator new(huge, std::align_val_t{64}), std::align_val_t{64});
		} catch (const std::bad_alloc &) {
			caught++;
		}
		ordinary.push_back(1);
	}
}

int main()
{
	std::vector<std::thread> threads;
	for (int i = 0; i < 4; i++)
		threads.emplace_back(work, i);
	for (auto &thread : threads)
		thread.join();
	printf("caught %d\n", caught.load());
	return 0;
}
