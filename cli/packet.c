/*
 * packet.c: bytes of one packet to events, by the tables. Pure: no files, no memory of its own, so that a fuzzer can
 * have it alone. Must never read past the bytes it was given, whatever they say.
 */
#include "packet.h"

#include <string.h>

static const struct ex_event_meta *event_meta(unsigned id)
{
	static const struct ex_event_meta *by_id[256];
	static int filled;
	if (!filled) {
		for (const struct ex_event_meta *e = ex_events; e->name; e++)
			if (e->id > 0 && e->id < 256)
				by_id[e->id] = e;
		filled = 1;
	}
	return id < 256 ? by_id[id] : NULL;
}

/* one event at bytes; returns its length, 0 when it does not decode within room */
static size_t decode_event(const unsigned char *bytes, size_t room, struct ex_event *event)
{
	struct ex_event_header header;
	if (room < sizeof(header))
		return 0;
	memcpy(&header, bytes, sizeof(header));
	const struct ex_event_meta *meta = event_meta(header.id);
	if (!meta || room - sizeof(header) < meta->fixed_bytes)
		return 0;
	event->time_ns = header.time_ns;
	event->tid = header.tid;
	event->meta = meta;
	event->fixed = bytes + sizeof(header);
	memset(event->tail, 0, sizeof(event->tail));
	size_t at = sizeof(header) + meta->fixed_bytes;
	unsigned n = 0;
	for (const struct ex_field *f = meta->fields; f->name; f++) {
		struct ex_text *tail = &event->tail[n];
		if (f->type == EX_TYPE_text) {
			const unsigned char *nul = memchr(bytes + at, 0, room - at);
			if (!nul)
				return 0;
			tail->length = (unsigned)(nul - (bytes + at));
			tail->bytes = (const char *)bytes + at;
			at += tail->length + 1;
		} else if (f->type == EX_TYPE_blob) {
			uint16_t length;
			if (room - at < sizeof(length))
				return 0;
			memcpy(&length, bytes + at, sizeof(length));
			at += sizeof(length);
			if (room - at < length)
				return 0;
			tail->length = length;
			tail->bytes = (const char *)bytes + at;
			at += length;
		} else {
			continue;
		}
		if (++n == sizeof(event->tail) / sizeof(event->tail[0]))
			break;
	}
	return at;
}

int ex_packet_decode(const unsigned char *bytes, size_t length, void (*emit)(void *, const struct ex_event *),
		     void *arg, unsigned *damaged)
{
	struct ex_packet_header header;
	if (length < sizeof(header))
		return -1;
	memcpy(&header, bytes, sizeof(header));
	if (header.magic != EX_MAGIC || header.stream_id != 0)
		return -1;
	size_t content = header.content_bits / 8;
	if (content > length || content < sizeof(header) || header.content_bits > header.packet_bits)
		*damaged = 1;
	if (content > length)
		content = length;
	struct ex_event event = {.image_ns = header.image_ns, .pid = header.pid};
	int count = 0;
	for (size_t at = sizeof(header), used; at < content; at += used, count++) {
		used = decode_event(bytes + at, content - at, &event);
		if (!used) {
			*damaged = 1; /* events have no length of their own: what follows cannot be found again */
			break;
		}
		emit(arg, &event);
	}
	return count;
}

int ex_trace_packet(const unsigned char *bytes, size_t length, void (*emit)(void *arg, const struct ex_event *event),
		    void *arg)
{
	unsigned damaged = 0;
	return ex_packet_decode(bytes, length, emit, arg, &damaged);
}

int ex_event_tail(const struct ex_event_meta *meta, const char *name)
{
	int n = 0;
	for (const struct ex_field *f = meta->fields; f->name; f++) {
		if (f->type != EX_TYPE_text && f->type != EX_TYPE_blob)
			continue;
		if (strcmp(f->name, name) == 0)
			return n;
		n++;
	}
	return -1;
}
