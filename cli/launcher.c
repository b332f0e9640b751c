/*
 * launcher.c: see launcher.h. Owns how the command line of a launcher is read, as its own parser does: one dash or two, the
 * value behind = or, where the flag is no boolean, in the next argument; the first word that is no flag ends them.
 */
#include "launcher.h"

#include "experiment.h"
#include "say.h"
#include "text.h"

#include <string.h>

enum flag_kind { FLAG, VALUE, ROOT, WRITES };

static const struct {
	const char *name, *verb, *mark;
	enum ex_launcher_how how;
} launchers[] = {
#define LAUNCHER(name, verb, how, mark, doc) {name, verb, mark, EX_LAUNCHER_##how},
#define LAUNCHER_FLAG(verb, name, kind, doc)
#include "launchers.def"
#undef LAUNCHER
#undef LAUNCHER_FLAG
};

static const struct {
	const char *verb, *name;
	enum flag_kind kind;
} flags[] = {
#define LAUNCHER(name, verb, how, mark, doc)
#define LAUNCHER_FLAG(verb, name, kind, doc) {verb, name, kind},
#include "launchers.def"
#undef LAUNCHER
#undef LAUNCHER_FLAG
};

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

static int has_mark(char *const *argv, const char *mark)
{
	if (!*mark)
		return 1;
	while (*++argv)
		if (strstr(*argv, mark))
			return 1;
	return 0;
}

/* a boolean's value as Go reads it */
static int is_false(const char *value)
{
	static const char *const words[] = {"0", "f", "F", "false", "FALSE", "False"};
	for (size_t i = 0; i < COUNT(words); i++)
		if (!strcmp(value, words[i]))
			return 1;
	return 0;
}

/* -1: not one that is known here, so that nobody can tell whether a value follows */
static int kind_of(const char *verb, const char *name, size_t length)
{
	for (size_t i = 0; i < COUNT(flags); i++)
		if (!strcmp(flags[i].verb, verb) && strlen(flags[i].name) == length &&
		    !strncmp(flags[i].name, name, length))
			return (int)flags[i].kind;
	return -1;
}

/* the flags between the verb and CMD; returns whether a CMD follows */
static int read_flags(struct ex_launcher *launcher, char *const *argv)
{
	int n = launcher->verb + 1;
	for (; argv[n] && argv[n][0] == '-' && argv[n][1]; n++) {
		const char *name = argv[n] + 1 + (argv[n][1] == '-');
		size_t length = strcspn(name, "=");
		if (!length) { /* "--" */
			n++;
			break;
		}
		int kind = kind_of(argv[launcher->verb], name, length);
		const char *value = name[length] ? name + length + 1 : NULL;
		if (kind == WRITES)
			launcher->writes = value && is_false(value);
		if (kind == ROOT && strcmp(value ? value : argv[n + 1] ? argv[n + 1] : "", "/") != 0)
			launcher->root = n;
		if (kind == VALUE && !strncmp(name, "cwd", length))
			launcher->cwd = value ? n : n + 1;
		if ((kind == VALUE || kind == ROOT) && !value && argv[n + 1])
			n++;
	}
	launcher->command = n;
	return argv[n] != NULL;
}

int ex_launcher_is(struct ex_launcher *launcher, char *const *argv)
{
	*launcher = (struct ex_launcher){.how = EX_LAUNCHER_NONE};
	const char *slash = argv[0] ? strrchr(argv[0], '/') : NULL, *name = slash ? slash + 1 : argv[0];
	for (int n = 1; name && argv[n]; n++)
		for (size_t i = 0; i < COUNT(launchers); i++) {
			if (strcmp(launchers[i].name, name) != 0 || strcmp(launchers[i].verb, argv[n]) != 0)
				continue;
			if (!has_mark(argv, launchers[i].mark))
				return 0;
			launcher->name = launchers[i].name;
			launcher->what = ex_format("%s %s", name, argv[n]);
			launcher->verb = n;
			if (launchers[i].how == EX_LAUNCHER_HANDS_ON && !read_flags(launcher, argv))
				return 0; /* it will say itself what is missing */
			launcher->how = launchers[i].how;
			return 1;
		}
	return 0;
}

static const char *joined(char *const *argv, int from, int to)
{
	const char *text = "";
	for (int n = from; argv[n] && n < to; n++)
		text = ex_format("%s%s%s", text, *text ? " " : "", ex_experiment_quoted(argv[n]));
	return text;
}

/* the same command with the flag that keeps what is written, and prefix before CMD */
static const char *corrected(const struct ex_launcher *launcher, char *const *argv, const char *prefix)
{
	const char *flag = "";
	for (size_t i = 0; i < COUNT(flags); i++)
		if (flags[i].kind == WRITES && !strcmp(flags[i].verb, argv[launcher->verb]))
			flag = flags[i].name;
	const char *text = ex_format("%s -%s=false", joined(argv, 0, launcher->verb + 1), flag);
	for (int n = launcher->verb + 1; n < launcher->command; n++) {
		const char *name = argv[n] + strspn(argv[n], "-");
		if (strncmp(name, flag, strlen(flag)) != 0)
			text = ex_format("%s %s", text, ex_experiment_quoted(argv[n]));
	}
	return ex_format("%s %s%s", text, prefix, joined(argv, launcher->command, 1 << 20));
}

/* "/dev" when path is in one of the folders that every sandbox has of its own, NULL */
static const char *own_folder(const char *path)
{
	static const char *const own[] = {"/dev", "/proc", "/sys"};
	for (size_t i = 0; i < COUNT(own); i++)
		if (!strncmp(path, own[i], strlen(own[i])) && path[strlen(own[i])] == '/')
			return own[i];
	return NULL;
}

static const char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? ex_format("%.*s", (int)(slash - path), path) : ".";
}

int ex_launcher_refuse(const struct ex_launcher *launcher, char *const *argv, const char *library, const char *dir)
{
	switch (launcher->how) {
	case EX_LAUNCHER_NONE:
		return 0;
	case EX_LAUNCHER_BUNDLE:
		return ex_fail(EX_MSG_LAUNCHER_BUNDLE, launcher->what, library);
	case EX_LAUNCHER_ENGINE:
		return ex_fail(EX_MSG_LAUNCHER_ENGINE, launcher->what, launcher->what, folder_of(library),
			       folder_of(library), library);
	case EX_LAUNCHER_HANDS_ON:
		break;
	}
	if (launcher->root)
		return ex_fail(EX_MSG_LAUNCHER_ROOT, argv[launcher->root], corrected(launcher, argv, "exeunt run -- "));
	if (!launcher->writes)
		return ex_fail(EX_MSG_LAUNCHER_LOSES, launcher->what, corrected(launcher, argv, ""));
	if (own_folder(library))
		return ex_fail(EX_MSG_LAUNCHER_HIDDEN, library, own_folder(library),
			       "install exeunt elsewhere, or name a copy with EXEUNT_LIBRARY=PATH");
	if (dir && own_folder(dir))
		return ex_fail(EX_MSG_LAUNCHER_HIDDEN, dir, own_folder(dir), "choose another directory with -o DIR");
	return 0;
}
