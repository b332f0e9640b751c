/*
 * replay.c: what the fuzzers have found, and what they began with, once more: every file of a target's corpus, as it is and
 * cut at every 8 bytes. Without libFuzzer, so it is part of `make check`; one program for each target, and one line of TAP.
 */
#include "fuzz.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CUTS_MAX 4096	     /* of a file */
#define BYTES_MAX (1u << 20) /* of a file: what the fuzzers run with is far below */

static char doing[512];

/* the input at which it died is the only thing that matters then */
static void on_death(int signo)
{
	static const char begin[] = "not ok 1 - " EX_FUZZ_CORPUS "\n# died of it: ";
	ssize_t ignored = write(1, begin, sizeof(begin) - 1);
	ignored += write(1, doing, strlen(doing));
	(void)ignored;
	signal(signo, SIG_DFL);
	raise(signo);
}

static void replay(const char *path, const uint8_t *bytes, size_t length, size_t cut)
{
	snprintf(doing, sizeof(doing), "%s, its first %zu of %zu bytes\n", path, cut, length);
	/* a block of its own, so that valgrind and the sanitizers see a byte too far */
	uint8_t *copy = malloc(cut ? cut : 1);
	if (!copy)
		abort();
	memcpy(copy, bytes, cut);
	ex_fuzz_replay(copy, cut);
	free(copy);
}

static unsigned replay_file(const char *path)
{
	static uint8_t bytes[BYTES_MAX];
	unsigned cuts = 0;
	FILE *file = fopen(path, "rbe");
	size_t length = file ? fread(bytes, 1, sizeof(bytes), file) : 0;
	if (!file)
		return 0;
	fclose(file);
	replay(path, bytes, length, length);
	for (size_t cut = 0; cut < length && cuts < CUTS_MAX; cut += 8, cuts++)
		replay(path, bytes, length, cut);
	return cuts;
}

int main(void)
{
	static const int deaths[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
	struct dirent **entries;
	unsigned files = 0, cuts = 0;
	int count = scandir(EX_FUZZ_CORPUS, &entries, NULL, alphasort);
	for (size_t n = 0; n < sizeof(deaths) / sizeof(*deaths); n++)
		signal(deaths[n], on_death);
	printf("1..1\n");
	fflush(stdout);
	for (int i = 0; i < count; i++) {
		char *path;
		if (*entries[i]->d_name == '.')
			continue;
		if (asprintf(&path, "%s/%s", EX_FUZZ_CORPUS, entries[i]->d_name) < 0)
			abort();
		cuts += replay_file(path);
		files++;
		free(path);
	}
	printf("%sok 1 - %s: %u files, whole and cut at %u places\n", files ? "" : "not ", EX_FUZZ_CORPUS, files, cuts);
	return !files;
}
