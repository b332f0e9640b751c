/*
 * other.c: see tracee.h. A processor whose registers are not known here.
 */
#include "tracee.h"

#include <string.h>

int ex_tracee_is_possible(void)
{
	return 0;
}

int ex_tracee_read(pid_t tid, struct ex_tracee_regs *regs)
{
	(void)tid;
	memset(regs, 0, sizeof(*regs));
	return -1;
}

int ex_tracee_watch(pid_t tid, uint64_t address, unsigned bytes)
{
	(void)tid, (void)address, (void)bytes;
	return -1;
}

void ex_tracee_unwatch(pid_t tid)
{
	(void)tid;
}

int ex_tracee_was_hit(pid_t tid)
{
	(void)tid;
	return 0;
}

uint64_t ex_tracee_syscall_pc(uint64_t pc)
{
	return pc;
}

int ex_tracee_is_syscall(const unsigned char *bytes, unsigned count)
{
	(void)bytes, (void)count;
	return 0;
}

uint64_t ex_tracee_store_pc(const struct ex_tracee_regs *regs, uint64_t address, unsigned bytes,
			    int (*read)(void *arg, uint64_t address, void *buffer, unsigned count), void *arg,
			    unsigned char *code, unsigned *code_bytes)
{
	(void)regs, (void)address, (void)bytes, (void)read, (void)arg, (void)code;
	*code_bytes = 0;
	return 0;
}

int ex_tracee_stores(const struct ex_tracee_regs *regs, const unsigned char *code, unsigned count, uint64_t address,
		     unsigned bytes)
{
	(void)regs, (void)code, (void)count, (void)address, (void)bytes;
	return -1;
}
