/*
 * folders.h: the folders that traces and runs lie in.
 */
#ifndef EX_FOLDERS_H
#define EX_FOLDERS_H

/* makes path and what is missing above it, for the user alone; one that is there is fine. 0, or -1 with errno */
int ex_folders_make(const char *path);
/* the same for what is above the last part of path */
int ex_folders_make_above(const char *path);
/* a folder for many runs: NAME.CMD.PID-TIME in $XDG_STATE_HOME/exeunt, ~/.local/state/exeunt or a folder of the user's
 * own in the temporary one; or the given one, which must be new. Made. NULL after a message, with the exit status */
const char *ex_folders_for_runs(const char *name, const char *given, const char *command, int *status);

#endif
