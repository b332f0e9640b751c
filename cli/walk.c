/*
 * walk.c: see walk.h.
 */
#include "walk.h"

#include <string.h>

#define STEPS_MAX 64

int ex_walk_is_there(const struct ex_walk *w, uint64_t word)
{
	for (size_t n = 0; n < w->leads.mapping_count; n++) {
		const struct ex_ev_mapping *m = EX_EVENT(w->leads.mappings[n], mapping);
		if (word >= m->begin && word < m->end)
			return m->prot != 0;
	}
	return 0;
}

/* the one instruction that gave reg its value at that place; EX_BODY_ENTRY: the caller. 0: several, or not known */
static int source_of(const struct ex_walk *w, int at, int reg, int *source)
{
	return ex_body_sources(&w->body, at, reg, source, 1) == 1;
}

int ex_walk_address(struct ex_walk *w, int at, const struct ex_operation *op, uint64_t *address)
{
	uint64_t base = 0, index = 0;
	if (op->is_memory_odd || (op->base >= 0 && !ex_walk_value(w, at, op->base, &base)) ||
	    (op->index >= 0 && !ex_walk_value(w, at, op->index, &index)))
		return 0;
	*address = base + index * op->scale + (uint64_t)op->displacement;
	return 1;
}

static uint64_t extended(uint64_t word, unsigned bytes, int is_signed)
{
	unsigned shift = bytes && bytes < 8 ? 64 - 8 * bytes : 0;
	return is_signed ? (uint64_t)((int64_t)(word << shift) >> shift) : word << shift >> shift;
}

int ex_walk_store(const struct ex_walk *w, int n)
{
	const struct ex_operation *load = &w->body.list[n];
	int store;
	if (load->is_memory_odd || load->index >= 0 || (load->base != EX_WALK_RBP && load->base != EX_WALK_RSP) ||
	    ex_body_stores(&w->body, n, load, &store, 1) != 1 || store == EX_BODY_ENTRY)
		return -1;
	const struct ex_operation *op = &w->body.list[store];
	int is_same = op->kind == EX_OPERATION_STORE && op->from >= 0 && op->displacement == load->displacement &&
		      op->bytes >= load->bytes;
	return is_same ? store : -1;
}

/* only the stack was recorded, from its pointer up; of other memory nothing is known but what was just put there */
static int loaded_value(struct ex_walk *w, int at, const struct ex_operation *op, uint64_t *value)
{
	uint64_t address, word = 0;
	int store = ex_walk_store(w, at);
	if (store >= 0 && ex_walk_value(w, store, w->body.list[store].from, &word)) {
		*value = extended(word, op->bytes, op->is_signed);
		return 1;
	}
	if (!ex_walk_address(w, at, op, &address) || address < w->stack_begin ||
	    address - w->stack_begin + op->bytes > w->stack.length || op->bytes > 8)
		return 0;
	memcpy(&word, w->stack.bytes + (address - w->stack_begin), op->bytes);
	*value = extended(word, op->bytes, op->is_signed);
	return 1;
}

int ex_walk_value(struct ex_walk *w, int at, int reg, uint64_t *value)
{
	int n;
	uint64_t other;
	if (w->known >> reg & 1 && ex_body_keeps(&w->body, at, w->at, reg)) {
		*value = w->regs[reg];
		return 1;
	}
	if (++w->steps > STEPS_MAX || !source_of(w, at, reg, &n) || n == EX_BODY_ENTRY)
		return 0;
	const struct ex_operation *op = &w->body.list[n];
	switch (op->kind) {
	case EX_OPERATION_COPY:
		if (!ex_walk_value(w, n, op->from, value))
			return 0;
		*value = extended(*value, op->bytes, op->is_signed);
		return 1;
	case EX_OPERATION_CONSTANT:
		*value = (uint64_t)op->constant;
		return 1;
	case EX_OPERATION_ADDRESS:
		if (!ex_walk_address(w, n, op, value))
			return 0;
		*value = extended(*value, op->bytes, 0);
		return 1;
	case EX_OPERATION_ADD_CONSTANT:
		if (!ex_walk_value(w, n, reg, value))
			return 0;
		*value = extended(*value + (uint64_t)op->constant, op->bytes, 0);
		return 1;
	case EX_OPERATION_ADD:
		if (!ex_walk_value(w, n, reg, value) || !ex_walk_value(w, n, op->from, &other))
			return 0;
		*value = extended(*value + other, op->bytes, 0);
		return 1;
	case EX_OPERATION_SHIFT:
		if (!ex_walk_value(w, n, reg, value))
			return 0;
		*value = extended(*value << (op->constant & 63), op->bytes, 0);
		return 1;
	case EX_OPERATION_LOAD:
		return loaded_value(w, n, op, value);
	default:
		return 0;
	}
}
