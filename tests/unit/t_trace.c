/*
 * t_trace.c: traces that are damaged, cut short or no traces at all. What was committed before the damage is kept, and
 * the reader survives. Bytes lie in exact heap blocks, so that the address sanitizer sees each byte read too far.
 */
#include "encode.h"
#include "tap.h"
#include "trace.h"

static void count_one(void *arg, const struct ex_event *event)
{
	/* touches all that an event points to */
	const unsigned char *fixed = event->fixed;
	unsigned sum = 0;
	for (unsigned n = 0; n < event->meta->fixed_bytes; n++)
		sum += fixed[n];
	for (unsigned t = 0; t < 6; t++)
		for (unsigned n = 0; n < event->tail[t].length; n++)
			sum += (unsigned char)event->tail[t].bytes[n];
	*(volatile unsigned *)&sum = sum;
	++*(int *)arg;
}

static int decode_copy(const unsigned char *bytes, size_t length, int *count)
{
	unsigned char *copy = malloc(length ? length : 1);
	if (!copy)
		abort();
	memcpy(copy, bytes, length);
	*count = 0;
	int result = ex_trace_packet(copy, length, count_one, count);
	free(copy);
	return result;
}

#define EVENTS 24
static size_t ends[EVENTS]; /* where each event ends */

static void make_packet(struct encode *e)
{
	char stack[300];
	memset(stack, 0x5a, sizeof(stack));
	encode_begin(e, 7, 1000);
	for (int n = 0; n < EVENTS; n++) {
		if (n % 3 == 0) {
			ENCODE(e, MODULE, module, .n = (uint32_t)n, .begin = 0x1000, .end = 0x2000);
			encode_text(e, "/usr/lib/libsomething.so.1");
			encode_blob(e, "0123456789abcdefghij", 20);
		} else if (n % 3 == 1) {
			ENCODE(e, REGISTER, register, .id = (uint32_t)n, .fn = 0x1234);
			encode_blob(e, stack, 136);
			encode_blob(e, stack, sizeof(stack));
		} else {
			ENCODE(e, GOODBYE, goodbye, .threads = 1);
		}
		ends[n] = e->at;
	}
	encode_commit(e);
}

static int whole_events(size_t length)
{
	int n = 0;
	while (n < EVENTS && ends[n] <= length)
		n++;
	return n;
}

static void cut_packets(struct encode *e)
{
	int wrong = 0, count;
	for (size_t length = 0; length <= e->at; length++) {
		int result = decode_copy(e->bytes, length, &count);
		wrong += length < sizeof(struct ex_packet_header) ? result != -1 || count != 0
								  : result != whole_events(length) || count != result;
	}
	IS_INT(wrong, 0, "a packet cut at each of %zu lengths gives the events before the cut", e->at);
	wrong = 0;
	for (size_t content = 0; content <= e->at; content++) {
		struct ex_packet_header header;
		unsigned char copy[EX_PACKET_BYTES];
		memcpy(copy, e->bytes, sizeof(copy));
		memcpy(&header, copy, sizeof(header));
		header.content_bits = content * 8;
		memcpy(copy, &header, sizeof(header));
		wrong += decode_copy(copy, e->at, &count) != whole_events(content);
	}
	IS_INT(wrong, 0, "the commit word decides at each of %zu values", e->at);
}

static void garbage(struct encode *e)
{
	int count, result;
	struct ex_packet_header header;
	unsigned char copy[EX_PACKET_BYTES];
	static const uint64_t sizes[] = {UINT64_MAX, UINT64_MAX - 7, (uint64_t)EX_PACKET_BYTES * 8 + 8, 1, 7,
					 8,	     1ull << 63};
	for (size_t n = 0; n < sizeof(sizes) / sizeof(sizes[0]); n++) {
		memcpy(copy, e->bytes, sizeof(copy));
		memcpy(&header, copy, sizeof(header));
		header.content_bits = sizes[n];
		memcpy(copy, &header, sizeof(header));
		result = decode_copy(copy, e->at, &count);
		OK(result == count && result <= EVENTS, "content size 0x%llx is survived",
		   (unsigned long long)sizes[n]);
	}
	srandom(4);
	for (int round = 0; round < 20000; round++) {
		memcpy(copy, e->bytes, e->at);
		for (int n = 1 + (int)(random() % 8); n; n--)
			copy[sizeof(header.magic) + (size_t)random() % (e->at - sizeof(header.magic))] =
				(unsigned char)random();
		result = decode_copy(copy, e->at, &count);
		if (result > 0 && result != count)
			break;
	}
	OK(1, "20000 packets with a few bytes changed are survived");
	memset(copy, 0xff, sizeof(copy));
	IS_INT(decode_copy(copy, sizeof(copy), &count), -1, "foreign bytes are no packet");
}

