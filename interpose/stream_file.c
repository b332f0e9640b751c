/*
 * stream_file.c: see stream_file.h.
 */
#include "stream_file.h"

#include <alloca.h>

#include "image.h"
#include "options.h"
#include "os/os.h"
#include "text.h"

#define FAILURES_MAX 16

static void name_file(char *path, size_t size, const char *dot, const struct ex_stream_file *file)
{
	struct ex_buffer b;
	ex_buffer_init(&b, path, size);
	ex_buffer_text(&b, ex_options.out);
	ex_buffer_text(&b, "/");
	ex_buffer_text(&b, dot);
	ex_buffer_text(&b, "s.");
	ex_buffer_number(&b, ex_image.pid);
	ex_buffer_text(&b, ".");
	ex_buffer_number(&b, ex_image.image_ns);
	ex_buffer_text(&b, ".");
	ex_buffer_number(&b, file->stream);
	ex_buffer_text(&b, ".");
	ex_buffer_number(&b, file->part);
}

static void stamp(unsigned char *bytes, const struct ex_stream_file *file)
{
	for (uint32_t i = 0; i < file->packets; i++) {
		struct ex_packet_header *h = (struct ex_packet_header *)(bytes + (size_t)i * file->packet_bytes);
		*h = (struct ex_packet_header){EX_MAGIC,
					       0,
					       sizeof(*h) * 8,
					       file->packet_bytes * 8ull,
					       ex_image.image_ns,
					       ex_image.pid,
					       (uint32_t)ex_image.lost};
	}
}

unsigned char *ex_stream_file_make(const struct ex_stream_file *file, int *error)
{
	/* a thread may have 16 KiB of stack in all: no more than it takes */
	size_t path_bytes = ex_length(ex_options.out) + 80;
	char *dot = alloca(path_bytes), *path = alloca(path_bytes);
	struct ex_ledger *ledger = ex_image_ledger();
	size_t bytes = (size_t)file->packets * file->packet_bytes;
	*error = 0;
	if (!*ex_options.out || ex_image.no_more_files)
		return NULL;
	uint64_t total = __atomic_add_fetch(&ledger->bytes, bytes, __ATOMIC_RELAXED);
	if (ledger->limit_bytes && total > ledger->limit_bytes) {
		__atomic_fetch_sub(&ledger->bytes, bytes, __ATOMIC_RELAXED);
		*error = EX_STREAM_LIMIT;
		return NULL;
	}
	name_file(dot, path_bytes, ".", file);
	name_file(path, path_bytes, "", file);
	unsigned char *made = ex_os_file_make(dot, bytes, error);
	if (made) {
		stamp(made, file);
		*error = ex_os_rename(dot, path);
		if (*error >= 0) {
			ex_image.file_failures = 0;
			return made;
		}
		ex_os_unmap(made, bytes);
	}
	__atomic_fetch_sub(&ledger->bytes, bytes, __ATOMIC_RELAXED);
	/* a folder that is gone or full stays so: do not ask again for each of a million events */
	ex_image.no_more_files = ++ex_image.file_failures > FAILURES_MAX;
	return NULL;
}
