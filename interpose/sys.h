/*
 * sys.h: raw system calls by number, so that nothing of libc runs, errno stays, and no other preload sees us.
 */
#ifndef EX_SYS_H
#define EX_SYS_H

#include <sys/syscall.h>

#include "arch/arch.h"

#define EX_SYS_6(n, a, b, c, d, e, f, ...)                                                                             \
	ex_syscall6((n), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
/* the target is under a seccomp filter: our calls fail as if refused (EPERM), but are not made */
extern int ex_sealed __attribute__((visibility("hidden")));
#define ex_sys(...) (ex_sealed ? -1L : ex_sys_anyway(__VA_ARGS__))
struct ex_os_companion;
extern struct ex_os_companion *ex_os_companion __attribute__((visibility("hidden")));
/* those without which the process would not end as it should */
#define ex_sys_anyway(...) EX_SYS_6(__VA_ARGS__, 0, 0, 0, 0, 0, 0)

#define EX_SA_RESTORER 0x04000000ul
/* what rt_sigaction takes, which is not libc's struct sigaction */
struct ex_kernel_action {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

/* linux_dirent64: what getdents64 gives, one behind the other */
struct ex_kernel_dirent {
	uint64_t inode, offset;
	uint16_t bytes; /* to the next */
	uint8_t type;
	char name[];
};

#endif
