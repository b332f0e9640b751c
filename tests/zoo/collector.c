/*
 * collector: a program with a moving collector of its own. Each save fills the heap with objects, a truly random half of
 * which is still reachable, and calls fullGC, which slides these to the heap's begin: a first pass as many as its plan has
 * room for, a second one the rest. The bug: the second pass also runs when the first has moved everything; it then takes
 * the begin of the heap for the rest, moves objects upward, and over the heap's end. That happens about once in 60 saves.
 * What is random is drawn before fullGC is called: a copy of the process from there always comes to the same end.
 *
 *     collector [SAVES]       after so many saves it ends well; default: never. A line "saved N" after each
 *
 * Expected: SIGSEGV in slide, called by fullGC, at a random save, never the first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#define OBJECTS 34
#define WORDS 15 /* of an object, behind its header */
#define PLAN 11	 /* moves that one pass can plan */

struct object {
	unsigned long is_live, words[WORDS];
};

static struct object *heap, *end; /* behind end lies a page without access */
extern void fullGC(void);

/* moves live objects between from and limit to `to`, at most so many; returns the first that it left, NULL: none */
__attribute__((noinline)) static struct object *slide(struct object *from, struct object **to, struct object *limit,
						      int moves)
{
	for (; from < limit; from++) {
		if (!from->is_live)
			continue;
		if (!moves--)
			return from;
		for (int i = 0; i < WORDS; i++)
			(*to)->words[i] = from->words[i];
		(*to)->is_live = 1;
		++*to;
	}
	return NULL;
}

__attribute__((noinline)) void fullGC(void)
{
	struct object *to = heap;
	struct object *rest = slide(heap, &to, end, PLAN);
	/* the bug: rest is NULL when there is none */
	slide(rest ? rest : heap, rest ? &to : &(struct object *){end - 1}, end, OBJECTS);
}

/* the last object is reachable always, so that there is something to move; the first time all are */
static void fill(int with_all)
{
	unsigned char bytes[OBJECTS];
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		abort();
	for (int n = 0; n < OBJECTS; n++) {
		heap[n].is_live = with_all || n == OBJECTS - 1 || (bytes[n] & 1);
		for (int i = 0; i < WORDS; i++)
			heap[n].words[i] = (unsigned long)n;
	}
}

int main(int argc, char **argv)
{
	long saves = argc > 1 ? atol(argv[1]) : -1;
	size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (OBJECTS * sizeof(*heap) + page - 1) / page * page;
	char *memory = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || mprotect(memory + room, page, PROT_NONE))
		return 1;
	end = (struct object *)(memory + room);
	heap = end - OBJECTS;
	for (long n = 1; saves < 0 || n <= saves; n++) {
		fill(n == 1);
		fullGC();
		printf("saved %ld\n", n);
		fflush(stdout);
	}
	return 0;
}
