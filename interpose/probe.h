/*
 * probe.h: what is still alive? Around each exit handler, when option probe is on.
 */
#ifndef EX_PROBE_H
#define EX_PROBE_H

#include <stdint.h>

/* exit begins: first snapshot of the map, addresses of the allocation functions, first trial */
void ex_probe_start(void);
/* compares the map with the last snapshot; what became unreadable goes to the account of handler id (0: none) */
void ex_probe_memory(uint32_t id);
/* tries an allocation in a throw-away copy of the process, where handler fn may have ended the allocator: it belongs to
 * its module, or memory went away; and in any case while a profile writer still waits for its turn */
void ex_probe_allocator(uint32_t id, uintptr_t fn);

#endif
