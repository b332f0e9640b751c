/*
 * hooks_exit.c: main, and every call that ends the process: by the program through the symbol, by libc itself through
 * a detour. Each is told once, by whichever of the two sees it first.
 */
#include "arch/arch.h"
#include "clone.h"
#include "clone_every.h"
#include "companion.h"
#include "detour.h"
#include "handler.h"
#include "heap.h"
#include "image.h"
#include "live.h"
#include "options.h"
#include "os/os.h"
#include "park.h"
#include "real.h"
#include "rescue.h"
#include "stream.h"
#include "thread.h"
#include "treat_order.h"
#include "writer.h"

#define CALLER ((uintptr_t)__builtin_return_address(0))
#define SIGABRT_ 6

static int (*program_main)(int, char **, char **);
static void (*program_rtld_fini)(void);
static struct ex_handler *rtld_fini_handler;

static int run_main(int argc, char **argv, char **envp)
{
	EX_PUT(MAIN_BEGIN, main_begin, (.fn = (uintptr_t)program_main), );
	ex_ballast();
	ex_clone_every_start();
	int status = program_main(argc, argv, envp);
	ex_clone_leaving(1);
	ex_handler_exit_begins();
	EX_PUT(MAIN_END, main_end, (.status = status, .row = ex_image_row()), );
	ex_handler_exit_asked(EX_exit_MAIN, status, 0);
	ex_self.is_exit_told = 1; /* libc calls exit by a name of its own now: not the hook, but the detour */
	return status;
}

/* the exit list gives its status to every handler as a second argument, this one included */
static void run_rtld_fini(void *arg, int status)
{
	struct ex_turn turn;
	(void)arg;
	ex_handler_exit_unseen(status);
	if (!rtld_fini_handler) {
		program_rtld_fini();
		return;
	}
	if (ex_handler_begin(&turn, rtld_fini_handler) == EX_outcome_of_handler_RAN)
		program_rtld_fini();
	ex_handler_end(&turn);
	ex_order_run_deferred();
	EX_PUT(GOODBYE, goodbye, (.threads = ex_live_count()), );
}

EX_EXPORT int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
				void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
	ex_real_find();
	ex_image_ready();
	program_main = main;
	program_rtld_fini = rtld_fini;
	if (!ex_real.__libc_start_main)
		ex_os_exit_group(127); /* not a glibc that ever was */
	if (rtld_fini)
		rtld_fini_handler = ex_handler_new(EX_handler_RTLD_FINI, (uintptr_t)rtld_fini, NULL, NULL, 0);
	return ex_real.__libc_start_main(run_main, argc, argv, init, fini,
					 rtld_fini ? (void (*)(void))run_rtld_fini : NULL, stack_end);
}

EX_EXPORT void __cxa_finalize(void *dso)
{
	if (!ex_real.__cxa_finalize)
		return;
	EX_PUT(FINALIZE_BEGIN, finalize_begin, (.dso = (uintptr_t)dso), );
	ex_self.finalizing++;
	ex_real.__cxa_finalize(dso);
	ex_self.finalizing--;
	ex_handler_forget_quick(dso);
	EX_PUT(FINALIZE_END, finalize_end, (.dso = (uintptr_t)dso), );
}

/* a dead allocator that ends the process itself, inside a probe's copy: running the target's handlers and flushing its
 * stdio there would do everything twice */
static void leave_copy(void)
{
	if (ex_image.is_copy)
		ex_os_exit_group(1);
}

EX_EXPORT void __attribute__((noreturn)) exit(int status)
{
	ex_image_ready();
	leave_copy();
	ex_image_check_fork();
	if (!ex_image_is_borrowed())
		ex_handler_exit_asked(EX_exit_EXIT, status, CALLER);
	if (ex_real.exit) {
		ex_self.is_exit_told = 1;
		ex_real.exit(status);
	}
	ex_os_exit_group(status);
}

/* err(), error(), the last thread's end, and what looked exit up in libc by itself. Calls of noreturn functions need not
 * keep the stack aligned. */
__attribute__((force_align_arg_pointer)) void ex_on_exit(int status)
{
	int is_told = ex_self.is_exit_told;
	ex_self.is_exit_told = 0;
	leave_copy();
	if (!is_told && ex_image.is_started) {
		ex_image_check_fork();
		if (!ex_image_is_borrowed())
			ex_handler_exit_asked(EX_exit_EXIT, status, CALLER);
	}
	ex_original.exit(status);
	ex_os_exit_group(status);
}

