/*
 * origin.c: see origin.h. The register is chosen by what the process' map says of the others: where two of them make an address
 * together, the one that leads into memory that is there is the good one. It is then followed back through copies, additions and
 * shifts to the instruction that loaded it, and through the function's own stack, where code that was not optimized keeps all
 * values. The address of the word is made of registers that have not changed since, of addresses in the code itself, and of what
 * the recorded stack holds. Where several instructions may have given the value, nothing is said.
 */
#include "origin.h"

#include "instruction.h"
#include "registers.h"
#include "text.h"
#include "walk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 64
#define CALLERS_MAX 8
#define SMALL 0x10000 /* below all memory */

struct walk {
	struct ex_walk in;
	struct ex_origin *origin;
	int steps, callers;
};

static int lose(struct walk *w, const char *why)
{
	w->origin->why = why;
	return 0;
}

static const char *name_of(int reg)
{
	return ex_register_name(17, (unsigned)reg);
}

static const char *at_text(const struct walk *w, int n)
{
	struct ex_place place = ex_symbols_place(w->in.symbols, w->in.body.list[n].at, 0);
	return ex_place_text(&place);
}

static int chase(struct walk *w, int at, int reg);

static int found(struct walk *w, int n, uint64_t address, unsigned bytes)
{
	struct ex_origin *o = w->origin;
	struct ex_instruction instruction;
	const struct ex_operation *op = &w->in.body.list[n];
	unsigned char code[EX_INSTRUCTION_BYTES];
	o->is_known = 1;
	o->address = address;
	o->bytes = bytes;
	o->pc = op->at;
	if (ex_symbols_read(w->in.symbols, op->at, code, op->length)) {
		ex_instruction_decode(&instruction, code, op->length, op->at, NULL);
		o->text = instruction.is_known ? ex_format("%s", instruction.text) : NULL;
	}
	return 1;
}

/* it could be read then */
static const char nowhere[] = "the address that it would have been loaded from leads nowhere";

static int chase_load(struct walk *w, int n)
{
	const struct ex_operation *op = &w->in.body.list[n];
	uint64_t address;
	int store = ex_walk_store(&w->in, n);
	if (store >= 0)
		return chase(w, store, w->in.body.list[store].from);
	if (op->bytes > 8)
		return lose(w, "it was loaded together with others");
	if (!ex_walk_address(&w->in, n, op, &address))
		return lose(w, ex_format("it was loaded at %s, from an address that nothing tells any more",
					 at_text(w, n)));
	return ex_walk_is_there(&w->in, address) ? found(w, n, address, op->bytes) : lose(w, nowhere);
}

/* a part of a sum that does not make it bad: it leads into memory that is there, or is a small number */
static int is_good(struct walk *w, int n, int reg, uint64_t *value)
{
	return ex_walk_value(&w->in, n, reg, value) &&
	       (ex_walk_is_there(&w->in, *value) || *value < SMALL || -*value < SMALL);
}

/* which of two that were added is the bad one */
static int chase_sum(struct walk *w, int n, int one, int two)
{
	uint64_t first = 0, second = 0;
	int is_good_one = is_good(w, n, one, &first), is_good_two = is_good(w, n, two, &second);
	if (is_good_one == is_good_two)
		return lose(w, ex_format("it is a sum, made at %s, of which %s", at_text(w, n),
					 is_good_one ? "both parts are good" : "no part is known to be good"));
	w->origin->loaded -= is_good_one ? first : second;
	return chase(w, n, is_good_one ? two : one);
}

static int chase_sum_of_memory(struct walk *w, int n, int reg)
{
	uint64_t address, value;
	if (!is_good(w, n, reg, &value))
		return lose(w,
			    ex_format("it is a sum, made at %s, of which no part is known to be good", at_text(w, n)));
	w->origin->loaded -= value;
	if (!ex_walk_address(&w->in, n, &w->in.body.list[n], &address) || !ex_walk_is_there(&w->in, address))
		return lose(w, nowhere);
	return found(w, n, address, w->in.body.list[n].bytes);
}

/* what lea adds up */
static int chase_address(struct walk *w, int n)
{
	const struct ex_operation *op = &w->in.body.list[n];
	if (op->base < 0 && op->index < 0)
		return lose(w, ex_format("it is an address that the code itself has, at %s", at_text(w, n)));
	w->origin->loaded -= (uint64_t)op->displacement;
	if (op->base >= 0 && op->index >= 0 && op->base != op->index)
		return chase_sum(w, n, op->base, op->index);
	if (op->base < 0 || op->base == op->index)
		w->origin->loaded = (uint64_t)((int64_t)w->origin->loaded / (op->scale + (op->base >= 0)));
	return chase(w, n, op->base >= 0 ? op->base : op->index);
}

