/*
 * guest.h: process images that ran in a sandbox while exeunt was outside: the numbers of their processes are not the
 * host's, and nobody out here waited for them. Part of process.c's work; others read struct ex_image.
 */
#ifndef EX_GUEST_H
#define EX_GUEST_H

#include "process.h"

/* fills sandbox, guest_root_pid, is_guest; modules, parents and the root must be known */
void ex_guest_find(struct ex_processes *processes);
/* what the end of its sandbox says about a guest that nothing inside saw end; image->end is VANISHED */
void ex_guest_vanished(const struct ex_processes *processes, struct ex_image *image);
/* which image a report is about when all that is known of the first is that it vanished */
struct ex_image *ex_guest_judged(struct ex_processes *processes, struct ex_image *first);

#endif
