/*
 * refuse.h: an option that cannot be honoured here is told of in the trace, as it was written.
 */
#ifndef EX_REFUSE_H
#define EX_REFUSE_H

/* why: EX_refusal_… of schema/kinds.def; "key=value", of which 1024 bytes are kept */
void ex_refuse(int why, const char *key, const char *value);

#endif
