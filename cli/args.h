/*
 * args.h: what all commands say about their command line.
 */
#ifndef EX_ARGS_H
#define EX_ARGS_H

#include "settings.h"

/* what the commands that observe have in common: -o DIR, -p NAME, -s KEY=VALUE, -j, -h */
struct ex_args {
	const char *command; /* to name in "see: exeunt COMMAND --help" */
	void (*help)(void);
	const char *dir; /* NULL: not given */
	int is_json, is_help;
	struct ex_settings settings; /* complete after ex_args_done */
	struct ex_settings over;     /* what -s said: it beats -p wherever they stand */
};

/* their rows in the table for getopt_long; -j is for commands that have a JSON form */
/* clang-format off */
#define EX_ARGS_OPTIONS \
	{"output", required_argument, NULL, 'o'}, \
	{"profile", required_argument, NULL, 'p'}, \
	{"set", required_argument, NULL, 's'}, \
	{"help", no_argument, NULL, 'h'}
#define EX_ARGS_JSON {"json", no_argument, NULL, 'j'}
/* clang-format on */

/* resets getopt; setting is what the command has in place of the table's default, KEY=VALUE or "" */
void ex_args_begin(struct ex_args *args, const char *command, void (*help)(void), const char *setting);
/* one result of getopt_long that the command does not know itself: 0, or an exit status after a message. With is_help
 * set the help has been printed, and the command ends with 0 */
int ex_args_take(struct ex_args *args, int c, char *const *argv);
void ex_args_done(struct ex_args *args);

/* after getopt_long returned '?' or ':' (opterr 0, optstring beginning with "+:" or ":"): message, exit status 2 */
int ex_args_fail(int c, char *const *argv, const char *command);
/* "90", "90s", "1.5m", "2h" in seconds; 0, or an exit status after a message */
int ex_args_time(const char *option, const char *text, double *seconds);
/* text in lines of at most `width` columns, each but the first after `indent` blanks, on stdout */
void ex_args_print_folded(const char *text, int indent, int width);
/* for a help text: the settings of options.def, and the profiles, on stdout */
void ex_args_print_settings(void);

#endif
