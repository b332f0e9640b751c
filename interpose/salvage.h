/*
 * salvage.h: treatment salvage: raw LLVM profiles written from memory, in place of the runtime's writer.
 */
#ifndef EX_SALVAGE_H
#define EX_SALVAGE_H

#include <stdint.h>

/* Writes the profile of each object whose writer has registered, as it is now, to the one file that this process has for it:
 * a later call replaces it whole. From any thread, signal handlers included; a call while another is at it does nothing.
 * Tells SALVAGED. point is EX_point_*. Nothing in a fork child that leaves without having run its handlers: its counters
 * began as a copy of the parent's. */
void ex_salvage(int point);

/* The same by a companion: a process that shares our memory but is no thread of ours, has none of our thread-local data, and
 * may tell no event. How often it did, and the last result, are told by the next ex_salvage. 0, or -errno */
int ex_salvage_aside(int point);

/* the turn of that writer (its handler's number) at exit: its profile alone */
void ex_salvage_writer(uint32_t id);

/* whether that writer's profile is written for good */
int ex_salvage_is_done(uint32_t id);

#endif
