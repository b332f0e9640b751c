/*
 * sandbox.h: whether the kernel that this command itself runs on is gVisor's, by the signs of schema/sandbox_signs.def. The
 * library looks for the same ones by itself (interpose/sandbox.c).
 */
#ifndef EX_SANDBOX_OF_CLI_H
#define EX_SANDBOX_OF_CLI_H

#include <stdint.h>

/* one bit for each row that is there; 0 where the vDSO is Linux' */
uint32_t ex_sandbox_signs(void);
int ex_sandbox_is(uint32_t signs);
/* it rewrites system calls: platform systrap */
int ex_sandbox_is_systrap(uint32_t signs);
/* "/proc/cmdline names gvisor; …" */
const char *ex_sandbox_text(uint32_t signs);

#endif
