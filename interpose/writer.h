/*
 * writer.h: LLVM profile writers: found without symbols, called early, never twice.
 */
#ifndef EX_WRITER_H
#define EX_WRITER_H

#include <stdint.h>

struct ex_handler;

/* a handler that was registered right after LLVM's runtime asked for its value-site limit */
void ex_writer_found(struct ex_handler *handler);
/* treatment flush: all writers that have not written yet, if flush asks for this point */
void ex_writer_flush(int point);
/* the same for before:HANDLER and after:HANDLER */
void ex_writer_flush_around(int point, uintptr_t fn, uint32_t row);
/* its turn has come: it writes now, so no flush may call it again */
void ex_writer_runs(struct ex_handler *handler);
/* calls back for writers that have not run */
void ex_writer_each_pending(void (*each)(void *arg, uintptr_t fn), void *arg);

#endif
