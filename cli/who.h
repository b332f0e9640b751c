/*
 * who.h: who made a call that an event tells of: the functions of its stack sample, or its caller alone.
 */
#ifndef EX_WHO_H
#define EX_WHO_H

#include "symbols.h"

/* innermost first, without ours and without what is in no object; at most max. One where there is only a caller */
int ex_who(struct ex_symbols *symbols, const struct ex_event *event, struct ex_place *frames, int max);
/* "f, called by g, called by h"; NULL: nothing is known */
const char *ex_who_text(struct ex_symbols *symbols, const struct ex_event *event);
/* the same, up to who decided it */
const char *ex_who_path_text(struct ex_symbols *symbols, const struct ex_event *event);

#endif
