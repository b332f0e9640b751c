/*
 * t_events.c: every event of the tables, encoded with odd values, comes back from the reader as it went in; and
 * babeltrace2, which we did not write, reads the same events under the same names. No event is named here: a new row
 * in events.def is tested by being there.
 */
#include "encode.h"
#include "tap.h"
#include "trace.h"

static unsigned char odd_byte(unsigned seed, unsigned n)
{
	return (unsigned char)(seed * 37 + n * 101 + 11);
}

static unsigned odd_length(const struct ex_event_meta *meta, unsigned tail)
{
	return tail == 2 ? 0 : ((unsigned)meta->id * 7 + tail * 13) % 61;
}

static void odd_text(const struct ex_event_meta *meta, unsigned tail, char *text)
{
	unsigned length = odd_length(meta, tail);
	for (unsigned n = 0; n < length; n++)
		text[n] = (char)('a' + (n + tail) % 26);
	text[length] = 0;
}

static void encode_odd(struct encode *e, const struct ex_event_meta *meta)
{
	unsigned char fixed[256], blob[64];
	char text[64];
	unsigned at = 0, tail = 0;
	for (const struct ex_field *f = meta->fields; f->name; f++)
		for (unsigned n = ex_field_bytes(f->type); n; n--, at++)
			fixed[at] = f->type == EX_TYPE_kind ? (unsigned char)f->set->rows[0].value
							    : odd_byte((unsigned)meta->id, at);
	encode_event(e, meta->id, fixed, at);
	for (const struct ex_field *f = meta->fields; f->name; f++) {
		if (f->type == EX_TYPE_text) {
			odd_text(meta, tail++, text);
			encode_text(e, text);
		} else if (f->type == EX_TYPE_blob) {
			for (unsigned n = 0; n < sizeof(blob); n++)
				blob[n] = odd_byte(tail, n);
			encode_blob(e, blob, odd_length(meta, tail++));
		}
	}
}

/* compares an event with what encode_odd made; what differs, or NULL */
static const char *difference(const struct ex_event *event)
{
	const struct ex_event_meta *meta = event->meta;
	const unsigned char *fixed = event->fixed;
	unsigned at = 0, tail = 0;
	char text[64];
	for (const struct ex_field *f = meta->fields; f->name; f++) {
		for (unsigned n = ex_field_bytes(f->type); n; n--, at++)
			if (fixed[at] != (f->type == EX_TYPE_kind ? (unsigned char)f->set->rows[0].value
								  : odd_byte((unsigned)meta->id, at)))
				return f->name;
		if (f->type != EX_TYPE_text && f->type != EX_TYPE_blob)
			continue;
		if (ex_event_tail(meta, f->name) != (int)tail)
			return "index of a tail";
		const struct ex_text *got = &event->tail[tail];
		if (got->length != odd_length(meta, tail))
			return f->name;
		odd_text(meta, tail, text);
		if (f->type == EX_TYPE_text && memcmp(got->bytes, text, got->length + 1) != 0)
			return f->name;
		for (unsigned n = 0; f->type == EX_TYPE_blob && n < got->length; n++)
			if ((unsigned char)got->bytes[n] != odd_byte(tail, n))
				return f->name;
		tail++;
	}
	return at == meta->fixed_bytes ? NULL : "length of the fixed part";
}

struct seen {
	struct ex_event event;
	int count;
};

static void see(void *arg, const struct ex_event *event)
{
	struct seen *seen = arg;
	seen->event = *event;
	seen->count++;
}

static void round_trip(const struct ex_event_meta *meta)
{
	static struct encode e;
	struct seen seen = {.count = 0};
	encode_begin(&e, 4711, 0x1122334455667788);
	e.tid = 4712;
	encode_odd(&e, meta);
	encode_commit(&e);
	int count = ex_trace_packet(e.bytes, e.at, see, &seen);
	const char *wrong = count != 1 || seen.count != 1		? "number of events"
			    : seen.event.meta != meta			? "id"
			    : seen.event.pid != 4711			? "pid"
			    : seen.event.tid != 4712			? "tid"
			    : seen.event.image_ns != 0x1122334455667788 ? "image"
			    : seen.event.time_ns != 0x1122334455667788	? "time"
									: difference(&seen.event);
	if (!OK(!wrong, "%s comes back as it went in", meta->name))
		printf("# %s is wrong\n", wrong);
}

static void against_babeltrace(void)
{
	static struct encode e;
	const char *dir = make_trace();
	char command[600], line[1 << 16], name[64], stamp[64];
	int count = 0, wrong = 0, lines = 0;
	encode_begin(&e, 7, 1000);
	for (const struct ex_event_meta *meta = ex_events; meta->name; meta++, count++)
		encode_odd(&e, meta);
	encode_write(&e, dir, "s.7.1000.0.0");
	struct ex_trace trace;
	OK(ex_trace_open(&trace, dir, NULL) == EX_TRACE_OK && (int)trace.count == count,
	   "a trace of all %d events opens", count);
	snprintf(command, sizeof(command), "babeltrace2 --clock-cycles --no-delta '%s' 2>&1", dir);
	FILE *reader = popen(command, "r");
	const struct ex_event_meta *meta = ex_events;
	while (reader && fgets(line, sizeof(line), reader)) {
		lines++;
		if (sscanf(line, "[%63[0-9]] %63[a-z_]:", stamp, name) != 2 || !meta->name ||
		    strcmp(name, meta->name) != 0) {
			printf("# %s", line);
			wrong++;
		}
		meta += meta->name != NULL;
	}
	int status = reader ? pclose(reader) : -1;
	OK(status == 0 && lines == count && !wrong, "babeltrace2 reads the same %d events in the same order", count);
	remove_trace(dir);
}

int main(void)
{
	for (const struct ex_event_meta *meta = ex_events; meta->name; meta++)
		round_trip(meta);
	if (system("command -v babeltrace2 >/dev/null") == 0)
		against_babeltrace();
	else
		printf("ok %d - # SKIP babeltrace2 is not installed\n", ++tap_run);
	return tap_done();
}
