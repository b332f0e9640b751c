/*
 * arch.h: all that a processor decides. One <machine>.h for inline parts and one <machine>.S for the rest.
 *
 * A port supplies:
 *   ex_syscall(number, a..f)       the raw system call: result, or -errno. Never touches errno.
 *   EX_ELF_MACHINE                 e_machine of its programs
 *   EX_REGS, EX_REG_SP, EX_REG_PC  registers kept in a sample, in DWARF order, and the places of two of them
 *   ex_arch_capture(regs)          registers as they are when it returns to its caller
 *   ex_arch_from_context(uc, regs) the same out of a signal's ucontext
 *   ex_key_thunks, ex_fini_thunks  tables of EX_KEY_THUNKS, EX_FINI_THUNKS entry points of EX_THUNK_BYTES each; entry i
 *                                  calls ex_key_run(value, i), ex_fini_run(i)
 *   vfork, dlopen, syscall         hooks that cannot be C: they may return twice, or must keep their return address
 */
#ifndef EX_ARCH_H
#define EX_ARCH_H

#include <stdint.h>

#define EX_KEY_THUNKS 1024 /* PTHREAD_KEYS_MAX */
#define EX_FINI_THUNKS 2048
#define EX_THUNK_BYTES 16

#if defined(__x86_64__)
#include "arch/x86_64.h"
#else
#error "no port for this processor: write interpose/arch/<machine>.h and .S, see arch.h"
#endif

void ex_arch_capture(uint64_t regs[EX_REGS]);
void ex_arch_from_context(const void *ucontext, uint64_t regs[EX_REGS]);

extern const char ex_key_thunks[], ex_fini_thunks[];

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
