/*
 * expect: prints what C and C++ promise of each function: alignment, zeroing, errno, failure, exceptions. The same text
 * with and without anything in front of malloc. Each form of operator new and delete is called exactly once a round
 * (heap_forms ROUNDS), besides the failing ones.
 */
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <new>

#pragma GCC diagnostic ignored "-Walloc-size-larger-than="
#pragma GCC diagnostic ignored "-Wuse-after-free"
static void *volatile sink;
static volatile size_t huge = PTRDIFF_MAX - 4096;
static const std::align_val_t wide{256};

static int is_aligned(void *block, size_t to)
{
	return block && (uintptr_t)block % to == 0;
}
static int is_zero(const char *block, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (block[i])
			return 0;
	return 1;
}
static void say(const char *what, long value)
{
	char line[128];
	fwrite(line, 1, (size_t)snprintf(line, sizeof(line), "%s: %ld\n", what, value), stdout);
}

static void c_family(void)
{
	void *block = nullptr;
	errno = 1234;
	char *dirty = (char *)malloc(5000);
	say("malloc keeps errno", errno);
	say("malloc aligned", is_aligned(dirty, alignof(max_align_t)));
	memset(dirty, 0xa5, 5000);
	errno = 1234;
	free(dirty);
	say("free keeps errno", errno);
	char *clean = (char *)calloc(50, 100);
	say("calloc zeroed", is_zero(clean, 5000));
	memset(clean, 0x5a, 5000);
	clean = (char *)realloc(clean, 500000);
	say("realloc kept", clean[0] == 0x5a && clean[4999] == 0x5a);
	errno = 0;
	say("realloc refused", realloc(clean, huge) == nullptr);
	say("errno", errno);
	say("and kept", clean[4999] == 0x5a);
	errno = 0;
	say("reallocarray overflow", reallocarray(clean, SIZE_MAX / 2, 3) == nullptr);
	say("errno", errno);
	free(clean);
	errno = 0;
	say("malloc refused", malloc(huge) == nullptr);
	say("errno", errno);
	errno = 0;
	say("calloc overflow", calloc(SIZE_MAX / 2, 3) == nullptr);
	say("errno", errno);
	errno = 1234;
	say("posix_memalign", posix_memalign(&block, 4096, 100));
	say("aligned", is_aligned(block, 4096));
	free(block);
	say("posix_memalign bad alignment", posix_memalign(&block, 3, 100));
	say("posix_memalign refused", posix_memalign(&block, 64, huge));
	errno = 0;
	say("aligned_alloc", is_aligned(block = aligned_alloc(1024, 2048), 1024));
	free(block);
	say("memalign", is_aligned(block = memalign(512, 10), 512));
	free(block);
	say("valloc", is_aligned(block = valloc(10), 4096));
	free(block);
	say("pvalloc", is_aligned(pvalloc(10), 4096)); /* never freed: jemalloc has none, so it would free libc's */
	say("malloc_usable_size", malloc_usable_size(block = malloc(1000)) >= 1000);
	free(block);
	say("malloc_usable_size of NULL", (long)malloc_usable_size(nullptr));
	errno = 1234;
	free(nullptr);
	say("free of NULL keeps errno", errno);
}

template <class F> static void must_throw(const char *what, F call)
{
	try {
		sink = call();
		say(what, 0);
	} catch (const std::bad_alloc &) {
		say(what, 1);
	}
}

static int handled;
static void handler()
{
	handled++;
	void *block = ::operator new(10); /* it may allocate */
	::operator delete(block);
	std::set_new_handler(nullptr);
}

static void failures(void)
{
	must_throw("new throws", [] { return ::operator new(huge); });
	must_throw("new[] throws", [] { return ::operator new[](huge); });
	must_throw("aligned new throws", [] { return ::operator new(huge, wide); });
	must_throw("aligned new[] throws", [] { return ::operator new[](huge, wide); });
	say("nothrow new", ::operator new(huge, std::nothrow) == nullptr);
	say("nothrow new[]", ::operator new[](huge, std::nothrow) == nullptr);
	say("aligned nothrow new", ::operator new(huge, wide, std::nothrow) == nullptr);
	say("aligned nothrow new[]", ::operator new[](huge, wide, std::nothrow) == nullptr);
	std::set_new_handler(handler);
	must_throw("handler, then new throws", [] { return ::operator new(huge); });
	say("handler ran", handled);
}

static void round_of_forms(void)
{
	void *a = ::operator new(10), *b = ::operator new[](10), *c = ::operator new(10, std::nothrow);
	void *d = ::operator new[](10, std::nothrow), *e = ::operator new(10, wide), *f = ::operator new[](10, wide);
	void *g = ::operator new(10, wide, std::nothrow), *h = ::operator new[](10, wide, std::nothrow);
	void *i = malloc(1), *j = malloc(1), *k = malloc(1), *l = malloc(1);
	static int good;
	good += is_aligned(a, 16) && is_aligned(b, 16) && is_aligned(c, 16) && is_aligned(d, 16);
	good += is_aligned(e, 256) && is_aligned(f, 256) && is_aligned(g, 256) && is_aligned(h, 256);
	::operator delete(a);
	::operator delete[](b);
	::operator delete(c, std::nothrow);
	::operator delete[](d, std::nothrow);
	::operator delete(e, wide);
	::operator delete[](f, wide);
	::operator delete(g, wide, std::nothrow);
	::operator delete[](h, wide, std::nothrow);
	/* the sized ones */
	free(i), free(j), free(k), free(l);
	i = ::operator new(20), j = ::operator new[](20), k = ::operator new(20, wide), l = ::operator new[](20, wide);
	::operator delete(i, 20);
	::operator delete[](j, 20);
	::operator delete(k, 20, wide);
	::operator delete[](l, 20, wide);
	say("forms", good);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, nullptr, _IONBF, 0); /* mimalloc's C build aborts where new has to throw */
	int rounds = argc > 1 ? atoi(argv[1]) : -1;
	if (rounds < 0) {
		c_family();
		failures();
		rounds = 1;
	}
	for (int i = 0; i < rounds; i++)
		round_of_forms();
	return 0;
}