static void cut_files(struct encode *e)
{
	const char *dir = make_trace();
	struct ex_trace trace;
	static unsigned char file[2 * EX_PACKET_BYTES];
	struct ex_ledger ledger = {"exledger", EX_TRACE_VERSION, 0, 0, 0, 0, 1, 2, 3, 4};
	int wrong = 0, tried = 0;
	memcpy(file, e->bytes, EX_PACKET_BYTES);
	memcpy(file + EX_PACKET_BYTES, e->bytes, EX_PACKET_BYTES);
	for (size_t length = 0; length <= EX_PACKET_BYTES + e->at; length += length < e->at + 3 ? 7 : 1021, tried++) {
		write_file(dir, "s.7.1000.0.0", file, length);
		enum ex_trace_status status = ex_trace_open(&trace, dir, NULL);
		int wanted =
			whole_events(length) + (length > EX_PACKET_BYTES ? whole_events(length - EX_PACKET_BYTES) : 0);
		wrong += status != (wanted ? EX_TRACE_OK : EX_TRACE_EMPTY) || (int)trace.count != wanted;
	}
	IS_INT(wrong, 0, "a stream file cut at %d lengths keeps what was before the cut", tried);
	write_file(dir, "s.7.1000.0.0", file, sizeof(file));
	write_file(dir, ".s.7.1000.1.0", file, sizeof(file));
	write_file(dir, "README", file, sizeof(file));
	ex_trace_open(&trace, dir, NULL);
	OK(trace.count == 2 * EVENTS && !trace.damaged, "dot files and foreign names are not read");
	int sorted = 1;
	for (size_t n = 1; n < trace.count; n++)
		sorted &= trace.events[n - 1].time_ns <= trace.events[n].time_ns;
	OK(sorted && trace.begin_ns == 1000, "events come in the order of time");
	OK(trace.lost == 0 && !trace.ledger, "no ledger, nothing lost by the packets");
	write_file(dir, EX_LEDGER_NAME, &ledger, sizeof(ledger));
	ex_trace_open(&trace, dir, NULL);
	IS_INT(trace.lost, 10, "the ledger's losses are added up");
	file[EX_PACKET_BYTES] = 0;
	write_file(dir, "s.7.1000.0.0", file, sizeof(file));
	ex_trace_open(&trace, dir, NULL);
	OK(trace.count == EVENTS && trace.damaged == 1, "a bad second packet costs that packet, and is told");
	remove_trace(dir);
}

static void same_times(void)
{
	static struct encode e;
	const char *dir = make_trace();
	struct ex_trace trace;
	for (int part = 9; part < 12; part++) {
		char name[64];
		encode_begin(&e, 7, 1000);
		ENCODE(&e, GOODBYE, goodbye, .threads = (uint32_t)part);
		snprintf(name, sizeof(name), "s.7.1000.0.%d", part);
		encode_write(&e, dir, name);
	}
	ex_trace_open(&trace, dir, NULL);
	OK(trace.count == 3 && EX_EVENT(&trace.events[0], goodbye)->threads == 9 &&
		   EX_EVENT(&trace.events[1], goodbye)->threads == 10 &&
		   EX_EVENT(&trace.events[2], goodbye)->threads == 11,
	   "equal times keep the order of the parts, by number");
	remove_trace(dir);
}

static void no_traces(void)
{
	const char *dir = make_trace(), *why;
	struct ex_trace trace;
	OK(ex_trace_open(&trace, dir, &why) == EX_TRACE_EMPTY, "a trace without events is empty");
	write_file(dir, EX_METADATA_NAME, "/* CTF 1.8 */\ntracer_name = \"exeunt\"; exeunt_trace_version = 99;\n", 66);
	OK(ex_trace_open(&trace, dir, &why) == EX_TRACE_NEWER && strcmp(why, "99") == 0, "a newer version is told");
	write_file(dir, EX_METADATA_NAME, "/* CTF 1.8 */\ntracer_name = \"lttng-modules\";\n", 45);
	OK(ex_trace_open(&trace, dir, &why) == EX_TRACE_FOREIGN && *why, "another tracer's folder is none of ours: %s",
	   why);
	remove_trace(dir);
	OK(ex_trace_open(&trace, dir, &why) == EX_TRACE_MISSING && *why, "no folder: %s", why);
	OK(ex_trace_open(&trace, "/", &why) == EX_TRACE_FOREIGN && *why, "any other folder: %s", why);
}

int main(void)
{
	static struct encode e;
	make_packet(&e);
	cut_packets(&e);
	garbage(&e);
	cut_files(&e);
	same_times();
	no_traces();
	return tap_done();
}
