/*
 * hooks_sandbox.c: a program that puts itself under a seccomp filter. Any system call of ours may then be answered with
 * death, so none is made any more: what follows is recorded as far as the memory that we have allows.
 */
#include <stdarg.h>

#include "arch/arch.h"
#include "image.h"
#include "os/os.h"
#include "real.h"
#include "signals.h"
#include "stream.h"

#define PR_SET_SECCOMP_ 22
#define SECCOMP_SET_MODE_FILTER_ 1
#define ENOSYS_ 38

static void seal(void)
{
	ex_image_ready();
	if (!ex_image.is_started)
		return;
	ex_stream_reserve();
	ex_signals_withdraw(1); /* a fault must kill with its own signal, and not at our attempt to pass it on */
	ex_os_seal(1);
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
	int is_sealing = option == PR_SET_SECCOMP_ && !ex_os_is_sealed();
	if (is_sealing)
		seal();
	int result = ex_real.prctl(option, a, b, c, d);
	if (is_sealing && result)
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
	int is_sealing = operation <= SECCOMP_SET_MODE_FILTER_ && !ex_os_is_sealed();
	if (is_sealing)
		seal();
	long result = ex_syscall_early(number, operation, flags, args, 0, 0, 0);
	if (is_sealing && result < 0)
		unseal();
	return result;
}
