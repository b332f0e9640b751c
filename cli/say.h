/*
 * say.h: what exeunt says on stderr. The texts are in schema/messages.def.
 */
#ifndef EX_SAY_H
#define EX_SAY_H

enum ex_msg {
#define MSG(ID, status, format) EX_MSG_##ID,
#include "messages.def"
#undef MSG
};

/* prints "exeunt: <message>" and returns the exit status that goes with it: `return ex_fail(EX_MSG_NOT_FOUND, name);` */
int ex_fail(enum ex_msg id, ...);
/* the same, for notes that do not end the command */
void ex_note(enum ex_msg id, ...);

/* whether stderr / stdout may carry colour: a terminal, NO_COLOR unset, TERM not dumb */
int ex_colour(int fd);
/* one progress line on a terminal's stderr, rewritten in place; nothing elsewhere. NULL erases it */
void ex_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
