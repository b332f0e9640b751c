/*
 * stray.c: see stray.h. The instruction that makes the system call is known, and who called that: from there the argument's register
 * is followed back, on every way through each function, to what gave it its value. An instruction: then the caller meant it. A call
 * to another function in between: by convention that leaves nothing in the register for anybody, so what stands there is what was
 * left. Must say "left" only where every way leads to such a call.
 */
#include "stray.h"

#include "body.h"
#include "registers.h"
#include "text.h"
#include "walk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WAYS_MAX 16
#define STEPS_MAX 200

struct written {
	int number, argument;
	int bytes; /* negative: times the result */
};
#define RESULT -1
#define RESULTS(bytes) -(bytes)
static const struct written table[] = {
#define WRITES(number, name, argument, bytes) {number, argument, bytes},
#include "kernel_writes.def"
#undef WRITES
	{-1, 0, 0}};

struct trail {
	struct ex_stray *stray;
	const struct ex_write *write;
	struct ex_place frames[EX_WRITE_FRAMES_MAX];
	int frame_count;
	struct ex_walk walk; /* beyond the frames that unwind tables give */
	const struct ex_image *image;
	struct ex_symbols *symbols;
	struct ex_body bodies[EX_WRITE_FRAMES_MAX];
	int is_read[EX_WRITE_FRAMES_MAX]; /* 1: read, -1: not there */
	int steps;
	const char *left_by; /* the call that left it */
};

static uint64_t argument_value(const struct ex_event *event, int argument)
{
	uint64_t value = 0;
	struct ex_text args = event->tail[ex_event_tail(event->meta, "args")];
	if (argument >= 1 && args.length >= (size_t)argument * 8)
		memcpy(&value, args.bytes + (argument - 1) * 8, 8);
	return value;
}

/* the argument by which the kernel came to write there; 0 */
static int argument_of(const struct ex_write *write, uint64_t address, uint64_t *pointer)
{
	uint64_t result = EX_EVENT(write->event, wrote)->result;
	for (unsigned n = 0; table[n].number >= 0; n++) {
		uint64_t bytes = table[n].bytes > 0 ? (uint64_t)table[n].bytes : result * (uint64_t)-table[n].bytes;
		*pointer = argument_value(write->event, table[n].argument);
		if (table[n].number == write->syscall && (int64_t)result >= 0 && *pointer && address + 7 >= *pointer &&
		    address < *pointer + bytes)
			return table[n].argument;
	}
	return 0;
}

static const struct ex_body *body_of(struct trail *t, int frame)
{
	if (!t->is_read[frame]) {
		uint64_t pc = t->frames[frame].address;
		/* frames in front of the place are behind a call; so is the place itself, mostly */
		t->is_read[frame] = ex_body_read(&t->bodies[frame], t->image, t->symbols, frame ? pc - 1 : pc) ||
						    ex_body_read(&t->bodies[frame], t->image, t->symbols, pc - 1)
					    ? 1
					    : -1;
	}
	return t->is_read[frame] > 0 ? &t->bodies[frame] : NULL;
}

static const char *place_text(struct trail *t, uint64_t address)
{
	struct ex_place place = ex_symbols_place(t->symbols, address, 0);
	return ex_place_text(&place);
}

static enum ex_stray_kind lose(struct trail *t, const char *why)
{
	t->stray->why = why;
	return EX_STRAY_UNKNOWN;
}

static enum ex_stray_kind follow(struct trail *t, int frame, int at, int reg);

/* that call began the function of the frame below, as far as its target is known. One that jumps on to another function may have
 * set the register in between */
static int began(struct trail *t, const struct ex_operation *call, int frame)
{
	return call->target && (call->target == t->frames[frame].function || ex_body_is_stub(t->symbols, call->target));
}

