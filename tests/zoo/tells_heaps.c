/*
 * expect: exit 0. Three threads grow a heap each, by 1, 2 and 3 MiB; then the program tells what the kernel says: a line
 * for each thread heap, ADDRESS BYTES that are accessible, and "main BYTES" for the break. Without malloc: no stdio.
 */
#include <fcntl.h>
#include <stdint.h>
#include <string.h>

#include "grow.h"

#define HEAP_BYTES (64ul << 20)

static pthread_barrier_t together; /* a thread that begins when another has ended would take its arena */

static void *body(void *n)
{
	grow_small(((size_t)(uintptr_t)n + 1) << 20, 1, NULL);
	pthread_barrier_wait(&together);
	return NULL;
}

static char text[1 << 16];

static void tell(char *line)
{
	char *end;
	uintptr_t from = strtoul(line, &end, 16), to = strtoul(end + 1, &end, 16);
	int is_break = strstr(line, "[heap]") != NULL;
	char told[64];
	if (strncmp(end, " rw-p", 5) != 0 || (!is_break && (from % HEAP_BYTES || strchr(line, '/'))))
		return;
	int length = is_break ? snprintf(told, sizeof(told), "main %lu\n", to - from)
			      : snprintf(told, sizeof(told), "0x%lx %lu\n", from, to - from);
	if (write(1, told, (size_t)length) != length)
		_exit(99);
}

int main(void)
{
	pthread_barrier_init(&together, NULL, 3);
	grow_threads(3, body);
	int fd = open("/proc/self/maps", O_RDONLY);
	size_t length = 0;
	for (ssize_t got; (got = read(fd, text + length, sizeof(text) - 1 - length)) > 0; length += (size_t)got)
		;
	close(fd);
	for (char *line = text, *next; *line; line = next) {
		next = strchr(line, '\n');
		if (!next)
			break;
		*next++ = 0;
		tell(line);
	}
	return 0;
}
