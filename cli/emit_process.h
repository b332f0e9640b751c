/*
 * emit_process.h: pieces of JSON that several documents share: how a process ended, a place in its code.
 */
#ifndef EX_EMIT_PROCESS_H
#define EX_EMIT_PROCESS_H

#include "emit.h"
#include "symbols.h"
#include "teardown.h"

/* "process": pid and exe; null for no image */
void ex_emit_process(struct ex_emit *emit, const struct ex_image *image);
/* "end": kind, status, signal */
void ex_emit_end_of(struct ex_emit *emit, const struct ex_image *image);
/* into the object at hand: symbol, symbol_source, module, offset */
void ex_emit_place(struct ex_emit *emit, const struct ex_place *place);
/* into the object at hand: duration_ns, null when it never returned */
void ex_emit_duration(struct ex_emit *emit, const struct ex_row *row);
/* an array of frames, innermost first */
void ex_emit_frames(struct ex_emit *emit, const char *key, const struct ex_place *frames, int count);

#endif
