/*
 * slack.h: treatment guard=slack. 16 bytes more than asked for are got from the allocator; what is behind the program's own
 * bytes holds a pattern, and the last word of the block says how many those are and who asked for it. Looked at when the block
 * comes back, at exit and at a crash.
 *
 * The program must not notice: malloc_usable_size answers what was asked for, sized deletes get the size that the allocator
 * knows. Its blocks come from other size classes than before.
 */
#ifndef EX_HEAP_SLACK_H
#define EX_HEAP_SLACK_H

#include "live_map.h"
#include "site.h"
#include "usable.h"

#define EX_SLACK_BYTES ((size_t)16)

/* the wrappers have their real functions; 1, or 0 when it cannot be done here */
int ex_slack_prepare(void);
/* a block that was got with EX_SLACK_BYTES more; pc, sp, fp: EX_SITE_CALLER */
void ex_slack_mark(void *block, size_t bytes, uintptr_t pc, uintptr_t sp, uintptr_t fp);
/* the program gives it back, or has it resized: looks at it, and takes the mark away. The bytes it was asked for with, or
 * SIZE_MAX when it has no mark. when: EX_damage_* */
size_t ex_slack_unmark(void *block, int when, uintptr_t pc, uintptr_t sp, uintptr_t fp);
/* it is given out without a mark */
void ex_slack_forget(const void *block);
/* the bytes it was asked for with, SIZE_MAX: it has no mark */
size_t ex_slack_bytes(const void *block);
/* all marked blocks are looked at; when is EX_damage_* */
void ex_slack_check_all(int when);

#endif
