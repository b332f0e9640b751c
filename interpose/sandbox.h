/*
 * sandbox.h: whether this process runs on a sandbox's kernel. Only gVisor is known.
 */
#ifndef EX_SANDBOX_H
#define EX_SANDBOX_H

#include <stddef.h>
#include <stdint.h>

extern int ex_sandbox_is_gvisor;

/* at the start of an image: looks, and tells SANDBOX where it is one. envp: as the kernel gave it, the auxiliary vector behind
 * it; NULL where that is not certain */
void ex_sandbox_start(char **envp);

/* under gVisor: pages that a crash will need are backed from now on. Once its host has no mappings left nothing can be paged
 * in any more, not even a page of code: a handler that touches one dies of it, silently */
void ex_sandbox_touch(void *begin, size_t bytes);
/* the upper end of a signal stack, as far as it is memory at all */
void ex_sandbox_touch_stack(uintptr_t begin, size_t bytes);
/* all that a crash needs in this process; once. A fork child has to begin again: ex_sandbox_forget */
void ex_sandbox_prepare(void);
void ex_sandbox_forget(void);

#endif
