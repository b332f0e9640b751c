/*
 * arch.h: all that a processor decides. One <machine>.h for inline parts and one <machine>.S for the rest.
 *
 * A port supplies:
 *   ex_syscall(number, a..f)       the raw system call: result, or -errno. Never touches errno.
 *   ex_arch_add(counter, n)        adds in one instruction, so that a signal on the same thread loses nothing
 *   EX_ELF_MACHINE                 e_machine of its programs
 *   EX_RELOC_JUMP_SLOT, _GLOB_DAT  types of relocations through which an object calls another (with addends: RELA)
 *   EX_REGS, EX_REG_SP, EX_REG_PC  registers kept in a sample, in DWARF order, and the places of two of them
 *   EX_DWARF_FP, _SP, _RA          numbers of the frame pointer, the stack pointer and the return address in .eh_frame
 *   EX_RETURN_AT                   where a call keeps its return address, from the caller's frame
 *   ex_arch_thread_pointer()       what thread-local variables are found by; they lie below it
 *   ex_arch_capture(regs)          registers as they are when it returns to its caller
 *   ex_arch_from_context(uc, regs) the same out of a signal's ucontext
 *   ex_key_thunks, ex_fini_thunks  tables of EX_KEY_THUNKS, EX_FINI_THUNKS entry points of EX_THUNK_BYTES each; entry i
 *                                  calls ex_key_run(value, i), ex_fini_run(i)
 *   ex_entry_stubs, ...            entries of functions that are called by private rules, see below
 *   ex_arch_decode, ex_arch_plan   instructions and their moving, for detours; EX_JUMP_BYTES: length of a jump
 *   EX_ANY_STACK                   attribute of hooks in front of libc's plain system calls, which work whatever the
 *                                  stack is aligned to, and of what such a hook ends in: callers in assembly count on it
 *   vfork, dlopen, syscall         hooks that cannot be C: they may return twice, or must keep their return address
 */
#ifndef EX_ARCH_H
#define EX_ARCH_H

#include <stddef.h>
#include <stdint.h>

#define EX_KEY_THUNKS 1024 /* PTHREAD_KEYS_MAX */
#define EX_FINI_THUNKS 2048
#define EX_THUNK_BYTES 16
#define EX_ENTRY_STUBS 17
#define EX_ENTRY_STUB_BYTES 32

#if defined(__x86_64__)
#include "arch/x86_64.h"
#else
#error "no port for this processor: write interpose/arch/<machine>.h and .S, see arch.h"
#endif

/* one instruction, as far as moving it needs to know */
enum ex_insn_kind {
	EX_INSN_PLAIN,	 /* the same anywhere */
	EX_INSN_NEAR,	 /* has a memory operand relative to the next instruction */
	EX_INSN_JUMP,	 /* jmp to a relative address: what follows is reached from elsewhere only */
	EX_INSN_BRANCH,	 /* jcc to a relative address */
	EX_INSN_CALL,	 /* call of a relative address */
	EX_INSN_CALL_AT, /* call of an address in a register or in memory */
	EX_INSN_END,	 /* ret, indirect jmp, ud2, hlt: control does not go on behind it */
	EX_INSN_FIXED,	 /* relative, and cannot be widened: loop, jrcxz, xbegin */
	EX_INSN_TRAP,	 /* int3 */
};
struct ex_insn {
	uint8_t length; /* bytes; 0: not known for certain */
	uint8_t kind;
	uint8_t at, width; /* of the relative displacement in the instruction: offset, bytes; width 0: none */
};
/* never reads beyond bytes; returns the length, 0 when the instruction is not known for certain or is cut */
int ex_arch_decode(const uint8_t *code, size_t bytes, struct ex_insn *insn);

#define EX_TRAMPOLINE_BYTES 64
#define EX_PATCH_BYTES 8 /* written by one atomic store */
struct ex_detour_plan {
	uint8_t at;    /* where in the function the patch begins: behind endbr64, which stays */
	uint8_t moved; /* bytes from there on that the trampoline has in their stead */
	uint8_t first; /* length of the first moved instruction: from EX_JUMP_BYTES on no thread can be inside them */
	uint8_t trampoline_bytes;
	uint8_t trampoline[EX_TRAMPOLINE_BYTES];
	uint8_t patch[EX_PATCH_BYTES];
};
/* Makes a plan for a jump from fn to hook and for code at trampoline that does what fn did. code: the bytes of the
 * function, which would run at address fn; EX_PATCH_BYTES must be readable behind the endbr64 of even the shortest one,
 * because a patch holds what comes behind it. Changes nothing. EX_detour_PLACED, or why not (SHORT, UNDECODED, BRANCH,
 * TRAP, FAR, PINNED). */
int ex_arch_plan(struct ex_detour_plan *plan, const uint8_t *code, size_t bytes, uintptr_t fn, uintptr_t hook,
		 uintptr_t trampoline);

/* A jump to anywhere, in EX_FAR_JUMP_BYTES. */
void ex_arch_far_jump(uint8_t *to, uintptr_t target);

/* entry stubs: stub i calls ex_entry_run(i, caller) with all registers kept, and goes on at ex_entry_original[i] */
void ex_arch_entry_prepare(void); /* once, before any runs */
extern const char ex_entry_stubs[];
extern uintptr_t ex_entry_original[] __attribute__((visibility("hidden")));
extern uint32_t ex_entry_area, ex_entry_mask __attribute__((visibility("hidden")));
void ex_entry_run(unsigned index, uintptr_t caller);

/* fn(arg) on the stack that ends at top, aligned to 16 */
void ex_arch_call_on(void *top, void (*fn)(int arg), int arg);

/* clone: fn() on another stack, which ends at top, with another thread pointer; it must not return. tid: where the kernel
 * puts its number, as flags say. The number, or -errno */
long ex_arch_clone(unsigned long flags, void *top, void (*fn)(void), void *thread_pointer, uint32_t *tid);
void ex_arch_signal_return(void); /* what a handler that was set by a raw system call returns to */

void ex_arch_capture(uint64_t regs[EX_REGS]);
void ex_arch_from_context(const void *ucontext, uint64_t regs[EX_REGS]);

extern const char ex_key_thunks[], ex_fini_thunks[];
extern const char ex_trampolines[]; /* a page of text of EX_TRAMPOLINE_BYTES each, written when detours are placed */

/* called by the assembly */
void ex_key_run(void *value, unsigned index);
void ex_fini_run(unsigned index);
void *ex_dlopen_note(const char *path, int flags, void *caller);		    /* returns where to go on */
long ex_syscall_early(long number, long a, long b, long c, long d, long e, long f); /* the next one is not known yet */
long ex_syscall_seccomp(long number, long operation, long flags, long args);
extern long (*ex_next_syscall)(long number, ...) __attribute__((visibility("hidden")));
void ex_vfork_parent(int pid); /* in the parent, after the child let it go on */
extern __thread int ex_vforked
	__attribute__((tls_model("initial-exec"))); /* this is a vfork child: memory is borrowed */

#endif
