/*
 * watch.c: see watch.h. The launcher knows processes by their numbers, not images: what was written between the last word of
 * one image and that of the next, under the same number, belongs to the latter.
 */
#include "watch.h"

#include "instruction.h"
#include "text.h"
#include "value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct call {
	const char *name;
	int number, args;
};

static const struct call calls[] = {
#define SYSCALL(number, name, args) {#name, number, args},
#include "syscalls.def"
#undef SYSCALL
};

static const struct call *call_of(int number)
{
	for (size_t n = 0; n < sizeof(calls) / sizeof(*calls); n++)
		if (calls[n].number == number)
			return &calls[n];
	return NULL;
}

const char *ex_syscall_name(int number)
{
	const struct call *call = call_of(number);
	return call ? call->name : ex_format("system call %d", number);
}

/* "read(3, 0x404060, 8) = 8" */
static const char *call_text(const struct ex_event *event)
{
	const struct ex_ev_wrote *fixed = EX_EVENT(event, wrote);
	const struct call *call = call_of(fixed->syscall);
	const char *text = ex_format("%s(", ex_syscall_name(fixed->syscall));
	for (int n = 0; n < (call ? call->args : 6) && (unsigned)(n + 1) * 8 <= event->tail[0].length; n++) {
		uint64_t arg;
		memcpy(&arg, event->tail[0].bytes + n * 8, sizeof(arg));
		text = ex_format(arg < 4096 || arg > UINT64_MAX - 4096 ? "%s%s%" PRId64 : "%s%s0x%" PRIx64, text,
				 n ? ", " : "", (int64_t)arg);
	}
	if (fixed->writer != EX_watch_writer_SYSCALL)
		return ex_format("%s)", text);
	return ex_format((int64_t)fixed->result < 4096 && (int64_t)fixed->result > -4096 ? "%s) = %" PRId64
											 : "%s) = 0x%" PRIx64,
			 text, (int64_t)fixed->result);
}

static const char *instruction_text(const struct ex_event *event)
{
	struct ex_instruction instruction;
	if (!event->tail[1].length)
		return NULL;
	ex_instruction_decode(&instruction, (const unsigned char *)event->tail[1].bytes, event->tail[1].length,
			      EX_EVENT(event, wrote)->pc, NULL);
	return instruction.is_known ? strdup(instruction.text) : NULL;
}

static uint64_t word_at(struct ex_text text, unsigned n)
{
	uint64_t word = 0;
	if ((n + 1) * sizeof(word) <= text.length)
		memcpy(&word, text.bytes + n * sizeof(word), sizeof(word));
	return word;
}

/* a sample is of the moment behind the instruction: its first frame is put back to the instruction itself; or, behind a call,
 * is the function that was called, and goes */
static void find_frames(struct ex_write *write, struct ex_symbols *symbols)
{
	const struct ex_event *event = write->event;
	const struct ex_ev_wrote *fixed = EX_EVENT(event, wrote);
	uint64_t stopped = word_at(event->tail[2], 16);
	struct ex_place frames[EX_WRITE_FRAMES_MAX];
	int count = 0, first = 0;
	ex_symbols_at(symbols, event->time_ns);
	if (event->tail[3].length)
		count = ex_symbols_unwind(symbols, event->tail[2], event->tail[3], 0, frames, EX_WRITE_FRAMES_MAX);
	if (!fixed->pc)
		return;
	int is_call = !fixed->is_behind && fixed->writer == EX_watch_writer_STORE &&
		      (fixed->pc > stopped || stopped - fixed->pc > 15);
	write->frames[write->frame_count++] = ex_symbols_place(symbols, fixed->pc, 0);
	first = is_call ? 2 : 1;
	for (int n = first; n < count && write->frame_count < EX_WRITE_FRAMES_MAX; n++)
		if (!ex_place_is_ours(&frames[n]))
			write->frames[write->frame_count++] = frames[n];
}

static void add_write(struct ex_watched *watched, const struct ex_event *event, struct ex_symbols *symbols,
		      uint64_t now_s)
{
	const struct ex_ev_wrote *fixed = EX_EVENT(event, wrote);
	if ((watched->count & (watched->count - 1)) == 0)
		watched->list =
			realloc(watched->list, (watched->count ? watched->count * 2 : 1) * sizeof(*watched->list));
	if (!watched->list)
		abort();
	struct ex_write *write = &watched->list[watched->count++];
	*write = (struct ex_write){.event = event,
				   .n = fixed->n,
				   .time_ns = event->time_ns,
				   .pid = fixed->pid,
				   .thread = fixed->thread,
				   .writer = fixed->writer,
				   .before = fixed->before,
				   .after = fixed->after,
				   .is_behind = fixed->is_behind,
				   .syscall = fixed->syscall,
				   .call = fixed->syscall >= 0 ? call_text(event) : NULL,
				   .text = instruction_text(event),
				   .looks_like = ex_value_text(fixed->after, now_s)};
	find_frames(write, symbols);
}

