/*
 * say.c: messages, colour, progress. See say.h.
 */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	int status;
	const char *format;
} messages[] = {
#define MSG(ID, status, format) {status, format},
#include "messages.def"
#undef MSG
};

static void print(enum ex_msg id, va_list args)
{
	ex_progress(NULL);
	fflush(stdout);
	fputs("exeunt: ", stderr);
	vfprintf(stderr, messages[id].format, args);
	fputc('\n', stderr);
}

int ex_fail(enum ex_msg id, ...)
{
	va_list args;
	va_start(args, id);
	print(id, args);
	va_end(args);
	return messages[id].status;
}

void ex_note(enum ex_msg id, ...)
{
	va_list args;
	va_start(args, id);
	print(id, args);
	va_end(args);
}

int ex_colour(int fd)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");
	if (no && *no)
		return 0;
	return isatty(fd) && term && strcmp(term, "dumb") != 0;
}

void ex_progress(const char *format, ...)
{
	static int shown;
	if (!isatty(2))
		return;
	if (shown)
		fputs("\r\033[K", stderr);
	shown = format != NULL;
	if (!format) {
		fflush(stderr);
		return;
	}
	va_list args;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fflush(stderr);
}