/* functions in assembly often have no unwind table: by the instructions of the one that made the call, then of its callers */
static int climb(struct trail *t)
{
	struct ex_walk *w = &t->walk;
	const struct ex_event *event = t->write->event;
	struct ex_text regs = event->tail[ex_event_tail(event->meta, "regs")];
	if (t->frame_count == EX_WRITE_FRAMES_MAX)
		return 0;
	if (!w->image) {
		if (t->frame_count != 1 || regs.length != sizeof(w->regs))
			return 0;
		memcpy(w->regs, regs.bytes, sizeof(w->regs));
		w->image = t->image;
		w->symbols = t->symbols;
		w->known = 0xffff;
		w->stack = event->tail[ex_event_tail(event->meta, "stack")];
		w->stack_begin = w->regs[EX_WALK_RSP];
		if (!ex_body_read(&w->body, t->image, t->symbols, t->frames[0].address - 1))
			return 0;
		w->at = ex_body_before(&w->body, t->frames[0].address);
		/* the system call's own instruction has run, and changed none that is kept */
	}
	if (w->at < 0 || !ex_walk_climb(w))
		return 0;
	const struct ex_operation *call = &w->body.list[w->at];
	t->frames[t->frame_count++] = ex_symbols_place(t->symbols, call->at + call->length, 1);
	return 1;
}

static enum ex_stray_kind in_caller(struct trail *t, int frame, int reg)
{
	if (frame + 1 >= t->frame_count && !climb(t))
		return lose(t, "it came in by a caller that is not known");
	const struct ex_body *b = body_of(t, frame + 1);
	int call = b ? ex_body_before(b, t->frames[frame + 1].address) : -1;
	if (call < 0 || b->list[call].kind != EX_OPERATION_CALL)
		return lose(t, "it came in by a caller whose code is not known");
	enum ex_stray_kind kind = follow(t, frame + 1, call, reg);
	if (kind == EX_STRAY_LEFT && !began(t, &b->list[call], frame))
		return lose(t, "it came in by a call whose target is not known");
	return kind;
}

/* the one store to a place of the function's own stack; -1 */
static int store_of(const struct ex_body *b, int n)
{
	const struct ex_operation *load = &b->list[n];
	int store;
	if (load->is_memory_odd || load->index >= 0 || (load->base != 6 && load->base != 7) ||
	    ex_body_stores(b, n, load, &store, 1) != 1 || store == EX_BODY_ENTRY)
		return -1;
	const struct ex_operation *op = &b->list[store];
	return op->kind == EX_OPERATION_STORE && op->from >= 0 && op->displacement == load->displacement ? store : -1;
}

static enum ex_stray_kind from_source(struct trail *t, int frame, int source, int reg)
{
	if (source == EX_BODY_ENTRY)
		return in_caller(t, frame, reg);
	const struct ex_body *b = body_of(t, frame);
	const struct ex_operation *op = &b->list[source];
	int store;
	switch (op->kind) {
	case EX_OPERATION_CALL:
	case EX_OPERATION_SYSCALL:
		if (!reg)
			break; /* what it returned */
		if (reg == 1)
			return lose(t,
				    ex_format("rdx may be the second half of what %s returned", place_text(t, op->at)));
		t->left_by = place_text(t, op->at);
		if (op->target) {
			struct ex_place callee = ex_symbols_place(t->symbols, op->target, 0);
			if (callee.symbol && !callee.symbol_offset)
				t->left_by = ex_format("%s, a call to %s", t->left_by, callee.symbol);
		}
		return EX_STRAY_LEFT;
	case EX_OPERATION_COPY:
		return follow(t, frame, source, op->from);
	case EX_OPERATION_LOAD:
		store = store_of(b, source);
		if (store >= 0)
			return follow(t, frame, store, b->list[store].from);
		break;
	default:
		break;
	}
	t->stray->why = ex_format("was set at %s", place_text(t, op->at));
	return EX_STRAY_MEANT;
}