/* it came in with the call */
static int chase_caller(struct walk *w, int reg)
{
	struct ex_place place = ex_symbols_place(w->in.symbols, w->in.body.function, 0);
	if (++w->callers > CALLERS_MAX || !ex_walk_climb(&w->in))
		return lose(w, ex_format("%s had its value when %s began, and who called that is not known for certain",
					 name_of(reg), ex_place_text(&place)));
	return chase(w, w->in.at, reg);
}

static int chase(struct walk *w, int at, int reg)
{
	int n, count = ex_body_sources(&w->in.body, at, reg, &n, 1);
	if (++w->steps > STEPS_MAX)
		return lose(w, "it has come too long a way");
	if (count < 0)
		return lose(w, w->in.body.function ? "the function has jumps whose targets are not known"
						   : "it came from further back than the code that was recorded");
	if (count != 1)
		return lose(w, ex_format("%s has its value by one of %d ways", name_of(reg), count));
	if (n == EX_BODY_ENTRY)
		return chase_caller(w, reg);
	const struct ex_operation *op = &w->in.body.list[n];
	switch (op->kind) {
	case EX_OPERATION_COPY:
		return chase(w, n, op->from);
	case EX_OPERATION_ADD_CONSTANT:
		w->origin->loaded -= (uint64_t)op->constant;
		return chase(w, n, reg);
	case EX_OPERATION_SHIFT:
		w->origin->loaded = (uint64_t)((int64_t)w->origin->loaded >> (op->constant & 63));
		return chase(w, n, reg);
	case EX_OPERATION_ADD:
		if (op->from != reg)
			return chase_sum(w, n, reg, op->from);
		w->origin->loaded = (uint64_t)((int64_t)w->origin->loaded >> 1);
		return chase(w, n, reg);
	case EX_OPERATION_ADD_MEMORY:
		return chase_sum_of_memory(w, n, reg);
	case EX_OPERATION_ADDRESS:
		return chase_address(w, n);
	case EX_OPERATION_LOAD:
		return chase_load(w, n);
	case EX_OPERATION_CONSTANT:
		return lose(w, ex_format("it is a constant of the program's, at %s", at_text(w, n)));
	case EX_OPERATION_CALL:
		return lose(w, ex_format("it is what the call at %s %s", at_text(w, n), reg ? "left" : "returned"));
	case EX_OPERATION_SYSCALL:
		return lose(w,
			    ex_format("it is what the system call at %s %s", at_text(w, n), reg ? "left" : "returned"));
	default:
		return lose(w, ex_format("it was computed at %s", at_text(w, n)));
	}
}

static int start(struct walk *w, int reg)
{
	w->origin->reg = reg;
	w->origin->value = w->origin->loaded = w->in.regs[reg];
	return chase(w, w->in.at, reg);
}

/* by the address that the instruction used: base and index are good where they lead */
static int from_memory(struct walk *w, const struct ex_operation *op)
{
	int has_base = op->base >= 0, has_index = op->index >= 0;
	if (op->is_memory_odd || (!has_base && !has_index))
		return lose(w, "no register made the address");
	if (has_base && has_index && op->base != op->index) {
		int is_good_base = ex_walk_is_there(&w->in, w->in.regs[op->base]),
		    is_good_index = ex_walk_is_there(&w->in, w->in.regs[op->index]);
		if (is_good_base && !is_good_index)
			return start(w, op->index);
		if (is_good_index && !is_good_base)
			return start(w, op->base);
		return lose(w, is_good_base ? "both registers that made the address lead into memory that is there"
					    : "no register that made the address leads anywhere");
	}
	return start(w, has_base ? op->base : op->index);
}

/* the program counter is the bad value: what called it is in front of the return address */
static int from_call(struct walk *w, uint64_t pc)
{
	uint64_t back;
	if (w->in.stack.length < sizeof(back))
		return lose(w, "there is no stack that says who called it");
	memcpy(&back, w->in.stack.bytes, sizeof(back));
	if (!ex_body_read(&w->in.body, w->in.image, w->in.symbols, back - 1) &&
	    !ex_body_read(&w->in.body, w->in.image, w->in.symbols, back))
		return lose(w, "the code of its caller is not known, or it was no call");
	w->in.at = ex_body_before(&w->in.body, back);
	const struct ex_operation *op = w->in.at >= 0 ? &w->in.body.list[w->in.at] : NULL;
	if (!op || op->kind != EX_OPERATION_CALL || op->target)
		return lose(w, "it was not called from where the stack leads: a jump, or a return, went there");
	w->in.regs[EX_WALK_RSP] += 8;
	if (op->from >= 0) {
		if (w->in.regs[op->from] != pc)
			return lose(w, "the register of the call has another value: a jump, or a return, went there");
		return start(w, op->from);
	}
	w->origin->value = w->origin->loaded = pc;
	uint64_t address;
	if (!op->has_memory || !ex_walk_address(&w->in, w->in.at, op, &address))
		return lose(w, "the address of the pointer that was called cannot be told");
	if (!ex_walk_is_there(&w->in, address))
		return lose(w, nowhere);
	return found(w, w->in.at, address, 8);
}

