/* expect: exit 0. Four threads use up RLIMIT_AS: each gets its NULL, always with ENOMEM, and can go on after giving back */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include "grow.h"

#define ROOM_BYTES (256ul << 20)
#define BLOCK_BYTES (64 << 10)

static atomic_int refusals;
static pthread_barrier_t barrier; /* a thread could not be made once another has taken all */

static void *body(void *unused)
{
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < 3; i++) {
		struct grow_block *newest = NULL, *block;
		errno = 0;
		while ((block = grow_block(BLOCK_BYTES, newest)))
			newest = block;
		if (errno != ENOMEM)
			GROW_FAIL("NULL without ENOMEM");
		atomic_fetch_add(&refusals, 1);
		grow_free(newest);
	}
	return unused;
}

static size_t address_space_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	size_t pages = 0;
	if (!f || fscanf(f, "%zu", &pages) != 1)
		GROW_FAIL("statm");
	fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

int main(void)
{
	struct rlimit limit;
	GROW_MARK("begin");
	getrlimit(RLIMIT_AS, &limit);
	limit.rlim_cur = address_space_bytes() + ROOM_BYTES;
	if (pthread_barrier_init(&barrier, NULL, 4) || setrlimit(RLIMIT_AS, &limit))
		GROW_FAIL("setrlimit");
	grow_threads(4, body);
	if (atomic_load(&refusals) != 12)
		GROW_FAIL("refusals");
	return grow_done();
}
