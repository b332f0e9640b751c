/*
 * climb.c: from a function of a dead process to the one that called it, for walk.h: how far the stack pointer has moved since the
 * function began, by its instructions, and where it has put the registers that it must give back. Must not guess: a caller that is
 * not known for certain would make another word the culprit.
 */
#include "walk.h"

#include <stdlib.h>
#include <string.h>

#define UNKNOWN INT64_MIN
/* rbx, rbp, r12 to r15: a function gives them back as they were */
static const int kept[] = {3, EX_WALK_RBP, 12, 13, 14, 15};

static int64_t behind(const struct ex_operation *op, int64_t moved)
{
	if (moved == UNKNOWN || op->kind == EX_OPERATION_CALL)
		return moved;
	if (op->kind == EX_OPERATION_PUSH)
		return moved + 8;
	if (op->kind == EX_OPERATION_POP)
		return op->to == EX_WALK_RSP ? UNKNOWN : moved - 8;
	if (op->kind == EX_OPERATION_ADD_CONSTANT && op->to == EX_WALK_RSP)
		return moved - op->constant;
	return op->writes >> EX_WALK_RSP & 1 ? UNKNOWN : moved;
}

/* bytes that the stack pointer has moved down at the beginning of each instruction, by the first way that is found there: compilers
 * make all ways alike */
static int64_t *moves(const struct ex_body *b)
{
	int64_t *moved = calloc(b->count + 1, sizeof(*moved));
	int *todo = calloc(b->count + 1, sizeof(*todo)), left = 0;
	unsigned char *seen = calloc(b->count + 1, 1);
	if (!moved || !todo || !seen)
		abort();
	todo[left++] = 0;
	seen[0] = 1;
	while (left) {
		int n = todo[--left], next[2] = {-1, -1};
		const struct ex_operation *op = &b->list[n];
		if (op->kind != EX_OPERATION_JUMP && op->kind != EX_OPERATION_END)
			next[0] = n + 1;
		if (op->target && (op->kind == EX_OPERATION_JUMP || op->kind == EX_OPERATION_BRANCH))
			next[1] = ex_body_at(b, op->target);
		for (int i = 0; i < 2; i++) {
			if (next[i] < 0 || next[i] >= (int)b->count || seen[next[i]])
				continue;
			seen[next[i]] = 1;
			moved[next[i]] = behind(op, moved[n]);
			todo[left++] = next[i];
		}
	}
	for (size_t n = 0; n < b->count; n++)
		if (!seen[n])
			moved[n] = UNKNOWN;
	free(todo);
	free(seen);
	return moved;
}

/* where the return address is. By the frame pointer where there is one: memory of the function's own may lie on the stack too */
static int find_return(const struct ex_walk *w, const int64_t *moved, uint64_t *at)
{
	int n;
	if (ex_body_sources(&w->body, w->at, EX_WALK_RBP, &n, 1) == 1 && n != EX_BODY_ENTRY &&
	    w->known >> EX_WALK_RBP & 1) {
		const struct ex_operation *op = &w->body.list[n];
		if (op->kind == EX_OPERATION_COPY && op->from == EX_WALK_RSP && op->bytes == 8 && moved[n] != UNKNOWN) {
			*at = w->regs[EX_WALK_RBP] + (uint64_t)moved[n];
			return 1;
		}
	}
	if (moved[w->at] == UNKNOWN || !(w->known >> EX_WALK_RSP & 1))
		return 0;
	*at = w->regs[EX_WALK_RSP] + (uint64_t)moved[w->at];
	return 1;
}

static int read_stack(const struct ex_walk *w, uint64_t address, uint64_t *word)
{
	if (address < w->stack_begin || address - w->stack_begin + 8 > w->stack.length)
		return 0;
	memcpy(word, w->stack.bytes + (address - w->stack_begin), 8);
	return 1;
}

/* what the caller had in it: unchanged, or pushed before anything else was done with it */
static int restore(const struct ex_walk *w, const int64_t *moved, uint64_t return_at, int reg, uint64_t *value)
{
	const struct ex_body *b = &w->body;
	int source;
	if (w->known >> reg & 1 && ex_body_keeps(b, 0, w->at, reg)) {
		*value = w->regs[reg];
		return 1;
	}
	for (int n = 0; n < (int)b->count; n++)
		if (b->list[n].kind == EX_OPERATION_PUSH && b->list[n].from == reg && moved[n] != UNKNOWN &&
		    ex_body_sources(b, n, reg, &source, 1) == 1 && source == EX_BODY_ENTRY)
			return read_stack(w, return_at - (uint64_t)moved[n] - 8, value);
	return 0;
}

int ex_walk_climb(struct ex_walk *w)
{
	uint64_t return_at, back, regs[17] = {0};
	uint32_t known = 0;
	struct ex_body caller;
	if (!w->body.function || w->body.is_odd)
		return 0;
	int64_t *moved = moves(&w->body);
	int is_found = find_return(w, moved, &return_at) && read_stack(w, return_at, &back);
	for (unsigned n = 0; is_found && n < sizeof(kept) / sizeof(kept[0]); n++)
		if (restore(w, moved, return_at, kept[n], &regs[kept[n]]))
			known |= 1u << kept[n];
	/* the others are the caller's still where nothing has changed them */
	for (int reg = 0; is_found && reg < 16; reg++)
		if (!(known >> reg & 1) && reg != EX_WALK_RSP && w->known >> reg & 1 &&
		    ex_body_keeps(&w->body, 0, w->at, reg)) {
			regs[reg] = w->regs[reg];
			known |= 1u << reg;
		}
	free(moved);
	if (!is_found || !ex_body_read(&caller, w->image, w->symbols, back - 1))
		return 0;
	int call = ex_body_before(&caller, back);
	const struct ex_operation *op = call >= 0 ? &caller.list[call] : NULL;
	/* one that went on to this function from another is not known to have left the registers alone */
	if (!op || op->kind != EX_OPERATION_CALL || !op->target ||
	    (op->target != w->body.function && !ex_body_is_stub(w->symbols, op->target))) {
		free(caller.list);
		return 0;
	}
	free(w->body.list);
	w->body = caller;
	w->at = call;
	regs[EX_WALK_RSP] = return_at + 8;
	w->known = known | 1u << EX_WALK_RSP;
	memcpy(w->regs, regs, sizeof(regs));
	return 1;
}
