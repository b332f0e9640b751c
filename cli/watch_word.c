/*
 * watch_word.c: what setting watch names, read from its text. See watch_word.h.
 */
#include "watch_word.h"

#include "object.h"
#include "origin.h"
#include "say.h"
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char form[] = "write 0xADDRESS, SYMBOL, MODULE:SYMBOL or MODULE, each with +0xOFFSET, or "
			   "mapping#N+0xOFFSET@TRACE, crash@TRACE; :1 :2 :4 or :8 behind the word says how many bytes";

static int hexadecimal(const char *text, uint64_t *number)
{
	char *end;
	errno = 0;
	if (strncmp(text, "0x", 2) || !isxdigit((unsigned char)text[2]))
		return 0;
	*number = strtoull(text, &end, 16);
	return !*end && !errno;
}

static int is_of_a_run(const char *text)
{
	return !strncmp(text, "mapping#", 8) || !strncmp(text, "crash", 5) || !strncmp(text, "0x", 2);
}

/* a colon that is none of C++'s */
static char *lone_colon(char *text)
{
	for (char *c = text; *c; c++) {
		if (*c == ':' && c[1] != ':')
			return c;
		c += *c == ':';
	}
	return NULL;
}

/* "mapping#4": 0 where it is none */
static unsigned long mapping_number(const char *text)
{
	char *end;
	if (strncmp(text, "mapping#", 8) || !isdigit((unsigned char)text[8]))
		return 0;
	unsigned long n = strtoul(text + 8, &end, 10);
	return *end ? 0 : n;
}

/* the form alone; symbol is "crash" or "mapping#N" of what has to be looked up */
static int parse(struct ex_watch_word *word, const char *given)
{
	char *text = strdup(given), *at = strrchr(text, '@');
	*word = (struct ex_watch_word){.text = given, .bytes = 8};
	if (is_of_a_run(text) && at) {
		*at = '\0';
		word->trace = at + 1;
		if (!*word->trace)
			return 0;
	}
	size_t length = strlen(text);
	if (length > 2 && text[length - 2] == ':' && text[length - 3] != ':' &&
	    isdigit((unsigned char)text[length - 1])) {
		word->bytes = (unsigned)(text[length - 1] - '0');
		text[length - 2] = '\0';
		if (!strchr("1248", (int)('0' + word->bytes)))
			return 0;
	}
	if (hexadecimal(text, &word->offset))
		return word->offset != 0;
	if (!strncmp(text, "0x", 2))
		return 0;
	char *plus = strrchr(text, '+'), *colon;
	if (plus) {
		if (!hexadecimal(plus + 1, &word->offset))
			return 0;
		*plus = '\0';
	}
	word->symbol = text;
	if (!strncmp(text, "mapping#", 8))
		return mapping_number(text) && word->trace;
	if (word->trace || !strcmp(text, "crash"))
		return word->trace && !strcmp(text, "crash") && !plus;
	if (!*text || strpbrk(text, " \t/"))
		return 0;
	colon = lone_colon(text);
	if (colon) {
		*colon = '\0';
		word->module = text;
		word->symbol = colon + 1;
		return *text && *word->symbol;
	}
	word->is_either = plus != NULL;
	return 1;
}

const char *ex_watch_word_wrong(const char *text)
{
	struct ex_watch_word word;
	return !*text || parse(&word, text) ? NULL : form;
}

static int from_mapping(struct ex_watch_word *word)
{
	unsigned long n = mapping_number(word->symbol);
	for (size_t i = 0; i < word->image->event_count; i++) {
		const struct ex_event *event = word->image->events[i];
		if (event->meta->id != EX_EV_MAPPING || EX_EVENT(event, mapping)->n != n)
			continue;
		uint64_t begin = EX_EVENT(event, mapping)->begin, address = begin + word->offset;
		const struct ex_module *module = ex_image_module(word->image, address, word->image->end_ns);
		const char *slash = module ? strrchr(module->path, '/') : NULL;
		word->symbol = NULL;
		word->module = module ? (slash ? slash + 1 : module->path) : NULL;
		word->offset = module ? address - module->bias : address;
		return 0;
	}
	return ex_fail(EX_MSG_WATCH_NO_WORD, word->text,
		       ex_format("%s has no mapping #%lu; exeunt report shows what was mapped at the crash",
				 word->trace, n));
}

static int from_crash(struct ex_watch_word *word)
{
	struct ex_origin origin;
	unsigned bytes = strrchr(word->text, ':') && word->bytes != 8 ? word->bytes : 0;
	if (!ex_origin_word(&origin, word->image, ex_symbols_open(word->image, NULL)))
		return ex_fail(EX_MSG_WATCH_NO_WORD, word->text,
			       ex_format("where the bad value of that crash came from is not known: %s",
					 origin.why ? origin.why : "it did not crash"));
	struct ex_watch_word found;
	if (!parse(&found, origin.word))
		return ex_fail(EX_MSG_WATCH_NO_WORD, word->text, origin.word);
	found.text = word->text;
	found.trace = word->trace;
	found.image = word->image;
	found.bytes = bytes ? bytes : origin.bytes ? origin.bytes : 8;
	*word = found;
	return 0;
}

int ex_watch_word_read(struct ex_watch_word *word, const char *text)
{
	struct ex_trace *trace = calloc(1, sizeof(*trace));
	struct ex_processes *processes = calloc(1, sizeof(*processes));
	if (!trace || !processes)
		abort();
	if (!parse(word, strdup(text)))
		return ex_fail(EX_MSG_BAD_VALUE, "-s watch", text, form);
	if (!word->trace)
		return 0;
	int status = ex_trace_open_or_fail(trace, word->trace);
	if (status)
		return status;
	ex_processes_build(processes, trace);
	word->image = processes->judged;
	if (!word->image)
		return ex_fail(EX_MSG_EMPTY_TRACE, word->trace);
	if (word->symbol)
		return !strcmp(word->symbol, "crash") ? from_crash(word) : from_mapping(word);
	return 0;
}
