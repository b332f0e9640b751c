/*
 * x86_64.c: see tracee.h. A debug register stops behind the store, so the instruction before has to be found: of all
 * lengths that end there, one that writes to the word by the registers as they are, or the one that decoding from further
 * before falls into step with.
 */
#include "tracee.h"

#include "instruction.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#define SLOTS 4
#define DEBUG_REGISTER(n) (offsetof(struct user, u_debugreg) + (n) * sizeof(((struct user *)0)->u_debugreg[0]))
#define STATUS DEBUG_REGISTER(6)
#define CONTROL DEBUG_REGISTER(7)
#define BEFORE_BYTES 64

int ex_tracee_is_possible(void)
{
	return 1;
}

int ex_tracee_read(pid_t tid, struct ex_tracee_regs *regs)
{
	struct user_regs_struct u;
	if (ptrace(PTRACE_GETREGS, tid, NULL, &u))
		return -1;
	const uint64_t dwarf[EX_TRACEE_REGS] = {u.rax, u.rdx, u.rcx, u.rbx, u.rsi, u.rdi, u.rbp, u.rsp, u.r8,
						u.r9,  u.r10, u.r11, u.r12, u.r13, u.r14, u.r15, u.rip};
	const uint64_t args[6] = {u.rdi, u.rsi, u.rdx, u.r10, u.r8, u.r9};
	memcpy(regs->dwarf, dwarf, sizeof(dwarf));
	memcpy(regs->args, args, sizeof(args));
	regs->pc = u.rip;
	regs->sp = u.rsp;
	regs->number = (int64_t)u.orig_rax;
	regs->result = u.rax;
	return 0;
}

/* the largest piece that a debug register can have at that address */
static unsigned piece(uint64_t address, unsigned left)
{
	unsigned bytes = 8;
	while (bytes > left || address % bytes)
		bytes /= 2;
	return bytes;
}

void ex_tracee_unwatch(pid_t tid)
{
	ptrace(PTRACE_POKEUSER, tid, CONTROL, 0);
	ptrace(PTRACE_POKEUSER, tid, STATUS, 0);
}

int ex_tracee_watch(pid_t tid, uint64_t address, unsigned bytes)
{
	static const unsigned lengths[9] = {[1] = 0, [2] = 1, [4] = 3, [8] = 2};
	unsigned long control = 0;
	ex_tracee_unwatch(tid);
	for (unsigned n = 0, done = 0; done < bytes && n < SLOTS; n++) {
		unsigned length = piece(address + done, bytes - done);
		if (ptrace(PTRACE_POKEUSER, tid, DEBUG_REGISTER(n), address + done))
			return -1;
		/* bit 2n: on, for this thread; from 16 + 4n: writes (01), and the length */
		control |= 1ul << (2 * n) | (1ul | (unsigned long)lengths[length] << 2) << (16 + 4 * n);
		done += length;
	}
	if (ptrace(PTRACE_POKEUSER, tid, CONTROL, control))
		return -1;
	/* gVisor says yes and forgets it */
	errno = 0;
	long read = ptrace(PTRACE_PEEKUSER, tid, CONTROL, 0);
	return errno || ((unsigned long)read & control) != control ? -1 : 0;
}

int ex_tracee_was_hit(pid_t tid)
{
	errno = 0;
	long status = ptrace(PTRACE_PEEKUSER, tid, STATUS, 0);
	if (errno || !(status & ((1 << SLOTS) - 1)))
		return 0;
	ptrace(PTRACE_POKEUSER, tid, STATUS, 0);
	return 1;
}

uint64_t ex_tracee_syscall_pc(uint64_t pc)
{
	return pc - 2;
}

/* syscall, sysenter, int 0x80 */
int ex_tracee_is_syscall(const unsigned char *bytes, unsigned count)
{
	return count >= 2 &&
	       ((bytes[0] == 0x0f && (bytes[1] == 0x05 || bytes[1] == 0x34)) || (bytes[0] == 0xcd && bytes[1] == 0x80));
}

static int overlaps(uint64_t a, unsigned a_bytes, uint64_t b, unsigned b_bytes)
{
	return a < b + b_bytes && b < a + a_bytes;
}

/* by the registers that are given; a vector or state store may be longer than is told */
static int reaches(const struct ex_instruction *i, uint64_t address, unsigned bytes)
{
	unsigned size = i->memory_bytes ? i->memory_bytes : 1;
	return i->is_known && i->writes && i->is_memory_known && overlaps(i->memory, size, address, bytes);
}

