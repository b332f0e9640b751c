/*
 * profraw_tool.c: see profraw_tool.h. Debian and LLVM's own packages have llvm-profdata-N for release N; others, and rustup's
 * component llvm-tools, have it without a number: those are asked for theirs.
 */
#include "profraw_tool.h"

#include "text.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOOL "llvm-profdata"
#define RELEASE_FIRST 11 /* older than all raw versions that are told apart here */
#define RELEASE_LAST 40
#define VERSIONS_MAX 16

/* what a program says, stdout and stderr together; its exit status, or -1 */
static int hear(char *const *argv, char *said, size_t size)
{
	int ends[2], status;
	size_t length = 0;
	said[0] = '\0';
	if (pipe2(ends, O_CLOEXEC))
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDONLY);
		/* the target's surroundings are not for this tool */
		unsetenv("LD_PRELOAD");
		unsetenv("LLVM_PROFILE_FILE");
		dup2(null, 0);
		dup2(ends[1], 1);
		dup2(ends[1], 2);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(ends[1]);
	for (ssize_t got = 1; pid > 0 && got > 0;) {
		char rest[4096];
		int is_full = length == size - 1;
		got = read(ends[0], is_full ? rest : said + length, is_full ? sizeof(rest) : size - 1 - length);
		length += got > 0 && !is_full ? (size_t)got : 0;
	}
	close(ends[0]);
	said[length] = '\0';
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static int is_installed(const char *name)
{
	const char *path = getenv("PATH");
	for (const char *dir = path ? path : "", *end; *dir; dir = *end ? end + 1 : end) {
		end = strchrnul(dir, ':');
		char *file;
		if (asprintf(&file, "%.*s/%s", (int)(end - dir), dir, name) < 0)
			abort();
		int is_there = end > dir && access(file, X_OK) == 0;
		free(file);
		if (is_there)
			return 1;
	}
	return 0;
}

static unsigned release_of(const char *tool)
{
	char said[4096];
	char *argv[] = {(char *)tool, "--version", NULL};
	if (hear(argv, said, sizeof(said)))
		return 0;
	const char *version = strstr(said, "LLVM version ");
	return version ? (unsigned)strtoul(version + strlen("LLVM version "), NULL, 10) : 0;
}

static const char *numbered(unsigned release)
{
	const char *name = ex_format(TOOL "-%u", release);
	return is_installed(name) ? name : NULL;
}

struct tools {
	const char *names[EX_PROFRAW_TOOLS_MAX + 1];
	unsigned count;
};

static int reads(const struct ex_raw_version *version, unsigned release)
{
	return release >= version->llvm_first && release <= version->llvm_last;
}

static void add(struct tools *tools, const char *name)
{
	if (tools->count < EX_PROFRAW_TOOLS_MAX)
		tools->names[tools->count++] = name;
}

static void add_rustup_s(struct tools *tools, const struct ex_raw_version *version)
{
	const char *own = getenv("RUSTUP_HOME"), *home = getenv("HOME");
	glob_t paths = {0};
	if (!own && !home)
		return;
	const char *root = own ? own : ex_format("%s/.rustup", home);
	if (!glob(ex_format("%s/toolchains/*/lib/rustlib/*/bin/" TOOL, root), 0, NULL, &paths))
		for (size_t n = 0; n < paths.gl_pathc; n++)
			if (reads(version, release_of(paths.gl_pathv[n])))
				add(tools, ex_format("%s", paths.gl_pathv[n]));
	globfree(&paths);
}

static void find(struct tools *tools, const struct ex_raw_version *version)
{
	for (unsigned release = version->llvm_last; release >= version->llvm_first; release--) {
		const char *name = numbered(release);
		if (name)
			add(tools, name);
	}
	if (is_installed(TOOL) && reads(version, release_of(TOOL)))
		add(tools, TOOL);
	add_rustup_s(tools, version);
}

const char *const *ex_profraw_tools(const struct ex_raw_version *version)
{
	static struct known {
		const struct ex_raw_version *version;
		struct tools tools;
	} known[VERSIONS_MAX];
	unsigned n = 0;
	while (n < VERSIONS_MAX - 1 && known[n].version && known[n].version != version)
		n++;
	if (known[n].version != version) {
		known[n] = (struct known){.version = version};
		find(&known[n].tools, version);
	}
	return known[n].tools.names;
}

enum ex_profraw ex_profraw_tools_ask(const char *path)
{
	char said[4096];
	for (unsigned release = RELEASE_FIRST - 1; release <= RELEASE_LAST; release++) {
		const char *tool = release < RELEASE_FIRST ? (is_installed(TOOL) ? TOOL : NULL) : numbered(release);
		if (!tool)
			continue;
		char *argv[] = {(char *)tool, "show", (char *)path, NULL};
		int status = hear(argv, said, sizeof(said));
		if (status == 0)
			return EX_PROFRAW_WHOLE;
		if (status > 0 && status != 127 && !strstr(said, "version"))
			return EX_PROFRAW_BROKEN;
	}
	return EX_PROFRAW_UNKNOWN;
}
