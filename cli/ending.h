/*
 * ending.h: how a process image ended, and whether that was bad. Part of process.c's work; others read struct ex_image.
 */
#ifndef EX_ENDING_H
#define EX_ENDING_H

#include "process.h"

/* fills end, status, signal, exit_kind, writer_ran, is_bad, crash, first_exit, end_ns; modules and parent must be known */
void ex_ending_find(const struct ex_processes *processes, struct ex_image *image);
/* whether a vfork child said it, in its parent's stream */
int ex_ending_is_vfork_childs(const struct ex_image *image, const struct ex_event *event);

#endif
