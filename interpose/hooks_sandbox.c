/*
 * hooks_sandbox.c: a program that puts itself under a seccomp filter. Any system call of ours may then be answered with
 * death, so none is made any more: what follows is recorded as far as the memory that we have allows.
 */
#include <stdarg.h>

#include "arch/arch.h"
#include "image.h"
#include "os/os.h"
#include "real.h"
#include "room.h"
#include "signals.h"
#include "stream.h"

#define PR_SET_SECCOMP_ 22
#define SECCOMP_SET_MODE_FILTER_ 1
#define ENOSYS_ 38

static int seal(void)
{
	if (ex_os_is_sealed())
		return 0;
	ex_image_ready();
	if (!ex_image.is_started)
		return 0;
	ex_image_check_fork();	    /* what is reserved must not go by the parent's name */
	if (ex_image_is_borrowed()) /* the filter is this child's alone, and the memory its parent's */
		return 0;
	ex_stream_reserve();
	ex_room_reserve();
	ex_signals_withdraw(1); /* a fault must kill with its own signal, and not at our attempt to pass it on */
	ex_os_seal(1);
	return 1;
}

/* no filter was set: libseccomp tries with bad arguments what the kernel can */
static void unseal(void)
{
	int error = *ex_errno();
	ex_os_seal(0);
	ex_signals_withdraw(0);
	*ex_errno() = error;
}

EX_EXPORT int prctl(int option, ...)
{
	va_list args;
	va_start(args, option);
	unsigned long a = va_arg(args, unsigned long), b = va_arg(args, unsigned long);
	unsigned long c = va_arg(args, unsigned long), d = va_arg(args, unsigned long);
	va_end(args);
	ex_real_find();
	if (!ex_real.prctl) {
		*ex_errno() = ENOSYS_;
		return -1;
	}
	int has_sealed = option == PR_SET_SECCOMP_ && seal();
	int result = ex_real.prctl(option, a, b, c, d);
	if (has_sealed && result)
		unseal();
	return result;
}

/* syscall() itself is a stub in arch/: some calls return twice */
long (*ex_next_syscall)(long number, ...);

long ex_syscall_early(long number, long a, long b, long c, long d, long e, long f)
{
	ex_real_find();
	ex_next_syscall = ex_real.syscall;
	if (ex_next_syscall)
		return ex_next_syscall(number, a, b, c, d, e, f);
	*ex_errno() = ENOSYS_;
	return -1;
}

long ex_syscall_seccomp(long number, long operation, long flags, long args)
{
	int has_sealed = (unsigned)operation <= SECCOMP_SET_MODE_FILTER_ && seal();
	long result = ex_syscall_early(number, operation, flags, args, 0, 0, 0);
	if (has_sealed && result < 0)
		unseal();
	return result;
}
