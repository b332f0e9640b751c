/*
 * profraw_place.h: where the runs of a command leave their raw profiles, and how each run gets a place of its own.
 */
#ifndef EX_PROFRAW_PLACE_H
#define EX_PROFRAW_PLACE_H

#include "process.h"

struct ex_profraw_place;

struct ex_profraw_place *ex_profraw_place_open(void);
/* before a run: files that earlier runs left where this one will write are set aside. Returns the LLVM_PROFILE_FILE
 * assignment for this run, NULL when the user has none: it stays unset, because that decides where a death happens */
const char *ex_profraw_place_begin(struct ex_profraw_place *place, const char *folder);
/* after it: what it wrote goes to folder, what was set aside comes back. processes may be NULL. Returns the number of
 * whole profiles that the run left, -1 when nobody knows where they would be */
int ex_profraw_place_end(struct ex_profraw_place *place, const char *folder, const struct ex_processes *processes);

#endif
