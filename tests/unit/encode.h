/*
 * encode.h: traces made by hand. Written from schema/wire.h alone and sharing no code with library or reader, so that
 * a mistake in either shows.
 */
#ifndef ENCODE_H
#define ENCODE_H

#include "meta.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct encode {
	unsigned char bytes[EX_PACKET_BYTES];
	size_t at;
	uint32_t tid;
	uint64_t now_ns; /* of the next event; each event moves it on by 1000 */
};

__attribute__((unused)) static void encode_begin(struct encode *e, uint32_t pid, uint64_t image_ns)
{
	struct ex_packet_header header = {.magic = EX_MAGIC,
					  .packet_bits = EX_PACKET_BYTES * 8,
					  .image_ns = image_ns,
					  .pid = pid};
	memset(e, 0, sizeof(*e));
	memcpy(e->bytes, &header, sizeof(header));
	e->at = sizeof(header);
	e->tid = pid;
	e->now_ns = image_ns;
}

__attribute__((unused)) static void encode_bytes(struct encode *e, const void *bytes, size_t length)
{
	if (length > sizeof(e->bytes) - e->at)
		abort();
	memcpy(e->bytes + e->at, bytes, length);
	e->at += length;
}

__attribute__((unused)) static void encode_event(struct encode *e, int id, const void *fixed, size_t length)
{
	struct ex_event_header header = {.id = (uint16_t)id, .time_ns = e->now_ns, .tid = e->tid};
	e->now_ns += 1000;
	encode_bytes(e, &header, sizeof(header));
	encode_bytes(e, fixed, length);
}

/* ENCODE(e, GOODBYE, goodbye, .threads = 1); tails follow */
#define ENCODE(e, NAME, name, ...)                                                                                     \
	encode_event(e, EX_EV_##NAME, &(struct ex_ev_##name){__VA_ARGS__}, sizeof(struct ex_ev_##name))

__attribute__((unused)) static void encode_text(struct encode *e, const char *text)
{
	encode_bytes(e, text, strlen(text) + 1);
}

__attribute__((unused)) static void encode_blob(struct encode *e, const void *bytes, size_t length)
{
	uint16_t count = (uint16_t)length;
	encode_bytes(e, &count, sizeof(count));
	encode_bytes(e, bytes, length);
}

__attribute__((unused)) static void encode_commit(struct encode *e)
{
	uint64_t bits = e->at * 8;
	memcpy(e->bytes + offsetof(struct ex_packet_header, content_bits), &bits, sizeof(bits));
}

__attribute__((unused)) static void write_file(const char *dir, const char *name, const void *bytes, size_t length)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *file = fopen(path, "wb");
	if (!file || fwrite(bytes, 1, length, file) != length || fclose(file) != 0)
		abort();
}

/* commits, and adds the packet to a trace directory as a stream file of its own */
__attribute__((unused)) static void encode_write(struct encode *e, const char *dir, const char *name)
{
	encode_commit(e);
	write_file(dir, name, e->bytes, sizeof(e->bytes));
}

/* a fresh trace directory with metadata; removed by nobody but the system's own cleaning of its temporary folder */
__attribute__((unused)) static const char *make_trace(void)
{
	char metadata[1 << 16], *dir;
	const char *base = getenv("TMPDIR");
	if (asprintf(&dir, "%s/exeunt-unit.XXXXXX", base && *base ? base : "/tmp") < 0 || !mkdtemp(dir))
		abort();
	int length = ex_ctf_metadata(metadata, sizeof(metadata), 0);
	if (length <= 0 || (size_t)length >= sizeof(metadata))
		abort();
	write_file(dir, EX_METADATA_NAME, metadata, (size_t)length);
	return dir;
}

__attribute__((unused)) static void remove_trace(const char *dir)
{
	char command[600];
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	if (system(command) != 0)
		printf("# cannot remove %s\n", dir);
}

#endif
