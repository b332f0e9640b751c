/*
 * library.h: the library file that is preloaded, and whether it belongs to this exeunt. ex_library_path and
 * ex_profiles_dir are declared in settings.h.
 */
#ifndef EX_LIBRARY_H
#define EX_LIBRARY_H

/* path of the one that these settings ("key=value key=value") need and that fits, or NULL after a message; *status is then
 * the exit status */
const char *ex_library_or_fail(const char *settings, int *status);
/* whether a file of that name is one of ours */
int ex_library_is_name(const char *base_name);
/* where ex_library_path looked, for messages */
const char *ex_library_places(void);
/* NULL when the library at path belongs to this exeunt, else what is wrong with it: its version, or a few words */
const char *ex_library_wrong(const char *path);
/* value of LD_PRELOAD: [first:]library[:behind][:before], entries of before that are the library itself left out.
 * first, behind, before may be NULL */
const char *ex_library_preload(const char *library, const char *first, const char *behind, const char *before);

#endif
