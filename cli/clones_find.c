/*
 * clones_find.c: which copies are meant, in the words of a command line: TRACE:N, TRACE, or the number of a process. See
 * clones.h.
 */
#include "clones.h"

#include "say.h"
#include "text.h"
#include "trace.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int is_folder(const char *path)
{
	struct stat info;
	return !stat(path, &info) && S_ISDIR(info.st_mode);
}

static int is_digits(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

/* "1, 2, 3" */
static const char *numbers(const struct ex_clone_list *clones)
{
	const char *text = "";
	for (size_t n = 0; n < clones->count; n++)
		text = ex_format("%s%s%u%s", text, *text ? ", " : "", clones->list[n].slot->number,
				 clones->list[n].waits ? "" : " (gone)");
	return *text ? text : "none";
}

/* COPY is TRACE or TRACE:N: number 0 then says none */
static const char *trace_of(const char *text, uint32_t *number)
{
	const char *colon = strrchr(text, ':');
	*number = 0;
	if (is_folder(text) || !colon || !is_digits(colon + 1))
		return text;
	*number = (uint32_t)strtoul(colon + 1, NULL, 10);
	return ex_format("%.*s", (int)(colon - text), text);
}

static int read_trace(struct ex_clone_list *clones, const char *trace)
{
	struct ex_trace opened;
	int status = ex_trace_open_or_fail(&opened, trace);
	if (!status)
		ex_clones_read(clones, realpath(trace, NULL));
	return status;
}

int ex_clones_find(struct ex_clone_list *clones, const char *text)
{
	uint32_t number;
	struct ex_clone *one = calloc(1, sizeof(*one));
	const char *trace = trace_of(text, &number);
	if (!one)
		abort();
	if (is_digits(text) && !is_folder(text)) {
		*clones = (struct ex_clone_list){one, 1};
		return ex_clones_of_pid(one, (pid_t)strtoul(text, NULL, 10))
			       ? 0
			       : ex_fail(EX_MSG_CLONE_GONE, ex_format("process %s", text),
					 "no such process, or another");
	}
	struct ex_clone_list all;
	int status = read_trace(&all, trace);
	*clones = (struct ex_clone_list){calloc(all.count + 1, sizeof(*clones->list)), 0};
	if (status)
		return status;
	for (size_t n = 0; n < all.count; n++) {
		if (number && all.list[n].slot->number == number && !all.list[n].waits)
			return ex_fail(EX_MSG_CLONE_GONE, text, "it was ended, or its time was over");
		if (all.list[n].waits && (!number || all.list[n].slot->number == number))
			clones->list[clones->count++] = all.list[n];
	}
	if (clones->count)
		return 0;
	return number ? ex_fail(EX_MSG_NO_CLONE, ex_format("%u", number), trace, numbers(&all))
		      : ex_fail(EX_MSG_NO_CLONES, trace);
}

int ex_clones_all(struct ex_clone_list *clones, const char *text, const char **trace)
{
	uint32_t number;
	int status = read_trace(clones, trace_of(text, &number));
	*trace = status ? NULL : realpath(trace_of(text, &number), NULL);
	return status;
}
