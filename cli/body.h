/*
 * body.h: the code of one function of a dead process, instruction by instruction, and which of them may have given a register or a
 * place of the stack the value that it has at another: every way through the function is considered.
 */
#ifndef EX_BODY_H
#define EX_BODY_H

#include "operation.h"
#include "symbols.h"

#define EX_BODY_ENTRY (-1) /* no instruction of it: the value came in by the caller */

struct ex_body {
	struct ex_operation *list;
	size_t count;
	uint64_t function; /* its beginning; 0: only a piece of it is known */
	int is_odd;	   /* jumps whose targets are not known lead into it: nothing can be said of all ways */
};

/* the function around pc, in a file or, for code of none, in the bytes that were told at the crash. 0: its bytes are not there */
int ex_body_read(struct ex_body *body, const struct ex_image *image, struct ex_symbols *symbols, uint64_t pc);
/* out of bytes, which begin at begin: for those that are at hand. is_whole: the function begins there */
void ex_body_decode(struct ex_body *body, const unsigned char *bytes, size_t count, uint64_t begin, int is_whole);
/* index of the instruction at pc, or of the one that ends there; -1 */
int ex_body_at(const struct ex_body *body, uint64_t pc);
int ex_body_before(const struct ex_body *body, uint64_t pc);

/* those that may have given register reg the value that it has when instruction number at begins. Returns how many, at most max
 * are written; -1: that cannot be said */
int ex_body_sources(const struct ex_body *body, int at, int reg, int *sources, int max);
/* the same for the bytes at base + displacement, with no index: stores to just there. A call on the way, where the place's address
 * was taken in this function, is one of them */
int ex_body_stores(const struct ex_body *body, int at, const struct ex_operation *place, int *sources, int max);
/* reg has at the beginning of instruction to what it had at the beginning of instruction from, when that ran last: nothing on any way
 * between the two changes it */
int ex_body_keeps(const struct ex_body *body, int from, int to, int reg);
/* code that only jumps on by a table of addresses, as a call to another library goes: all registers stay */
int ex_body_is_stub(struct ex_symbols *symbols, uint64_t address);

#endif
