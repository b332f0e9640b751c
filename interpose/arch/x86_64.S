/*
 * x86_64.S: see arch.h.
 */
	.text

/* void ex_arch_capture(uint64_t regs[17]): only what a call must keep is of use to an unwinder; the rest is zero */
	.globl	ex_arch_capture
	.hidden	ex_arch_capture
	.type	ex_arch_capture, @function
ex_arch_capture:
	.cfi_startproc
	xorl	%eax, %eax
	movq	%rax, (%rdi)		/* rax */
	movq	%rax, 8(%rdi)		/* rdx */
	movq	%rax, 16(%rdi)		/* rcx */
	movq	%rbx, 24(%rdi)
	movq	%rax, 32(%rdi)		/* rsi */
	movq	%rax, 40(%rdi)		/* rdi */
	movq	%rbp, 48(%rdi)
	leaq	8(%rsp), %rdx
	movq	%rdx, 56(%rdi)		/* rsp after our return */
	movq	%rax, 64(%rdi)		/* r8 to r11 */
	movq	%rax, 72(%rdi)
	movq	%rax, 80(%rdi)
	movq	%rax, 88(%rdi)
	movq	%r12, 96(%rdi)
	movq	%r13, 104(%rdi)
	movq	%r14, 112(%rdi)
	movq	%r15, 120(%rdi)
	movq	(%rsp), %rdx
	movq	%rdx, 128(%rdi)		/* return address */
	ret
	.cfi_endproc
	.size	ex_arch_capture, .-ex_arch_capture

/* void ex_arch_from_context(const void *ucontext, uint64_t regs[17]): gregs begin at 40: r8 r9 r10 r11 r12 r13 r14 r15
   rdi rsi rbp rbx rdx rax rcx rsp rip (Linux ABI, <sys/ucontext.h>) */
	.globl	ex_arch_from_context
	.hidden	ex_arch_from_context
	.type	ex_arch_from_context, @function
ex_arch_from_context:
	.cfi_startproc
	.macro	greg from, to
	movq	40+8*\from(%rdi), %rax
	movq	%rax, 8*\to(%rsi)
	.endm
	greg	13, 0
	greg	12, 1
	greg	14, 2
	greg	11, 3
	greg	9, 4
	greg	8, 5
	greg	10, 6
	greg	15, 7
	greg	0, 8
	greg	1, 9
	greg	2, 10
	greg	3, 11
	greg	4, 12
	greg	5, 13
	greg	6, 14
	greg	7, 15
	greg	16, 16
	ret
	.cfi_endproc
	.size	ex_arch_from_context, .-ex_arch_from_context

/* void ex_arch_call_on(void *top, void (*fn)(int), int arg) */
	.globl	ex_arch_call_on
	.hidden	ex_arch_call_on
	.type	ex_arch_call_on, @function
ex_arch_call_on:
	.cfi_startproc
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_offset %rbp, -16
	movq	%rsp, %rbp
	.cfi_def_cfa_register %rbp
	movq	%rdi, %rsp
	movl	%edx, %edi
	call	*%rsi
	leave
	.cfi_def_cfa %rsp, 8
	.cfi_same_value %rbp
	ret
	.cfi_endproc
	.size	ex_arch_call_on, .-ex_arch_call_on

/* long ex_arch_clone(flags, top, fn, thread_pointer, tid): the kernel wants flags, stack, parent's tid, child's tid, thread
   pointer in rdi, rsi, rdx, r10, r8, and keeps r9 */
	.globl	ex_arch_clone
	.hidden	ex_arch_clone
	.type	ex_arch_clone, @function
ex_arch_clone:
	.cfi_startproc
	movq	%rdx, %r9
	movq	%r8, %rdx
	movq	%r8, %r10
	movq	%rcx, %r8
	movl	$56, %eax
	nop				/* for gVisor: arch/x86_64.h */
	syscall
	testq	%rax, %rax
	jz	1f
	ret
1:	.cfi_undefined %rip
	xorl	%ebp, %ebp
	call	*%r9
	hlt
	.cfi_endproc
	.size	ex_arch_clone, .-ex_arch_clone

	.globl	ex_arch_signal_return
	.hidden	ex_arch_signal_return
	.type	ex_arch_signal_return, @function
ex_arch_signal_return:
	movl	$15, %eax
	nop				/* for gVisor: arch/x86_64.h */
	syscall
	.size	ex_arch_signal_return, .-ex_arch_signal_return

/*
 * pid_t vfork(void): the child runs on the parent's stack, so the return address must not stay there: it is kept in a
 * register across the system call (as every libc does). The child's mark is cleared by the parent, which goes on
 * only when the child has left this memory.
 */
	.globl	vfork
	.type	vfork, @function
vfork:
	.cfi_startproc
	popq	%rdi
	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %rdi
	movl	$58, %eax
	nop				/* for gVisor: arch/x86_64.h */
	syscall
	pushq	%rdi
	.cfi_adjust_cfa_offset 8
	.cfi_offset %rip, -8
	movq	ex_vforked@gottpoff(%rip), %rcx
	testl	%eax, %eax
	jnz	1f
	movl	$1, %fs:(%rcx)
	ret
