/*
 * args.h: what all commands say about their command line.
 */
#ifndef EX_ARGS_H
#define EX_ARGS_H

/* after getopt_long returned '?' or ':' (opterr 0, optstring beginning with "+:" or ":"): message, exit status 2 */
int ex_args_fail(int c, char *const *argv, const char *command);
/* "90", "90s", "1.5m", "2h" in seconds; 0, or an exit status after a message */
int ex_args_time(const char *option, const char *text, double *seconds);
/* text in lines of at most `width` columns, each but the first after `indent` blanks, on stdout */
void ex_args_print_folded(const char *text, int indent, int width);
/* "  probe=off | on      around each exit handler ...": the settings of options.def, on stdout */
void ex_args_print_settings(void);

#endif
