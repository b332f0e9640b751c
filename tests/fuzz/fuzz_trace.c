/*
 * fuzz_trace.c: the packet decoder under any bytes at all.
 */
#include "trace.h"

#include "fuzz.h"

#include <string.h>

static volatile unsigned sum;

/* touches every byte that an event points to, and holds each event to its own table */
static void touch(void *arg, const struct ex_event *event)
{
	unsigned tails = 0;
	for (unsigned n = 0; n < event->meta->fixed_bytes; n++)
		sum += ((const unsigned char *)event->fixed)[n];
	for (const struct ex_field *f = event->meta->fields; f->name; f++)
		tails += f->type == EX_TYPE_text || f->type == EX_TYPE_blob;
	for (unsigned t = 0; t < tails; t++) {
		if (!event->tail[t].bytes)
			abort();
		for (unsigned n = 0; n < event->tail[t].length; n++)
			sum += (unsigned char)event->tail[t].bytes[n];
	}
	++*(int *)arg;
}

static int fuzz_trace(const uint8_t *bytes, size_t length)
{
	int count = 0, result = ex_trace_packet(bytes, length, touch, &count);
	if (result >= 0 ? result != count : count != 0)
		abort();
	/* the same with a header that is ours, so that the fuzzer need not find the magic number first */
	struct ex_packet_header header = {.magic = EX_MAGIC, .packet_bits = EX_PACKET_BYTES * 8};
	unsigned char *packet = malloc(sizeof(header) + length);
	if (!packet)
		return 0;
	header.content_bits = (sizeof(header) + length) * 8;
	memcpy(packet, &header, sizeof(header));
	if (length)
		memcpy(packet + sizeof(header), bytes, length);
	count = 0;
	if (ex_trace_packet(packet, sizeof(header) + length, touch, &count) != count)
		abort();
	free(packet);
	return 0;
}

EX_FUZZ_TARGET(fuzz_trace)
