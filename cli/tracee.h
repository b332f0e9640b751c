/*
 * tracee.h: a stopped thread of a traced process as its processor has it: registers, debug registers, the system call it is
 * in. The only place that knows which processor that is; arch/x86_64.c; for others arch/other.c, where nothing is possible.
 */
#ifndef EX_TRACEE_H
#define EX_TRACEE_H

#include <stdint.h>
#include <sys/types.h>

#define EX_TRACEE_REGS 17

struct ex_tracee_regs {
	uint64_t dwarf[EX_TRACEE_REGS];
	uint64_t pc, sp;
	int64_t number; /* of the system call; what the thread last had, where it is in none */
	uint64_t args[6], result;
};

int ex_tracee_is_possible(void);
int ex_tracee_read(pid_t tid, struct ex_tracee_regs *regs); /* 0, or -1 */
/* the word in debug registers; 0, or -1: this system has none, or does not give them. A part that is not aligned takes several */
int ex_tracee_watch(pid_t tid, uint64_t address, unsigned bytes);
void ex_tracee_unwatch(pid_t tid);
/* whether one of them stopped this thread since it was last asked */
int ex_tracee_was_hit(pid_t tid);
/* where the system call instruction is whose end has that program counter */
uint64_t ex_tracee_syscall_pc(uint64_t pc);
/* whether these bytes begin with one */
int ex_tracee_is_syscall(const unsigned char *bytes, unsigned count);
/* the instruction that stored to the word, by which the thread stopped behind it: 0 when it cannot be told. Of its bytes, up to
 * 15 are copied to code, *code_bytes says how many. read: memory of the process, 0 = not there */
uint64_t ex_tracee_store_pc(const struct ex_tracee_regs *regs, uint64_t address, unsigned bytes,
			    int (*read)(void *arg, uint64_t address, void *buffer, unsigned count), void *arg,
			    unsigned char *code, unsigned *code_bytes);
/* whether the instruction at regs->pc, about to run, stores to the word; -1: it is not known */
int ex_tracee_stores(const struct ex_tracee_regs *regs, const unsigned char *code, unsigned count, uint64_t address,
		     unsigned bytes);

#endif
