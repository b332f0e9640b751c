/*
 * clone.h: treatment clone-at: stopped copies of the process, made at a point of its life, which wait until somebody asks
 * them to run on, once or often. The process itself must not notice: time is all that it loses.
 */
#ifndef EX_CLONE_H
#define EX_CLONE_H

#include <stdint.h>

/* a point has come (EX_point_*), the one that is counted or another; returns in the process, and in a copy that runs on */
void ex_clone_at(int point);
/* a handler is about to run */
void ex_clone_before(uintptr_t fn, uint32_t row);
/* the process is about to leave: by which handlers will run, or at once */
void ex_clone_leaving(int with_handlers);
/* how far the process came (ex_clone_over): its copies are of no use any more, or are again */
void ex_clone_over(int how);
/* in a fork child: the copies are its parent's */
void ex_clone_forget(void);

#endif