1:	movl	$0, %fs:(%rcx)
	pushq	%rax
	.cfi_adjust_cfa_offset 8
	movl	%eax, %edi
	call	ex_vfork_parent@PLT
	popq	%rax
	.cfi_adjust_cfa_offset -8
	testl	%eax, %eax
	js	2f
	ret
2:	movl	$-1, %eax		/* ex_vfork_parent has set errno */
	ret
	.cfi_endproc
	.size	vfork, .-vfork

/* void *dlopen(path, flags): libc searches RUNPATH and namespace of the module that its return address lies in, so the
   real function must be entered with the caller's own return address on the stack */
	.globl	dlopen
	.type	dlopen, @function
dlopen:
	.cfi_startproc
	pushq	%rdi
	.cfi_adjust_cfa_offset 8
	pushq	%rsi
	.cfi_adjust_cfa_offset 8
	subq	$8, %rsp
	.cfi_adjust_cfa_offset 8
	movq	24(%rsp), %rdx
	call	ex_dlopen_note@PLT
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	popq	%rsi
	.cfi_adjust_cfa_offset -8
	popq	%rdi
	.cfi_adjust_cfa_offset -8
	jmp	*%rax
	.cfi_endproc
	.size	dlopen, .-dlopen

/* long syscall(long number, ...): straight on, except for seccomp and before the next one is known */
	.globl	syscall
	.type	syscall, @function
syscall:
	.cfi_startproc
	cmpl	$317, %edi
	je	ex_syscall_seccomp
	movq	ex_next_syscall(%rip), %rax
	testq	%rax, %rax
	je	ex_syscall_early
	jmp	*%rax
	.cfi_endproc
	.size	syscall, .-syscall

/* entry i of each table: mov $i, second (first) argument; jmp. 16 bytes each, see EX_THUNK_BYTES */
	.balign	16
	.globl	ex_key_thunks
	.hidden	ex_key_thunks
ex_key_thunks:
	.set	i, 0
	.rept	1024
	.balign	16
	movl	$i, %esi
	jmp	ex_key_run
	.set	i, i+1
	.endr

	.balign	16
	.globl	ex_fini_thunks
	.hidden	ex_fini_thunks
ex_fini_thunks:
	.set	i, 0
	.rept	2048
	.balign	16
	movl	$i, %edi
	jmp	ex_fini_run
	.set	i, i+1
	.endr

/*
 * Entry stubs of 32 bytes: every register is as it was when the function goes on, flags and vectors too. A call and its
 * ret rather than a pushed address to return to: shadow stacks stay right.
 */
	.balign	32
	.globl	ex_entry_stubs
	.hidden	ex_entry_stubs
ex_entry_stubs:
	.set	i, 0
	.rept	17
	.balign	32
	pushq	$i
	call	entry_common
	leaq	8(%rsp), %rsp
	jmp	*ex_entry_original+8*i(%rip)
	.set	i, i+1
	.endr

/* on the stack: return into the stub, index, return address of the function */
	.balign	16
	.type	entry_common, @function
entry_common:
	.cfi_startproc
	.cfi_def_cfa_offset 24
	pushfq
	.cfi_adjust_cfa_offset 8
	cld
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbp, 0
	movq	%rsp, %rbp
	.cfi_def_cfa_register %rbp
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	movl	ex_entry_area(%rip), %eax
	subq	%rax, %rsp
	andq	$-64, %rsp
	movl	ex_entry_mask(%rip), %eax
	testl	%eax, %eax
	jz	1f
	xorl	%edx, %edx
	.set	i, 512			/* xrstor faults on a header that is not clean */
	.rept	8
	movq	%rdx, i(%rsp)
	.set	i, i+8
	.endr
	xsave64	(%rsp)
	jmp	2f
1:	fxsave64 (%rsp)
2:	movl	24(%rbp), %edi
	movq	32(%rbp), %rsi
	call	ex_entry_run@PLT
	movl	ex_entry_mask(%rip), %eax
	testl	%eax, %eax
	jz	3f
	xorl	%edx, %edx
	xrstor64 (%rsp)
	jmp	4f
3:	fxrstor64 (%rsp)
4:	leaq	-72(%rbp), %rsp
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rax
	popq	%rbp
	.cfi_def_cfa %rsp, 32
	.cfi_same_value %rbp
	popfq
	.cfi_adjust_cfa_offset -8
	ret
	.cfi_endproc
	.size	entry_common, .-entry_common

/* room for relocated prologues, see detour.c; a page of its own, so that nothing else becomes writable with it */
	.balign	4096
	.globl	ex_trampolines
	.hidden	ex_trampolines
	.type	ex_trampolines, @object
ex_trampolines:
	.fill	4096, 1, 0xcc
	.size	ex_trampolines, 4096

	.section .note.GNU-stack, "", @progbits