int ex_tracee_stores(const struct ex_tracee_regs *regs, const unsigned char *code, unsigned count, uint64_t address,
		     unsigned bytes)
{
	struct ex_instruction i;
	if (!ex_instruction_is_possible() || !count)
		return -1;
	ex_instruction_decode(&i, code, count, regs->pc, regs->dwarf);
	if (!i.is_known)
		return -1;
	if (reaches(&i, address, bytes))
		return 1;
	/* a push or a call, which go below the stack pointer; fs: and gs:, whose bases are not known */
	if (overlaps(regs->sp - 8, 8, address, bytes) && (!strncmp(i.text, "push", 4) || !strncmp(i.text, "call", 4)))
		return 1;
	return i.writes && !i.is_memory_known ? -1 : 0;
}

/* a call leaves its return address, and the thread is at what was called */
static uint64_t pushed_by_call(const struct ex_tracee_regs *regs, uint64_t address, unsigned bytes,
			       int (*read)(void *arg, uint64_t address, void *buffer, unsigned count), void *arg)
{
	uint64_t back;
	unsigned char code[8];
	if (!overlaps(regs->sp, 8, address, bytes) || !read(arg, regs->sp, &back, sizeof(back)) ||
	    !read(arg, back - 7, code, 7))
		return 0;
	for (unsigned length = 7; length >= 2; length--) {
		struct ex_instruction i;
		ex_instruction_decode(&i, code + 7 - length, length, back - length, regs->dwarf);
		if (i.is_known && i.length == length && !strncmp(i.text, "call", 4))
			return back - length;
	}
	return 0;
}

static uint64_t copied(uint64_t pc, unsigned length, unsigned char *code, unsigned *code_bytes,
		       int (*read)(void *arg, uint64_t address, void *buffer, unsigned count), void *arg)
{
	*code_bytes = read(arg, pc, code, length) ? length : 0;
	return pc;
}

uint64_t ex_tracee_store_pc(const struct ex_tracee_regs *regs, uint64_t address, unsigned bytes,
			    int (*read)(void *arg, uint64_t address, void *buffer, unsigned count), void *arg,
			    unsigned char *code, unsigned *code_bytes)
{
	unsigned char around[BEFORE_BYTES + EX_INSTRUCTION_BYTES];
	unsigned before = BEFORE_BYTES, behind = EX_INSTRUCTION_BYTES, in_step = 0, longest = 0;
	struct ex_instruction list[BEFORE_BYTES + 4], i;
	*code_bytes = 0;
	if (!ex_instruction_is_possible())
		return 0;
	/* a page before, or behind, may not be there */
	while (before && !read(arg, regs->pc - before, around + BEFORE_BYTES - before, before))
		before /= 2;
	while (behind && !read(arg, regs->pc, around + BEFORE_BYTES, behind))
		behind--;
	if (behind) { /* rep: it is not through with it */
		ex_instruction_decode(&i, around + BEFORE_BYTES, behind, regs->pc, NULL);
		if (i.is_known && i.writes && !strncmp(i.text, "rep ", 4) && regs->dwarf[5] + 64 >= address &&
		    regs->dwarf[5] <= address + bytes + 64)
			return copied(regs->pc, i.length, code, code_bytes, read, arg);
	}
	size_t count =
		before ? ex_instructions_around(list, sizeof(list) / sizeof(*list), around + BEFORE_BYTES - before,
						before + behind, regs->pc - before, regs->pc, NULL)
		       : 0;
	for (size_t n = 0; n < count; n++)
		if (list[n].address + list[n].length == regs->pc)
			in_step = list[n].length;
	for (unsigned length = 1; length <= EX_INSTRUCTION_BYTES && length <= before; length++) {
		ex_instruction_decode(&i, around + BEFORE_BYTES - length, length, regs->pc - length, regs->dwarf);
		if (!i.is_known || i.length != length || !reaches(&i, address, bytes))
			continue;
		if (length == in_step)
			return copied(regs->pc - length, length, code, code_bytes, read, arg);
		longest = length;
	}
	uint64_t call = pushed_by_call(regs, address, bytes, read, arg);
	if (call)
		return copied(call, 7, code, code_bytes, read, arg);
	if (in_step) { /* one that changed its own address register, or a longer store than is told */
		ex_instruction_decode(&i, around + BEFORE_BYTES - in_step, in_step, regs->pc - in_step, regs->dwarf);
		if (i.is_known && i.writes)
			return copied(regs->pc - in_step, in_step, code, code_bytes, read, arg);
	}
	return longest ? copied(regs->pc - longest, longest, code, code_bytes, read, arg) : 0;
}
