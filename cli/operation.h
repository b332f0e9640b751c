/*
 * operation.h: what one instruction does to registers and memory, as far as values are followed through it: copies, loads, stores,
 * additions, shifts, calls. Over Zydis, for x86-64, where it was there when exeunt was built. Registers by their DWARF numbers.
 */
#ifndef EX_OPERATION_H
#define EX_OPERATION_H

#include <stddef.h>
#include <stdint.h>

enum ex_operation_kind {
	EX_OPERATION_OTHER,
	EX_OPERATION_NOTHING,  /* nop */
	EX_OPERATION_COPY,     /* to = from, the low bytes of it */
	EX_OPERATION_CONSTANT, /* to = constant */
	EX_OPERATION_LOAD,     /* to = the bytes at memory */
	EX_OPERATION_STORE,    /* bytes at memory = from; from -1: a constant, or no register that is followed */
	EX_OPERATION_ADDRESS,  /* to = address of memory */
	EX_OPERATION_ADD,      /* to = to + from */
	EX_OPERATION_ADD_CONSTANT,
	EX_OPERATION_ADD_MEMORY, /* to = to + the bytes at memory */
	EX_OPERATION_SHIFT,	 /* to = to << constant */
	EX_OPERATION_PUSH,	 /* from onto the stack */
	EX_OPERATION_POP,	 /* to from the stack */
	EX_OPERATION_CALL,	 /* through memory where has_memory, by register from, or to target */
	EX_OPERATION_JUMP,	 /* the same; nothing goes on behind it */
	EX_OPERATION_BRANCH,
	EX_OPERATION_END, /* nothing goes on behind it: ret, ud2, hlt */
	EX_OPERATION_SYSCALL,
};

struct ex_operation {
	uint64_t at;
	unsigned length;
	enum ex_operation_kind kind;
	int to, from; /* -1: none */
	unsigned bytes;
	int is_signed; /* what is loaded or copied is extended by its sign; else by zeros */
	int64_t constant;
	int has_memory;
	int is_written;	      /* that memory is */
	int is_memory_odd;    /* fs:, gs:, vectors of addresses: its address cannot be told from registers */
	int base, index;      /* -1: none */
	unsigned scale;	      /* of index */
	int64_t displacement; /* from the next instruction on: that is added already */
	uint64_t target;      /* of a jump, branch or call to a place that the instruction has; 0 */
	uint32_t
		writes; /* bit N: register N has another value afterwards, for a call what it may change by convention */
};

/* 0: no instruction, or built without Zydis */
int ex_operation_decode(struct ex_operation *operation, const unsigned char *bytes, size_t count, uint64_t address);

#endif
