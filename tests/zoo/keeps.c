/*
 * expect: exit 0; a line for each range that was given back: "taken" when its address cannot be had again, "free" when it
 * can. data, code: a page; once: code made writable again before it goes; part: code between data, one munmap for all;
 * moved: by mremap; fixed: mapped over by MAP_FIXED, then given back; twice: munmap of the same page again; child: given
 * back in a fork child; hole: one munmap over pages and what is not mapped between them
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096l
#define RW (PROT_READ | PROT_WRITE)
#define RX (PROT_READ | PROT_EXEC)
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static char *map(long pages)
{
	char *at = mmap(NULL, (size_t)(pages * PAGE), RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		_exit(99);
	memset(at, 1, (size_t)(pages * PAGE));
	return at;
}

static void tell(const char *what, char *at)
{
	void *got = mmap(at, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (got != MAP_FAILED)
		munmap(got, PAGE);
	printf("%s: %s\n", what, got == at ? "free" : "taken");
	fflush(stdout);
}

static void give_back(char *at, long pages)
{
	errno = 123;
	if (munmap(at, (size_t)(pages * PAGE)) || errno != 123)
		printf("munmap: errno %d\n", errno);
}

static void by_name(const char *how)
{
	char *at;
	int status;
	if (!strcmp(how, "data")) {
		give_back(at = map(1), 1);
		tell("data", at);
	} else if (!strcmp(how, "code") || !strcmp(how, "once")) {
		mprotect(at = map(1), PAGE, RX);
		if (!strcmp(how, "once"))
			mprotect(at, PAGE, RW);
		give_back(at, 1);
		tell(how, at);
	} else if (!strcmp(how, "part")) {
		mprotect((at = map(4)) + PAGE, PAGE, RX);
		give_back(at, 4);
		tell("before", at);
		tell("code", at + PAGE);
		tell("behind", at + 2 * PAGE);
	} else if (!strcmp(how, "moved")) {
		char *to = map(4);
		mprotect(at = map(1), PAGE, RX);
		if (mremap(at, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to)
			_exit(98);
		tell("where it was", at);
		give_back(to, 1);
		tell("where it went", to);
	} else if (!strcmp(how, "fixed")) {
		mprotect(at = map(1), PAGE, RX);
		if (mmap(at, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != at)
			_exit(98);
		*at = 1;
		give_back(at, 1);
		tell("data over code", at);
	} else if (!strcmp(how, "again")) { /* a range that is kept is the program's to map over */
		mprotect(at = map(1), PAGE, RX);
		give_back(at, 1);
		if (mmap(at, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != at)
			_exit(98);
		*at = 1;
		give_back(at, 1);
		tell("data over code", at);
	} else if (!strcmp(how, "twice")) {
		mprotect(at = map(1), PAGE, RX);
		give_back(at, 1);
		give_back(at, 1);
		tell("code", at);
	} else if (!strcmp(how, "hole")) {
		at = map(3);
		mprotect(at, 3 * PAGE, RX);
		give_back(at + PAGE, 1);
		give_back(at, 3);
		tell("code", at);
		tell("hole", at + PAGE);
		tell("code", at + 2 * PAGE);
	} else if (!strcmp(how, "child")) {
		mprotect(at = map(1), PAGE, RX);
		pid_t child = fork();
		if (!child) {
			give_back(at, 1);
			tell("in the child", at);
			_exit(0);
		}
		waitpid(child, &status, 0);
		tell("in the parent", at);
		give_back(at, 1);
		tell("in the parent", at);
	}
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		by_name(argv[i]);
	return 0;
}