/* the pid that the event is about, 0: of all */
static uint32_t pid_of(const struct ex_event *event)
{
	switch (event->meta->id) {
	case EX_EV_WATCH:
		return EX_EVENT(event, watch)->pid;
	case EX_EV_WROTE:
		return EX_EVENT(event, wrote)->pid;
	case EX_EV_WATCH_NOTE:
		return EX_EVENT(event, watch_note)->pid;
	default:
		return 0;
	}
}

static void take(struct ex_watched *watched, const struct ex_event *event, struct ex_symbols *symbols, uint64_t now_s)
{
	switch (event->meta->id) {
	case EX_EV_WATCH:
		watched->watch = event;
		watched->address = EX_EVENT(event, watch)->address;
		watched->bytes = EX_EVENT(event, watch)->bytes;
		watched->by = EX_EVENT(event, watch)->by;
		watched->word = event->tail[0].bytes;
		watched->place = event->tail[1].bytes;
		break;
	case EX_EV_WROTE:
		add_write(watched, event, symbols, now_s);
		break;
	case EX_EV_WATCH_NOTE:
		watched->notes = realloc(watched->notes, (watched->note_count + 1) * sizeof(*watched->notes));
		if (!watched->notes)
			abort();
		watched->notes[watched->note_count++] = event;
		break;
	default:
		break;
	}
}

void ex_watched_find(struct ex_watched *watched, const struct ex_processes *processes, const struct ex_image *image,
		     struct ex_symbols *symbols)
{
	const struct ex_trace *trace = processes->trace;
	uint64_t from_ns = 0, to_ns = UINT64_MAX;
	*watched = (struct ex_watched){.word = "", .place = ""};
	for (size_t n = 0; n < processes->count; n++) {
		const struct ex_image *other = &processes->images[n];
		if (other->pid != image->pid || other == image)
			continue;
		if (other->image_ns < image->image_ns && other->end_ns > from_ns)
			from_ns = other->end_ns;
		if (other->image_ns > image->image_ns)
			to_ns = image->end_ns;
	}
	for (size_t n = 0; n < trace->count; n++) {
		const struct ex_event *event = &trace->events[n];
		if (event->meta->id < EX_EV_WATCH || event->meta->id > EX_EV_WATCH_END)
			continue;
		watched->is_asked = 1;
		int is_its = pid_of(event) == image->pid && event->time_ns >= from_ns && event->time_ns <= to_ns;
		if (event->meta->id == EX_EV_WROTE_MORE)
			watched->skipped = EX_EVENT(event, wrote_more)->count;
		else if (is_its)
			take(watched, event, symbols, 0);
	}
	if (watched->count)
		watched->last = &watched->list[watched->count - 1];
}

/* of a system call the first that is not libc's own: its wrapper says nothing new */
static const char *where(const struct ex_write *write)
{
	for (int n = 0; write->syscall >= 0 && n < write->frame_count; n++)
		if (strncmp(write->frames[n].module_name, "libc.so", 7) != 0)
			return ex_place_text(&write->frames[n]);
	return write->frame_count ? ex_place_text(&write->frames[0]) : "an unknown place";
}

const char *ex_write_text(const struct ex_write *write)
{
	const char *who = "";
	switch (write->writer) {
	case EX_watch_writer_STORE:
		who = ex_format("%s%s%s%s", write->is_behind ? "the instruction before " : "", where(write),
				write->text ? ": " : "", write->text ? write->text : "");
		break;
	case EX_watch_writer_SYSCALL:
		who = ex_format("the kernel, in %s, called at %s", write->call, where(write));
		break;
	case EX_watch_writer_SIGNAL:
		who = ex_format("the kernel, with a signal's frame for the handler %s", where(write));
		break;
	case EX_watch_writer_EXIT:
		who = ex_format("the kernel, as thread %u ended", write->thread);
		break;
	case EX_watch_writer_NEITHER:
		who = ex_format("the kernel, in one of several system calls, %s among them", write->call);
		break;
	default:
		who = ex_format("nobody that is watched; seen before %s", where(write));
		break;
	}
	return ex_format("0x%" PRIx64 " -> 0x%" PRIx64 "%s%s%s by %s", write->before, write->after,
			 write->looks_like ? " (" : "", write->looks_like ? write->looks_like : "",
			 write->looks_like ? ")" : "", who);
}
