/*
 * heap_break.c: see heap_break.h.
 */
#include "heap_break.h"

#include "text.h"
#include "value.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINES 3
#define TAIL_BYTES 2048
#define LINE_BYTES 200

static const struct ex_event *find(const struct ex_image *image, int id)
{
	for (size_t n = 0; image->crash && n < image->event_count; n++)
		if (image->events[n]->meta->id == (uint16_t)id && image->events[n]->tid == image->crash->tid)
			return image->events[n];
	return NULL;
}

const char *ex_abort_message(const struct ex_image *image)
{
	const struct ex_event *event = find(image, EX_EV_ABORT_MESSAGE);
	return event ? event->tail[0].bytes : NULL;
}

const char *ex_heap_break_text(const struct ex_image *image)
{
	const struct ex_event *event = find(image, EX_EV_HEAP_BREAK);
	if (!event)
		return NULL;
	const struct ex_ev_heap_break *b = EX_EVENT(event, heap_break);
	if (b->what == EX_heap_break_BEFORE)
		return ex_format("malloc's heap does not fit together at 0x%" PRIx64
				 ": the word there says that a free chunk of "
				 "%" PRIu64 " bytes lies below, and that one's own says %" PRIu64,
				 b->chunk, b->before, b->below_size);
	const char *looks = ex_value_text(b->size, 0);
	return ex_format("malloc's heap does not fit together at 0x%" PRIx64
			 ": the word that says how long the chunk there is "
			 "reads 0x%" PRIx64 "%s%s%s",
			 b->chunk, b->size, looks ? " (" : "", looks ? looks : "", looks ? ")" : "");
}

const char *ex_heap_below_text(const struct ex_image *image)
{
	const struct ex_event *event = find(image, EX_EV_HEAP_BREAK);
	if (!event)
		return NULL;
	const struct ex_ev_heap_break *b = EX_EVENT(event, heap_break);
	if (!b->below)
		return NULL;
	struct ex_text blob = event->tail[ex_event_tail(event->meta, "bytes")];
	char shown[66] = "";
	/* its last word is the first of the chunk above */
	unsigned end = b->chunk - b->begin < blob.length ? (unsigned)(b->chunk - b->begin) + 8 : 0, used = 0;
	for (unsigned i = end < 16 ? 0 : end - 16; i < end + 16 && i < blob.length; i++)
		used += (unsigned)snprintf(shown + used, sizeof(shown) - used, "%s%02x", i == end ? "|" : "",
					   (unsigned char)blob.bytes[i]);
	return ex_format("right below it lies the block at 0x%" PRIx64 ", with room for %" PRIu64
			 " bytes: who writes beyond them writes there (round its end: %s)",
			 b->below + 16, b->below_size - 8, shown);
}

const char *ex_last_lines(const char *path)
{
	char tail[TAIL_BYTES + 1];
	FILE *file = fopen(path, "r");
	if (!file)
		return NULL;
	long bytes = fseek(file, 0, SEEK_END) ? 0 : ftell(file);
	long from = bytes > TAIL_BYTES ? bytes - TAIL_BYTES : 0;
	size_t count = bytes > 0 && !fseek(file, from, SEEK_SET) ? fread(tail, 1, TAIL_BYTES, file) : 0;
	fclose(file);
	tail[count] = '\0';
	const char *text = NULL;
	for (int lines = 0; count && lines < LINES;) {
		while (count && (tail[count - 1] == '\n' || tail[count - 1] == '\r'))
			count--;
		size_t begin = count;
		while (begin && tail[begin - 1] != '\n')
			begin--;
		if (begin == count)
			break;
		size_t length = count - begin < LINE_BYTES ? count - begin : LINE_BYTES;
		for (size_t i = begin; i < begin + length; i++)
			if (!isprint((unsigned char)tail[i]))
				tail[i] = tail[i] == '\t' ? ' ' : '?';
		text = ex_format("%.*s%s%s", (int)length, tail + begin, text ? " | " : "", text ? text : "");
		count = begin;
		lines++;
	}
	return text ? ex_format("\"%s\"", text) : NULL;
}
