/*
 * x86_64.h: see arch.h.
 */
#ifndef EX_ARCH_X86_64_H
#define EX_ARCH_X86_64_H

#define EX_ELF_MACHINE 62    /* EM_X86_64 */
#define EX_RELOC_JUMP_SLOT 7 /* R_X86_64_JUMP_SLOT */
#define EX_RELOC_GLOB_DAT 6  /* R_X86_64_GLOB_DAT */
#define EX_REGS 17
#define EX_REG_SP 7
#define EX_REG_PC 16
/* System V ABI for x86-64, section 3.6.2; a call pushes the return address */
#define EX_DWARF_FP 6
#define EX_DWARF_SP 7
#define EX_DWARF_RA 16
#define EX_RETURN_AT (-8)
#define EX_JUMP_BYTES 5	     /* jmp rel32 */
#define EX_FAR_JUMP_BYTES 14 /* jmp *0(%rip), address */

/*
 * The nop: gVisor's systrap rewrites the seven bytes of `mov $number, %eax; syscall` when they first run. That makes the
 * page of code the process' own, and where its host has no mappings left (a crash that we are to tell, a rescue) the
 * Sentry panics over it (20260905: munmap in PatchSyscall). What it does not know it leaves alone.
 */
static inline long ex_syscall6(long number, long a, long b, long c, long d, long e, long f)
{
	long result;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	__asm__ volatile("nop\n\tsyscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

static inline __attribute__((always_inline)) void ex_arch_add(uint64_t *counter, uint64_t n)
{
	__asm__("addq %1, %0" : "+m"(*counter) : "er"(n) : "cc");
}

static inline uintptr_t ex_arch_thread_pointer(void)
{
	uintptr_t pointer;
	__asm__("movq %%fs:0, %0" : "=r"(pointer));
	return pointer;
}

#define EX_ANY_STACK __attribute__((force_align_arg_pointer))

#endif
