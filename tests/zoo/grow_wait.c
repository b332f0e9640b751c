/*
 * expect: exit 0. Exactly THREADS (4) waits for the lock of the main arena in malloc, one at the end of a thread, and one for
 * the lock of stderr, all of them at the same time. malloc_stats writes to stderr with the arena's lock held, and stderr is
 * a full pipe.
 */
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include "grow.h"

#define MOST 64
#define WAIT_USEC 20000 /* no wait is shorter */

/* what thread n may do, and has done */
enum { START, LOCK, LEAVE };
static atomic_int may[MOST], at[MOST], tid[MOST];
/* who takes both locks and keeps them; who asks for that of stderr; who ends; all before ask malloc */
static int holder, printer, leaver;

/* spins: the only place where these threads sleep is the lock that they ask for */
static void until(atomic_int *word, int value)
{
	while (atomic_load(word) < value)
		;
}

static void *body(void *number)
{
	int n = (int)(long)number;
	struct grow_block *blocks = grow_block(2000, NULL); /* the first one also makes the thread's cache */
	atomic_store(&tid[n], (int)syscall(SYS_gettid));
	atomic_store(&at[n], LOCK);
	until(&may[n], LOCK);
	if (n == leaver)
		return blocks; /* gives its cache back, and that alone, under the lock */
	if (n == holder) {
		flockfile(stderr);
		malloc_stats();
		funlockfile(stderr);
	} else if (n == printer)
		fputc('\n', stderr);
	else
		blocks = grow_block(2000, blocks);
	atomic_store(&at[n], LEAVE);
	until(&may[n], LEAVE); /* one after the other: the end of a thread takes the lock as well */
	grow_free(blocks);
	return NULL;
}

static int sleeps(int id)
{
	char path[64], text[512], *state;
	snprintf(path, sizeof path, "/proc/self/task/%d/stat", id);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (length < 0)
		GROW_FAIL("stat of a thread");
	close(fd);
	text[length] = 0;
	state = strrchr(text, ')');
	return state && state[2] == 'S';
}

int main(int argc, char **argv)
{
	pthread_t threads[MOST];
	int ends[2], errors = dup(2);
	char bytes[4096] = {0};
	holder = grow_argument(argc, argv, 1, 4);
	printer = holder + 1;
	leaver = holder + 2;
	if (leaver >= MOST || !mallopt(M_ARENA_MAX, 1) || pipe2(ends, O_CLOEXEC | O_NONBLOCK) || errors < 0)
		GROW_FAIL("pipe");
	while (write(ends[1], bytes, sizeof bytes) > 0)
		;
	while (write(ends[1], bytes, 1) > 0)
		;
	fcntl(ends[1], F_SETFL, 0); /* who writes waits, who reads does not */
	for (long n = 0; n <= leaver; n++) {
		if (pthread_create(&threads[n], NULL, body, (void *)n))
			GROW_FAIL("no thread");
		until(&at[n], LOCK);
	}
	dup2(ends[1], 2);
	GROW_MARK("begin");
	for (int i = 0; i <= leaver; i++) {
		int n = (i + holder) % (leaver + 1); /* the holder first */
		atomic_store(&may[n], LOCK);
		while (!sleeps(tid[n]))
			;
	}
	usleep(WAIT_USEC);
	for (int n = 0; n < leaver; n++)
		while (atomic_load(&at[n]) < LEAVE)
			while (read(ends[0], bytes, sizeof bytes) > 0)
				;
	pthread_join(threads[leaver], NULL);
	dup2(errors, 2);
	for (int n = 0; n < leaver; n++) {
		atomic_store(&may[n], LEAVE);
		pthread_join(threads[n], NULL);
	}
	return grow_done();
}
