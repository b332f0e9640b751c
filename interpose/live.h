/*
 * live.h: the other threads of the process at the moment when it is asked to end.
 */
#ifndef EX_LIVE_H
#define EX_LIVE_H

#include <stdint.h>

/* tells each, up to 256, by an event: where it sleeps, and the top of its stack */
void ex_live_tell(void);
/* threads of the process now, the calling one included; 0 = not known */
uint32_t ex_live_count(void);
/* the first thread calls pthread_exit */
void ex_live_main_leaves(void);

#endif