/* of a process that ended well nobody needs copies */
static void note_end(int status)
{
	if (!status)
		ex_clone_over(EX_CLONE_OVER);
}

/* no handler will run. A vfork child borrows its parent's memory: nothing may be flushed or noted there. A fork child
 * that leaves this way never wrote a profile, and its counters began as a copy of the parent's: written now, they
 * would be counted twice. */
static void leave_fast(int status, uintptr_t caller)
{
	if (ex_image.is_started && !ex_image.is_copy) {
		ex_image_check_fork();
		if (ex_image_is_borrowed())
			ex_os_exit_group(status);
		ex_clone_leaving(0);
		ex_handler_tell_exit(EX_exit_FAST, status, caller);
		if (!ex_image.is_fork_child)
			ex_writer_leave();
		ex_heap_ends();
		ex_companion_end();
		note_end(status);
	}
	ex_os_exit_group(status);
}

EX_EXPORT void __attribute__((noreturn)) _exit(int status)
{
	leave_fast(status, CALLER);
	__builtin_unreachable();
}

EX_EXPORT void __attribute__((noreturn)) _Exit(int status)
{
	leave_fast(status, CALLER);
	__builtin_unreachable();
}

/* libc's exit ends here, and so do children that it started and could not make into another program */
__attribute__((force_align_arg_pointer)) void ex_on__exit(int status)
{
	if (!ex_is_libc(CALLER))
		leave_fast(status, CALLER);
	if (ex_image.is_exiting && !ex_image.is_copy) {
		ex_image_check_fork();
		if (!ex_image_is_borrowed()) {
			ex_heap_ends();
			EX_PUT(LEAVING, leaving, (.status = status, .threads = ex_live_count()), );
		}
		ex_companion_end();
		note_end(status);
	}
	ex_original._exit(status);
	ex_os_exit_group(status);
}

EX_EXPORT void __attribute__((noreturn)) quick_exit(int status)
{
	ex_image_ready();
	leave_copy();
	ex_image_check_fork();
	if (!ex_image_is_borrowed()) {
		ex_clone_leaving(0);
		ex_image.is_exiting = 1; /* rows are numbered; no finalizer will run, so none is bracketed */
		ex_heap_exit_begins();
		ex_handler_tell_exit(EX_exit_QUICK, status, CALLER);
		if (ex_options.park_threads)
			ex_park();
		ex_writer_leave();
		if (ex_options.fast_exit) {
			note_end(status);
			ex_os_exit_group(status);
		}
	}
	if (ex_real.quick_exit)
		ex_real.quick_exit(status);
	ex_os_exit_group(status);
}

static void tell_abort(uintptr_t caller)
{
	if (!ex_image.is_started || ex_image.is_copy)
		return;
	ex_image_check_fork();
	if (ex_image_is_borrowed())
		return;
	ex_clone_leaving(0);
	ex_handler_tell_exit(EX_exit_ABORT, 128 + SIGABRT_, caller);
	/* where malloc has found its own heap broken it holds a lock that the writer's malloc would wait for */
	if (!ex_image.is_fork_child && (!ex_is_libc(caller) || ex_options_salvages()))
		ex_writer_leave();
}

EX_EXPORT void __attribute__((noreturn)) abort(void)
{
	tell_abort(CALLER);
	ex_self.aborting = EX_FRAME;
	if (ex_real.abort)
		ex_real.abort();
	ex_os_signal_default(SIGABRT_);
	ex_os_resend(SIGABRT_, NULL);
	ex_os_exit_group(127);
}

__attribute__((force_align_arg_pointer)) void ex_on_abort(void)
{
	/* a handler of SIGABRT may have left the one before by longjmp */
	if (!ex_self.aborting || ex_thread_has_left(ex_self.aborting, EX_FRAME))
		tell_abort(CALLER);
	ex_self.aborting = EX_FRAME;
	ex_original.abort();
	ex_os_exit_group(127);
}

EX_EXPORT void __attribute__((noreturn))
__assert_fail(const char *expr, const char *file, unsigned line, const char *func)
{
	/* told here, with the program's own call: the abort inside has libc for a caller */
	tell_abort(CALLER);
	ex_self.aborting = EX_FRAME;
	if (ex_real.__assert_fail)
		ex_real.__assert_fail(expr, file, line, func);
	abort();
}
