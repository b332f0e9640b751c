/*
 * args.h: what all commands say about their command line.
 */
#ifndef EX_ARGS_H
#define EX_ARGS_H

/* after getopt_long returned '?' or ':' (opterr 0, optstring beginning with "+:" or ":"): message, exit status 2 */
int ex_args_fail(int c, char *const *argv, const char *command);
/* "  probe=off | on      around each exit handler ...": the settings of options.def, on stdout */
void ex_args_print_settings(void);

#endif
