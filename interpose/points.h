/*
 * points.h: who still points into memory that an exit handler has taken away. For the probe, which serializes all calls.
 */
#ifndef EX_POINTS_H
#define EX_POINTS_H

#include <stdint.h>

/* a range is gone */
void ex_points_note(uintptr_t begin, uintptr_t end);
/* looks through the writable data of all modules for words that point into what was noted, tells them by events, and
 * forgets it. id: the handler that took it */
void ex_points_tell(uint32_t id);

#endif
