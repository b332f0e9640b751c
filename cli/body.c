/*
 * body.c: see body.h.
 */
#include "body.h"

#include "instruction.h"

#include <stdlib.h>
#include <string.h>

#define BYTES_MAX (64u << 10) /* of a function: beyond, its end is not looked for */

static void append(struct ex_body *b, const struct ex_operation *op)
{
	if (!(b->count & (b->count + 1)))
		b->list = reallocarray(b->list, 2 * b->count + 2, sizeof(*b->list));
	if (!b->list)
		abort();
	b->list[b->count++] = *op;
}

/* by address */
int ex_body_at(const struct ex_body *b, uint64_t pc)
{
	size_t low = 0, high = b->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (b->list[middle].at < pc)
			low = middle + 1;
		else
			high = middle;
	}
	return low < b->count && b->list[low].at == pc ? (int)low : -1;
}

int ex_body_before(const struct ex_body *b, uint64_t pc)
{
	for (size_t n = 0; n < b->count; n++)
		if (b->list[n].at + b->list[n].length == pc)
			return (int)n;
	return -1;
}

/* a jump by a table, or to the middle of what was decoded */
static int is_odd(const struct ex_body *b)
{
	for (size_t n = 0; n < b->count; n++) {
		const struct ex_operation *op = &b->list[n];
		if (op->kind != EX_OPERATION_JUMP && op->kind != EX_OPERATION_BRANCH)
			continue;
		if (!op->target)
			return 1;
		if (op->target >= b->list[0].at && op->target <= b->list[b->count - 1].at &&
		    ex_body_at(b, op->target) < 0)
			return 1;
	}
	return 0;
}

void ex_body_decode(struct ex_body *b, const unsigned char *bytes, size_t count, uint64_t begin, int is_whole)
{
	struct ex_operation op;
	memset(b, 0, sizeof(*b));
	b->function = is_whole ? begin : 0;
	for (size_t at = 0; at < count && ex_operation_decode(&op, bytes + at, count - at, begin + at); at += op.length)
		append(b, &op);
	b->is_odd = b->count && is_odd(b);
}

/* the file's bytes as far as the function goes: another begins where the place says so */
static int read_file(struct ex_body *b, struct ex_symbols *symbols, uint64_t pc)
{
	struct ex_place place = ex_symbols_place(symbols, pc, 0);
	unsigned char code[EX_INSTRUCTION_BYTES];
	struct ex_operation op = {0};
	if (!place.module || !place.function || place.function > pc)
		return 0;
	b->function = place.function;
	for (uint64_t at = place.function; at - place.function < BYTES_MAX; at += op.length) {
		size_t bytes = sizeof(code);
		/* behind its last instruction: where padding, or another function, begins */
		int may_end =
			at > pc && b->count &&
			(op.kind == EX_OPERATION_JUMP || op.kind == EX_OPERATION_END || op.kind == EX_OPERATION_CALL);
		if (may_end && ex_symbols_place(symbols, at, 0).function != place.function)
			break;
		while (bytes && !ex_symbols_read(symbols, at, code, bytes))
			bytes--;
		if (!bytes || !ex_operation_decode(&op, code, bytes, at))
			break;
		append(b, &op);
	}
	b->is_odd = b->count && is_odd(b);
	return b->count && pc < b->list[b->count - 1].at + b->list[b->count - 1].length;
}

/* code of no file: from the first byte of which decoding falls into step with pc */
static int read_told(struct ex_body *b, const struct ex_image *image, uint64_t pc)
{
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		const struct ex_ev_code_bytes *told = EX_EVENT(event, code_bytes);
		if (event->meta->id != EX_EV_CODE_BYTES || pc < told->begin ||
		    pc - told->begin >= event->tail[0].length)
			continue;
		for (unsigned skip = 0; skip < EX_INSTRUCTION_BYTES && told->begin + skip <= pc; skip++) {
			ex_body_decode(b, (const unsigned char *)event->tail[0].bytes + skip,
				       event->tail[0].length - skip, told->begin + skip, 0);
			if (ex_body_at(b, pc) >= 0)
				return 1;
			free(b->list);
		}
	}
	memset(b, 0, sizeof(*b));
	return 0;
}

int ex_body_read(struct ex_body *b, const struct ex_image *image, struct ex_symbols *symbols, uint64_t pc)
{
	memset(b, 0, sizeof(*b));
	if (read_file(b, symbols, pc))
		return 1;
	free(b->list);
	memset(b, 0, sizeof(*b));
	return read_told(b, image, pc);
}

static int goes_on(const struct ex_operation *op)
{
	return op->kind != EX_OPERATION_JUMP && op->kind != EX_OPERATION_END;
}

/* what is looked for: a register, or a place of memory */
struct wanted {
	int reg;
	const struct ex_operation *place; /* NULL: the register */
	int is_taken;			  /* the place's address was: a call may write to it */
};

