/*
 * rescue.h: treatments for gVisor: a host without mappings is lived through, or met sooner; fault codes as Linux has them.
 */
#ifndef EX_RESCUE_H
#define EX_RESCUE_H

#include <signal.h>

/* treatment rescue: 1 when the fault was one that the host made, and what faulted may be tried again */
int ex_rescue(int signo, const siginfo_t *info);
void ex_rescue_forget(void); /* in a fork child: no thread of the parent's is at it */
/* treatment fix-si-code: before the program's handler sees it */
void ex_rescue_code(int signo, siginfo_t *info, void *context);
/* treatment ballast: when main begins */
void ex_ballast(void);

#endif