static int from_instruction(struct walk *w)
{
	const struct ex_operation *op = &w->in.body.list[w->in.at];
	uint64_t top;
	if (op->kind == EX_OPERATION_END) {
		if (w->in.stack.length < sizeof(top))
			return lose(w, "its stack was not recorded");
		memcpy(&top, w->in.stack.bytes, sizeof(top));
		w->origin->is_return = 1;
		w->origin->value = w->origin->loaded = top;
		return found(w, w->in.at, w->in.regs[EX_WALK_RSP], 8);
	}
	if ((op->kind == EX_OPERATION_CALL || op->kind == EX_OPERATION_JUMP) && op->from >= 0)
		return start(w, op->from);
	if ((op->kind == EX_OPERATION_CALL || op->kind == EX_OPERATION_JUMP) && op->has_memory) {
		uint64_t address;
		if (ex_walk_address(&w->in, w->in.at, op, &address) && ex_walk_is_there(&w->in, address)) {
			/* what it read there is the bad one: of a pointer that no code can be at */
			return found(w, w->in.at, address, 8);
		}
	}
	if (!op->has_memory)
		return lose(w, "the instruction used no memory");
	return from_memory(w, op);
}

/* a name that a run with another layout knows too */
static void name_word(struct walk *w)
{
	struct ex_origin *o = w->origin;
	const struct ex_module *module = ex_image_module(w->in.image, o->address, w->in.leads.end_ns);
	if (module) {
		struct ex_place place = ex_symbols_place(w->in.symbols, o->address, 0);
		o->word = ex_place_module_offset(&place);
		o->where = ex_place_text(&place);
		return;
	}
	o->word = ex_format("0x%" PRIx64, o->address);
	for (size_t n = 0; n < w->in.leads.mapping_count; n++) {
		const struct ex_ev_mapping *m = EX_EVENT(w->in.leads.mappings[n], mapping);
		if (o->address >= m->begin && o->address < m->end)
			o->where = ex_format("mapping #%u + 0x%" PRIx64, m->n, o->address - m->begin);
	}
}

int ex_origin_word(struct ex_origin *o, const struct ex_image *image, struct ex_symbols *symbols)
{
	struct walk w = {.origin = o, .in = {.image = image, .symbols = symbols, .known = 0xffff}};
	const struct ex_event *crash = image->crash;
	memset(o, 0, sizeof(*o));
	o->reg = -1;
	if (!crash || EX_EVENT(crash, crash)->code <= 0)
		return lose(&w, "it died of no fault");
	struct ex_text sample = crash->tail[ex_event_tail(crash->meta, "regs")];
	if (sample.length != sizeof(w.in.regs) || !ex_instruction_is_possible())
		return lose(&w, sample.length == sizeof(w.in.regs)
					? "this exeunt cannot read instructions: it was built without Zydis "
					  "(libzydis-dev)"
					: "instructions of this processor are not read");
	memcpy(w.in.regs, sample.bytes, sizeof(w.in.regs));
	w.in.stack = crash->tail[ex_event_tail(crash->meta, "stack")];
	w.in.stack_begin = w.in.regs[EX_WALK_RSP];
	ex_leads_find(&w.in.leads, image, symbols);
	ex_symbols_at(symbols, crash->time_ns);
	uint64_t pc = EX_EVENT(crash, crash)->pc;
	if (!ex_walk_is_there(&w.in, pc) && pc == EX_EVENT(crash, crash)->address)
		from_call(&w, pc);
	else if (!ex_body_read(&w.in.body, image, symbols, pc) || (w.in.at = ex_body_at(&w.in.body, pc)) < 0)
		lose(&w, "the code where it died is not known");
	else
		from_instruction(&w);
	if (o->is_known)
		name_word(&w);
	ex_symbols_at(symbols, UINT64_MAX - 1);
	free(w.in.body.list);
	return o->is_known;
}
