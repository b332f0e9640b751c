/*
 * profraw_place.h: where the runs of a command leave their raw profiles, and how each run gets a place of its own.
 */
#ifndef EX_PROFRAW_PLACE_H
#define EX_PROFRAW_PLACE_H

#include "process.h"

struct ex_profraw_place;

/* argv: the command, whose program and libraries may have a place built in */
struct ex_profraw_place *ex_profraw_place_open(char *const *argv);
/* paths of damaged files in that place, as they were before the first run, which the runtime would try to merge into (%m):
 * it then says "Invalid profile data to merge" and writes nothing, not even crashes. NULL ends the list. Ask again after
 * a run: it may have shown a place that nothing told before */
const char *const *ex_profraw_place_stale(const struct ex_profraw_place *place);
/* on: the runs that begin from now on find copies of these files where they write, as outside of exeunt. Else: nothing */
void ex_profraw_place_seed(struct ex_profraw_place *place, int on);
/* before a run: files that earlier runs left where this one will write are set aside. Returns the LLVM_PROFILE_FILE
 * assignment for this run, NULL when the user has none: it stays unset, because that decides where a death happens */
const char *ex_profraw_place_begin(struct ex_profraw_place *place, const char *folder);
/* after it: what it wrote goes to folder, what was set aside comes back. processes may be NULL. Returns the number of
 * whole profiles that the run left, -1 when nobody knows where they would be */
int ex_profraw_place_end(struct ex_profraw_place *place, const char *folder, const struct ex_processes *processes);

#endif
