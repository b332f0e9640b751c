/*
 * entries.h: option enter= for a command about to be run: where its file has the functions by which known allocators end
 * themselves. They are local or hidden as a rule, and often called from no handler of their own.
 */
#ifndef EX_ENTRIES_H
#define EX_ENTRIES_H

#include "program.h"

/* settings in the form of the EXEUNT variable, with enter= added where probe=on is in force, enter= is not given and there
 * is something to enter; else the same text */
const char *ex_entries_fill(const char *settings, const struct ex_program *program);

#endif
