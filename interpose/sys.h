/*
 * sys.h: raw system calls by number, so that nothing of libc runs, errno stays, and no other preload sees us.
 */
#ifndef EX_SYS_H
#define EX_SYS_H

#include <sys/syscall.h>

#include "arch/arch.h"

#define EX_SYS_6(n, a, b, c, d, e, f, ...)                                                                             \
	ex_syscall6((n), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define ex_sys(...) EX_SYS_6(__VA_ARGS__, 0, 0, 0, 0, 0, 0)

#endif
