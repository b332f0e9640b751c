/*
 * settings.h: -s KEY=VALUE, profiles, and the EXEUNT variable they become. Keys are those of options.def.
 */
#ifndef EX_SETTINGS_H
#define EX_SETTINGS_H

struct ex_settings {
	const char **values; /* parallel to ex_options[], NULL = not set */
};

void ex_settings_init(struct ex_settings *settings);
/* "key=value": 0, or the exit status after a message */
int ex_settings_set(struct ex_settings *settings, const char *assignment, const char *command);
/* reads profiles/NAME.profile (or a path with a slash): 0, or the exit status after a message */
int ex_settings_profile(struct ex_settings *settings, const char *name);
/* the set ones as "key=value key=value", %-escaped, in table order */
const char *ex_settings_text(const struct ex_settings *settings);
/* where the library, the profiles lie: beside the program in a build tree, under PREFIX when installed */
const char *ex_library_path(void); /* absolute; NULL when not found; EXEUNT_LIBRARY overrides */
const char *ex_profiles_dir(void);

#endif
