/*
 * companion.h: treatments flush=every and clone-at=every: a process beside the target that shares its memory and writes the profile at each
 * interval, or asks a thread of it to be copied. No thread, timer, signal or descriptor of the target's is used, so nothing of it is disturbed.
 */
#ifndef EX_COMPANION_H
#define EX_COMPANION_H

/* as flush=every and clone-at=every say; once, and not in a fork child, whose counters began as its parent's */
void ex_companion_start(void);
/* there is one; it may be writing */
int ex_companion_lives(void);
/* before this process ends, or becomes another program: it finishes what it writes, ends, and is waited for. Returns whether
 * there was one */
int ex_companion_end(void);

#endif