static int gives(const struct ex_operation *op, const struct wanted *w)
{
	if (!w->place)
		return op->writes >> w->reg & 1;
	if ((op->kind == EX_OPERATION_CALL || op->kind == EX_OPERATION_SYSCALL) && w->is_taken)
		return 1;
	/* the base may be another by then: then it is another place */
	if (op->writes >> w->place->base & 1 && op->kind != EX_OPERATION_CALL)
		return 1;
	if (!op->is_written || op->base != w->place->base || op->index >= 0 || op->is_memory_odd)
		return 0;
	return op->displacement < w->place->displacement + (int64_t)w->place->bytes &&
	       w->place->displacement < op->displacement + (int64_t)op->bytes;
}

struct search {
	const struct ex_body *body;
	const struct wanted *wanted;
	unsigned char *seen;
	int *found, max, count, is_lost;
};

static void note(struct search *s, int source)
{
	for (int n = 0; n < s->count && n < s->max; n++)
		if (s->found[n] == source)
			return;
	if (s->count < s->max)
		s->found[s->count] = source;
	s->count++;
}

/* the one is executed just before the other, on some way */
static int leads(const struct ex_body *b, int before, int n)
{
	const struct ex_operation *op = &b->list[before];
	return (before == n - 1 && goes_on(op)) ||
	       ((op->kind == EX_OPERATION_JUMP || op->kind == EX_OPERATION_BRANCH) && op->target == b->list[n].at);
}

/* backwards from the beginning of instruction number at; a stack of places to look at instead of recursion */
static void look_back(struct search *s, int at)
{
	const struct ex_body *b = s->body;
	int *todo = calloc(b->count + 1, sizeof(*todo)), left = 1;
	if (!todo)
		abort();
	todo[0] = at;
	while (left) {
		int n = todo[--left], ways = 0;
		for (int before = 0; before < (int)b->count; before++) {
			const struct ex_operation *op = &b->list[before];
			int is_way = leads(b, before, n);
			ways += is_way;
			if (!is_way || s->seen[before])
				continue;
			s->seen[before] = 1;
			if (gives(op, s->wanted))
				note(s, before);
			else
				todo[left++] = before;
		}
		if (n == 0 && b->function)
			note(s, EX_BODY_ENTRY);
		else if (!ways && b->list[n].kind != EX_OPERATION_NOTHING)
			s->is_lost = 1; /* an exception's landing pad, or further back than is known */
	}
	free(todo);
}

static int search(const struct ex_body *b, int at, const struct wanted *w, int *sources, int max)
{
	struct search s = {.body = b, .wanted = w, .found = sources, .max = max};
	if (b->is_odd || at < 0 || (size_t)at >= b->count)
		return -1;
	s.seen = calloc(b->count + 1, 1);
	if (!s.seen)
		abort();
	look_back(&s, at);
	free(s.seen);
	return s.is_lost ? -1 : s.count;
}

int ex_body_sources(const struct ex_body *b, int at, int reg, int *sources, int max)
{
	return search(b, at, &(struct wanted){.reg = reg}, sources, max);
}

/* the address of something at or below it, which may reach up to it */
static int is_taken(const struct ex_body *b, const struct ex_operation *place)
{
	for (size_t n = 0; n < b->count; n++)
		if (b->list[n].kind == EX_OPERATION_ADDRESS && b->list[n].base == place->base &&
		    b->list[n].displacement <= place->displacement)
			return 1;
	return 0;
}

int ex_body_stores(const struct ex_body *b, int at, const struct ex_operation *place, int *sources, int max)
{
	return search(b, at, &(struct wanted){.place = place, .is_taken = is_taken(b, place)}, sources, max);
}

/* marks what can be reached from an instruction without passing stop: forwards what runs after it, backwards what runs before */
static void mark(const struct ex_body *b, int begin, int stop, int is_forward, unsigned char *marks)
{
	int *todo = calloc(b->count + 1, sizeof(*todo)), left = 1;
	if (!todo)
		abort();
	todo[0] = begin;
	while (left) {
		int n = todo[--left];
		for (int other = 0; other < (int)b->count; other++) {
			if (marks[other] || !(is_forward ? leads(b, n, other) : leads(b, other, n)))
				continue;
			marks[other] = 1;
			if (other != stop)
				todo[left++] = other;
		}
	}
	free(todo);
}

int ex_body_keeps(const struct ex_body *b, int from, int to, int reg)
{
	if (from == to)
		return 1;
	if (b->is_odd || from < 0 || to < 0)
		return 0;
	unsigned char *after = calloc(b->count + 1, 1), *before = calloc(b->count + 1, 1);
	if (!after || !before)
		abort();
	mark(b, from, from, 1, after);
	mark(b, to, from, 0, before);
	int is_kept = !(b->list[from].writes >> reg & 1);
	for (size_t n = 0; n < b->count; n++)
		if (after[n] && before[n] && (int)n != from && b->list[n].writes >> reg & 1)
			is_kept = 0;
	free(after);
	free(before);
	return is_kept;
}

int ex_body_is_stub(struct ex_symbols *symbols, uint64_t address)
{
	unsigned char code[16];
	struct ex_operation op = {0};
	size_t bytes = sizeof(code);
	while (bytes && !ex_symbols_read(symbols, address, code, bytes))
		bytes--;
	for (size_t at = 0; at < bytes && ex_operation_decode(&op, code + at, bytes - at, address + at);
	     at += op.length)
		if (op.kind == EX_OPERATION_JUMP)
			return op.has_memory;
	return 0;
}
