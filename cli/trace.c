/*
 * trace.c: stream files to events in time order. Owns the bytes it has read, for as long as the process lives.
 * Must never trust them: a writer may have been killed, may still be at work, or the file may be anything at all.
 * Files are read and not mapped, so that one that is cut short meanwhile costs events and not a SIGBUS.
 */
#include "trace.h"

#include "packet.h"
#include "say.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* what a run of packets adds up to */
struct collector {
	struct ex_event *events;
	size_t count, room;
	struct image_loss {
		uint64_t image_ns;
		uint32_t pid, lost;
	} * losses; /* by packet headers, for traces without a ledger */
	size_t loss_count;
	unsigned damaged;
};

static void *grow(void *array, size_t *room, size_t element_bytes)
{
	*room = *room ? *room * 2 : 256;
	array = realloc(array, *room * element_bytes);
	if (!array)
		exit(ex_fail(EX_MSG_OUR_FAILURE, "out of memory", "the trace is too large for this machine"));
	return array;
}

static void collect(void *arg, const struct ex_event *event)
{
	struct collector *all = arg;
	if (all->count == all->room)
		all->events = grow(all->events, &all->room, sizeof(*all->events));
	all->events[all->count++] = *event;
}

static void collect_loss(struct collector *all, const struct ex_packet_header *header)
{
	struct image_loss *loss = all->losses;
	size_t n = 0;
	while (n < all->loss_count && (loss[n].pid != header->pid || loss[n].image_ns != header->image_ns))
		n++;
	if (n == all->loss_count) {
		all->losses = realloc(all->losses, (n + 1) * sizeof(*loss));
		if (!all->losses)
			abort();
		all->losses[n] = (struct image_loss){header->image_ns, header->pid, 0};
		all->loss_count++;
	}
	if (all->losses[n].lost < header->lost)
		all->losses[n].lost = header->lost;
}

