/*
 * writer.h: LLVM profile writers: found without symbols, called early, never twice.
 */
#ifndef EX_WRITER_H
#define EX_WRITER_H

#include <stdint.h>

struct ex_handler;
struct ex_profile_image;

/* a handler that was registered right after LLVM's runtime asked for its value-site limit */
void ex_writer_found(struct ex_handler *handler);
/* treatment flush: all writers that have not written yet, if flush asks for this point */
void ex_writer_flush(int point);
/* the same for before:HANDLER and after:HANDLER */
void ex_writer_flush_around(int point, uintptr_t fn, uint32_t row);
/* its turn has come: EX_outcome_of_handler_RAN when it is to be called, and no flush may call it again */
int ex_writer_turn(struct ex_handler *handler);
/* the process leaves without running its handlers: flush=exit, and salvage */
void ex_writer_leave(void);
/* the object with profile records that an address lies in, also while it is still being opened; NULL */
struct ex_profile_image *ex_writer_image(uintptr_t address);
/* calls back for writers that have not run */
void ex_writer_each_pending(void (*each)(void *arg, uintptr_t fn), void *arg);

#endif
