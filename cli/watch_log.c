/*
 * watch_log.c: see watch_log.h. Must never let a program that writes a word a million times fill the disk, or our memory.
 */
#include "watch_log.h"

#include "say.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NOTES_MAX 4096 /* events that are no writes: a program may make processes without end */

struct stream {
	unsigned slot, part;
	size_t used;
	unsigned char bytes[EX_PACKET_BYTES];
};

struct kept {
	unsigned char *bytes;
	size_t length, stack_bytes;
};

struct ex_watch_log {
	const struct ex_tracedir *dir;
	struct stream notes_stream, writes_stream;
	struct kept kept[EX_WATCH_FIRST + EX_WATCH_LAST];
	uint64_t writes, notes;
};

static uint64_t now_ns(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

struct ex_watch_log *ex_watch_log_open(const struct ex_tracedir *dir)
{
	struct ex_watch_log *log = calloc(1, sizeof(*log));
	if (!log)
		abort();
	log->dir = dir;
	log->notes_stream.slot = 1;
	log->writes_stream.slot = 2;
	return log;
}

static void flush(struct ex_watch_log *log, struct stream *stream)
{
	struct ex_packet_header header = {.magic = EX_MAGIC,
					  .content_bits = stream->used * 8,
					  .packet_bits = EX_PACKET_BYTES * 8,
					  .image_ns = log->dir->image_ns,
					  .pid = (uint32_t)getpid()};
	if (!stream->used)
		return;
	memcpy(stream->bytes, &header, sizeof(header));
	ex_tracedir_packet(log->dir, stream->slot, stream->part++, stream->bytes, stream->used);
	stream->used = 0;
}

static void append(struct ex_watch_log *log, struct stream *stream, const void *bytes, size_t length)
{
	if (stream->used + length > sizeof(stream->bytes))
		flush(log, stream);
	if (!stream->used)
		stream->used = sizeof(struct ex_packet_header);
	memcpy(stream->bytes + stream->used, bytes, length);
	stream->used += length;
}

void ex_watch_log_put(struct ex_watch_log *log, uint16_t id, const void *fixed, size_t fixed_bytes, const void *tails,
		      size_t tail_bytes)
{
	unsigned char bytes[EX_EVENT_MAX_BYTES];
	struct ex_event_header header = {id, now_ns(), (uint32_t)syscall(SYS_gettid)};
	size_t length = sizeof(header) + fixed_bytes + tail_bytes;
	if (length > sizeof(bytes) || (id != EX_EV_WROTE_MORE && ++log->notes > NOTES_MAX))
		return;
	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + sizeof(header), fixed, fixed_bytes);
	if (tail_bytes)
		memcpy(bytes + sizeof(header) + fixed_bytes, tails, tail_bytes);
	append(log, &log->notes_stream, bytes, length);
}

static struct kept *slot_of(struct ex_watch_log *log, uint64_t n)
{
	return &log->kept[n < EX_WATCH_FIRST ? n : EX_WATCH_FIRST + n % EX_WATCH_LAST];
}

static void take_stack(struct kept *kept)
{
	uint16_t none = 0;
	if (!kept->stack_bytes)
		return;
	kept->length -= kept->stack_bytes;
	memcpy(kept->bytes + kept->length - sizeof(none), &none, sizeof(none));
	kept->stack_bytes = 0;
	unsigned char *less = realloc(kept->bytes, kept->length);
	kept->bytes = less ? less : kept->bytes;
}

void ex_watch_log_write(struct ex_watch_log *log, const struct ex_ev_wrote *wrote, const void *tails, size_t tail_bytes,
			const void *stack, size_t stack_bytes)
{
	struct ex_event_header header = {EX_EV_WROTE, now_ns(), (uint32_t)syscall(SYS_gettid)};
	uint64_t n = log->writes++;
	stack_bytes = stack_bytes > EX_STACK_MAX_BYTES ? EX_STACK_MAX_BYTES : stack_bytes;
	uint16_t count = (uint16_t)stack_bytes;
	struct kept kept = {.length = sizeof(header) + sizeof(*wrote) + tail_bytes + sizeof(count) + stack_bytes,
			    .stack_bytes = stack_bytes};
	unsigned char *out = kept.bytes = malloc(kept.length);
	if (!out)
		abort();
	memcpy(out, &header, sizeof(header));
	memcpy(out += sizeof(header), wrote, sizeof(*wrote));
	memcpy(out += sizeof(*wrote), tails, tail_bytes);
	memcpy(out += tail_bytes, &count, sizeof(count));
	if (stack_bytes)
		memcpy(out + sizeof(count), stack, stack_bytes);
	struct kept *slot = slot_of(log, n);
	free(slot->bytes);
	*slot = kept;
	/* one that is no more among the last, and never was among the first */
	if (n >= 2 * EX_WATCH_STACKS)
		take_stack(slot_of(log, n - EX_WATCH_STACKS));
}

uint64_t ex_watch_log_writes(const struct ex_watch_log *log)
{
	return log->writes;
}

void ex_watch_log_close(struct ex_watch_log *log)
{
	uint64_t skipped =
		log->writes > EX_WATCH_FIRST + EX_WATCH_LAST ? log->writes - EX_WATCH_FIRST - EX_WATCH_LAST : 0;
	if (skipped) {
		struct ex_ev_wrote_more more = {.first = EX_WATCH_FIRST + 1, .count = skipped};
		ex_watch_log_put(log, EX_EV_WROTE_MORE, &more, sizeof(more), NULL, 0);
	}
	for (uint64_t n = 0; n < log->writes; n++) {
		struct kept *kept = slot_of(log, n);
		if (n < EX_WATCH_FIRST || n >= EX_WATCH_FIRST + skipped)
			append(log, &log->writes_stream, kept->bytes, kept->length);
	}
	flush(log, &log->notes_stream);
	flush(log, &log->writes_stream);
	for (size_t i = 0; i < EX_WATCH_FIRST + EX_WATCH_LAST; i++)
		free(log->kept[i].bytes);
	free(log);
}