/* what gave reg its value when that instruction began; LEFT only if all ways say so */
static enum ex_stray_kind follow(struct trail *t, int frame, int at, int reg)
{
	int sources[WAYS_MAX], count;
	const struct ex_body *b = body_of(t, frame);
	if (!b || ++t->steps > STEPS_MAX)
		return lose(t, "the code that it came through is not known");
	count = ex_body_sources(b, at, reg, sources, WAYS_MAX);
	if (count < 1 || count > WAYS_MAX)
		return lose(t, ex_format("the ways to %s are not all known", place_text(t, b->list[at].at)));
	enum ex_stray_kind all = EX_STRAY_LEFT;
	for (int n = 0; n < count; n++) {
		enum ex_stray_kind kind = from_source(t, frame, sources[n], reg);
		if (kind == EX_STRAY_MEANT)
			return kind;
		if (kind == EX_STRAY_UNKNOWN)
			all = kind;
	}
	return all;
}

/* the innermost one that is not libc's: by where it lies, since libc is the module that has the first frame of a wrapper */
static const char *caller_of(const struct ex_write *write)
{
	for (int n = 0; n < write->frame_count; n++)
		if (!write->frames[n].module_name || strncmp(write->frames[n].module_name, "libc.", 5))
			return ex_place_text(&write->frames[n]);
	return write->frame_count ? ex_place_text(&write->frames[0]) : NULL;
}

/* behind the object that the pointer leads to, in another one. A block of the heap is guard='s */
static int is_beyond(struct trail *t, uint64_t pointer, uint64_t address)
{
	uint64_t begin, end, other, other_end;
	const char *name = ex_symbols_object_at(t->symbols, pointer, &begin, &end);
	if (!name || address < end)
		return 0;
	const char *spoilt = ex_symbols_object_at(t->symbols, address, &other, &other_end);
	if (!spoilt || other < end)
		return 0;
	t->stray->why = ex_format("leads to %s, of which %" PRIu64 " bytes are left, and it wrote on into %s", name,
				  end - pointer, spoilt);
	return 1;
}

static const char *ordinal(int n)
{
	static const char *const words[] = {"", "first", "second", "third", "fourth", "fifth", "sixth"};
	return words[n];
}

void ex_stray_judge(struct ex_stray *stray, const struct ex_write *write, uint64_t address,
		    const struct ex_image *image, struct ex_symbols *symbols)
{
	static const int registers[] = {-1, 5, 4, 1, 10, 8, 9}; /* rdi, rsi, rdx, r10, r8, r9 */
	struct trail t = {.stray = stray, .write = write, .image = image, .symbols = symbols};
	uint64_t pointer;
	memset(stray, 0, sizeof(*stray));
	stray->caller = caller_of(write);
	memcpy(t.frames, write->frames, sizeof(t.frames));
	t.frame_count = write->frame_count;
	stray->argument = argument_of(write, address, &pointer);
	if (!stray->argument) {
		stray->why = "which of its arguments leads there is not known";
		return;
	}
	ex_symbols_at(symbols, write->time_ns);
	if (is_beyond(&t, pointer, address)) {
		stray->kind = EX_STRAY_BEYOND;
	} else {
		const struct ex_body *b = write->frame_count ? body_of(&t, 0) : NULL;
		uint64_t pc = write->frame_count ? write->frames[0].address : 0;
		int at = b ? ex_body_before(b, pc) : -1;
		if (at < 0 || b->list[at].kind != EX_OPERATION_SYSCALL)
			at = b ? ex_body_at(b, pc) : -1;
		if (at < 0 || b->list[at].kind != EX_OPERATION_SYSCALL)
			lose(&t, "the instruction that made it is not known");
		else
			stray->kind = follow(&t, 0, at, registers[stray->argument]);
	}
	if (stray->kind == EX_STRAY_LEFT)
		stray->why = ex_format("stood in %s, which nothing had set for it: it was left there at %s",
				       ex_register_name(17, (unsigned)registers[stray->argument]), t.left_by);
	stray->why = ex_format("its %s argument, 0x%" PRIx64 ", %s%s", ordinal(stray->argument), pointer,
			       stray->kind == EX_STRAY_UNKNOWN ? "may be meant or not: " : "", stray->why);
	ex_symbols_at(symbols, UINT64_MAX - 1);
	for (int n = 0; n < EX_WRITE_FRAMES_MAX; n++)
		free(t.bodies[n].list);
	free(t.walk.body.list);
}
