/*
 * settings.h: -s KEY=VALUE, profiles, and the EXEUNT variable they become. Keys are those of options.def.
 */
#ifndef EX_SETTINGS_H
#define EX_SETTINGS_H

#include "meta.h"

#include <stddef.h>
#include <stdint.h>

struct ex_settings {
	const char **values; /* parallel to ex_options[], NULL = not set */
};

void ex_settings_init(struct ex_settings *settings);
/* "key=value": 0, or the exit status after a message; command is the one to name in "see: exeunt COMMAND --help" */
int ex_settings_set(struct ex_settings *settings, const char *assignment, const char *command);
/* reads profiles/NAME.profile (or a path with a slash): 0, or the exit status after a message */
int ex_settings_profile(struct ex_settings *settings, const char *name);
/* what is set in over replaces what is set in settings: -s beats -p wherever they stand */
void ex_settings_merge(struct ex_settings *settings, const struct ex_settings *over);
/* the set ones as "key=value key=value", %-escaped, in table order */
const char *ex_settings_text(const struct ex_settings *settings);
/* settings_values.c */
/* NULL when the value is good for that option, else what to write instead */
const char *ex_settings_wrong(const struct ex_option_meta *option, const char *value);
/* settings_handlers.c: the same for lists of handlers, with commas, and of functions; whether so many bytes name one */
const char *ex_settings_wrong_handlers(const char *value);
const char *ex_settings_wrong_first(const char *value);
const char *ex_settings_wrong_enter(const char *value);
int ex_settings_is_handler(const char *text, size_t length);
extern const char ex_settings_handler_form[]; /* what to write instead */
/* settings_clone.c: the same for copies of the process */
const char *ex_settings_wrong_clone_at(const char *value);
const char *ex_settings_wrong_clones(const char *value);
const char *ex_settings_wrong_clone_life(const char *value);
/* settings_guard.c: the same of treatment guard */
const char *ex_settings_wrong_guard(const char *value);
const char *ex_settings_wrong_guard_frames(const char *value);
/* settings_profile.c: the same for settings about LLVM profiles */
const char *ex_settings_wrong_flush(const char *value);
const char *ex_settings_wrong_salvage_to(const char *value);
const char *ex_settings_wrong_value_profile(const char *value);
/* a word that other settings have as a point, or that the design has and this version has not */
int ex_settings_is_point(const char *value);
/* digits alone, at most max; *end is what follows them. -1 when it is no such number */
int ex_settings_number(const char *text, uint64_t max, uint64_t *number, const char **end);
/* one value in the form of the EXEUNT variable: blank, %, control bytes as %XX */
const char *ex_settings_escape(const char *value);
/* such a value as it was: %XX undone */
const char *ex_settings_plain(const char *text);
/* one option in such a text, its default of options.def when the text does not set it */
const char *ex_settings_value(const char *text, const char *name);
/* the same of a size option, in bytes */
uint64_t ex_settings_size(const char *text, const char *name);
/* "64K", "8M", "1G", "4096": 0, or -1 when it is no size */
int ex_settings_parse_size(const char *value, uint64_t *bytes);

/* "exit-order, other": the profiles there are, with "none" for an empty folder */
const char *ex_settings_profiles(void);
/* where the library, the profiles lie: beside the program in a build tree, under PREFIX when installed */
const char *ex_library_path(void); /* absolute; NULL when not found; EXEUNT_LIBRARY overrides */
const char *ex_profiles_dir(void);

#endif
