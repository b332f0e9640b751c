/*
 * serial.h: treatment serialize: one thread at a time. One lock for the whole process, held while a thread grows the
 * heap, or while it is in the malloc family.
 *
 * It is the only lock of ours that is held across other people's code, so its owner gives it up before it blocks on a
 * lock of theirs (an arena's): whoever holds that one may be waiting here. A thread never waits for itself: a signal
 * handler in the middle of malloc passes through.
 */
#ifndef EX_SERIAL_H
#define EX_SERIAL_H

/* waits its turn; nothing when this thread has it, or when no system call may be made */
void ex_serial_enter(void);
/* gives it up; nothing when this thread does not have it */
void ex_serial_leave(void);
/* the same, where a section ends before its time: its owner blocks */
static inline void ex_serial_release(void)
{
	ex_serial_leave();
}
/* serialize=exit: this thread exits; others wait at the malloc family's door, until five seconds later: a destructor may
 * join one of them. */
void ex_serial_exit_begins(void);
/* in a fork child: the owner may be a thread that it does not have */
void ex_serial_forget(void);

#endif