static ssize_t read_at(int fd, void *buffer, size_t length, off_t at)
{
	size_t got = 0;
	while (got < length) {
		ssize_t n = pread(fd, (char *)buffer + got, length - got, at + (off_t)got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

static void read_stream(struct collector *all, int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		all->damaged++;
		return;
	}
	unsigned damaged = 0;
	off_t size = lseek(fd, 0, SEEK_END);
	for (off_t at = 0; at < size;) {
		/* The header is read first and by itself: the writer stores events before the commit word in it, so
		 * bytes that are read after the word are at least as new as it says. */
		struct ex_packet_header header;
		if (read_at(fd, &header, sizeof(header), at) < (ssize_t)sizeof(header) || header.magic != EX_MAGIC) {
			damaged = 1;
			break;
		}
		uint64_t packet = header.packet_bits / 8, content = header.content_bits / 8;
		if (header.packet_bits % 8 || packet < sizeof(header) || packet > UINT32_MAX)
			packet = EX_PACKET_BYTES; /* a damaged header: streams have packets of one size */
		if (content > packet)
			damaged = 1;
		if (content > packet)
			content = packet;
		collect_loss(all, &header);
		if (content > (uint64_t)(size - at)) {
			damaged = 1;
			content = (uint64_t)(size - at);
		}
		if (content > sizeof(header)) {
			unsigned char *bytes = malloc(content);
			if (!bytes)
				break;
			ssize_t got = read_at(fd, bytes, content, at);
			memcpy(bytes, &header, sizeof(header)); /* the word as first read, not a newer one */
			if (ex_packet_decode(bytes, (size_t)got, collect, all, &damaged) < 0)
				damaged = 1;
		}
		at += (off_t)packet;
	}
	close(fd);
	all->damaged += damaged;
}

/* stable, bottom-up: streams are nearly sorted already, and qsort promises no stability */
static void sort_by_time(struct ex_event **events, size_t count)
{
	struct ex_event *from = *events, *to = malloc((count + 1) * sizeof(*to));
	if (!to)
		abort();
	for (size_t width = 1; width < count; width *= 2) {
		for (size_t low = 0; low < count; low += 2 * width) {
			size_t mid = low + width < count ? low + width : count;
			size_t high = low + 2 * width < count ? low + 2 * width : count;
			size_t a = low, b = mid;
			for (size_t n = low; n < high; n++)
				to[n] = a < mid && (b >= high || from[a].time_ns <= from[b].time_ns) ? from[a++]
												     : from[b++];
		}
		struct ex_event *swap = from;
		from = to;
		to = swap;
	}
	free(to);
	*events = from;
}

/* the whole of a small file with a NUL behind, NULL when it cannot be read */
static char *read_small(int dir_fd, const char *name, size_t *length)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	size_t room = 1u << 20;
	char *text = malloc(room + 1);
	ssize_t got = text ? read_at(fd, text, room, 0) : -1;
	close(fd);
	if (got < 0)
		return NULL;
	text[got] = 0;
	*length = (size_t)got;
	return text;
}

static enum ex_trace_status check_metadata(int dir_fd, const char **why)
{
	size_t length;
	const char *text = read_small(dir_fd, EX_METADATA_NAME, &length);
	const char *version = text ? strstr(text, "exeunt_trace_version = ") : NULL;
	if (!text)
		*why = "it has no metadata file";
	else if (strncmp(text, "/* CTF 1.8 */", 13) != 0 || !strstr(text, "tracer_name = \"exeunt\""))
		*why = "its metadata is not exeunt's";
	else if (!version)
		*why = "its metadata names no version";
	else if (atoi(version + 23) > EX_TRACE_VERSION) {
		char *number = strndup(version + 23, strspn(version + 23, "0123456789"));
		*why = number ? number : "?";
		return EX_TRACE_NEWER;
	} else
		return EX_TRACE_OK;
	return EX_TRACE_FOREIGN;
}

static int is_stream(const struct dirent *entry)
{
	return strncmp(entry->d_name, "s.", 2) == 0;
}

static uint64_t count_lost(struct ex_trace *trace, const struct collector *all, int dir_fd)
{
	size_t length = 0;
	char *bytes = read_small(dir_fd, EX_LEDGER_NAME, &length);
	if (bytes && length >= sizeof(struct ex_ledger) && memcmp(bytes, "exledger", 8) == 0) {
		const struct ex_ledger *l = trace->ledger = (const struct ex_ledger *)(void *)bytes;
		return l->lost_no_file + l->lost_limit + l->lost_too_large + l->lost_reentry;
	}
	uint64_t lost = 0;
	for (size_t n = 0; n < all->loss_count; n++)
		lost += all->losses[n].lost;
	return lost;
}

enum ex_trace_status ex_trace_open(struct ex_trace *trace, const char *dir, const char **why)
{
	const char *ignored;
	if (!why)
		why = &ignored;
	*why = "";
	*trace = (struct ex_trace){.dir = dir};
	int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0) {
		*why = strerror(errno);
		return EX_TRACE_MISSING;
	}
	struct dirent **names = NULL;
	struct collector all = {0};
	enum ex_trace_status status = check_metadata(dir_fd, why);
	/* versionsort: part 10 of a stream comes after part 9 */
	int files = status == EX_TRACE_OK ? scandirat(dir_fd, ".", &names, is_stream, versionsort) : 0;
	for (int n = 0; n < files; n++)
		read_stream(&all, dir_fd, names[n]->d_name);
	if (status == EX_TRACE_OK) {
		trace->lost = count_lost(trace, &all, dir_fd);
		sort_by_time(&all.events, all.count);
		trace->events = all.events;
		trace->count = all.count;
		trace->damaged = all.damaged;
		if (all.count)
			trace->begin_ns = all.events[0].time_ns;
		else
			status = EX_TRACE_EMPTY;
	}
	close(dir_fd);
	return status;
}

int ex_trace_open_or_fail(struct ex_trace *trace, const char *dir)
{
	const char *why;
	switch (ex_trace_open(trace, dir, &why)) {
	case EX_TRACE_OK:
		return 0;
	case EX_TRACE_NEWER:
		return ex_fail(EX_MSG_NEWER_TRACE, dir, why);
	case EX_TRACE_EMPTY:
		return ex_fail(EX_MSG_EMPTY_TRACE, dir);
	case EX_TRACE_MISSING:
	case EX_TRACE_FOREIGN:
		break;
	}
	return ex_fail(EX_MSG_NOT_A_TRACE, dir, why);
}
