/*
 * say.c: messages, colour, progress. See say.h.
 */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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
	static int shown; /* columns */
	struct winsize size;
	char text[256] = "";
	if (!isatty(2) || (!shown && !format))
		return;
	/* blanks, as not every terminal knows how to erase; what wraps could not be taken back */
	if (shown)
		fprintf(stderr, "\r%*s\r", shown, "");
	shown = 0;
	if (format) {
		int width = !ioctl(2, TIOCGWINSZ, &size) && size.ws_col ? size.ws_col : 80;
		va_list args;
		va_start(args, format);
		vsnprintf(text, sizeof(text), format, args);
		va_end(args);
		shown = fprintf(stderr, "%.*s", width - 1, text);
	}
	fflush(stderr);
}
