/*
 * A second opinion on counts, preloaded behind the library: shares no code or method with it. Real functions by dlsym,
 * one table of atomics for the whole process, in a file of its own ($COUNT_DIR/PID, read by tests/lib/counts.py), so that
 * every way out leaves it.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// clang-format off
#define EACH(X) \
	X(malloc) X(calloc) X(realloc) X(reallocarray) X(free) X(posix_memalign) X(aligned_alloc) X(memalign) \
	X(valloc) X(pvalloc) X(malloc_usable_size) X(cfree) X(_Znwm) X(_Znam) X(_ZnwmRKSt9nothrow_t) \
	X(_ZnamRKSt9nothrow_t) X(_ZnwmSt11align_val_t) X(_ZnamSt11align_val_t) \
	X(_ZnwmSt11align_val_tRKSt9nothrow_t) X(_ZnamSt11align_val_tRKSt9nothrow_t) X(_ZdlPv) X(_ZdaPv) X(_ZdlPvm) \
	X(_ZdaPvm) X(_ZdlPvRKSt9nothrow_t) X(_ZdaPvRKSt9nothrow_t) X(_ZdlPvSt11align_val_t) X(_ZdaPvSt11align_val_t) \
	X(_ZdlPvmSt11align_val_t) X(_ZdaPvmSt11align_val_t) X(_ZdlPvSt11align_val_tRKSt9nothrow_t) \
	X(_ZdaPvSt11align_val_tRKSt9nothrow_t)
// clang-format on
enum {
#define X(name) N_##name,
	EACH(X) COUNT
#undef X
};

static atomic_ullong before[COUNT], *now = before;

static void begin(void)
{
	char path[256];
	const char *dir = getenv("COUNT_DIR");
	atomic_ullong *fresh;
	int fd;
	if (!dir)
		return;
	snprintf(path, sizeof(path), "%s/%d", dir, (int)getpid());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(before)))
		_exit(98);
	fresh = mmap(NULL, sizeof(before), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (fresh == MAP_FAILED)
		_exit(98);
	for (int i = 0; i < COUNT; i++)
		atomic_fetch_add(&fresh[i], atomic_exchange(&before[i], 0));
	now = fresh;
}

__attribute__((constructor)) static void start(void)
{
	begin();
	pthread_atfork(NULL, NULL, begin);
}

/* four words cover every form: what a function does not take, it does not look at */
typedef void *(*any)(void *, void *, void *, void *);
#define X(name)                                                                                                        \
	void *count_##name(void *a, void *b, void *c, void *d) __asm__(#name);                                         \
	void *count_##name(void *a, void *b, void *c, void *d)                                                         \
	{                                                                                                              \
		static any next;                                                                                       \
		if (!next)                                                                                             \
			next = (any)dlsym(RTLD_NEXT, #name);                                                           \
		atomic_fetch_add(&now[N_##name], 1);                                                                   \
		return next(a, b, c, d);                                                                               \
	}
EACH(X)
