/*
 * stdin.h: standard input that every run of a command gets anew, byte for byte.
 */
#ifndef EX_STDIN_H
#define EX_STDIN_H

struct ex_stdin;

/* looks at our descriptor 0; bytes of a pipe are kept in file save_path */
struct ex_stdin *ex_stdin_open(const char *save_path);
/* a descriptor for the next run to read from, to be closed by ex_stdin_end; /dev/null when nothing can be replayed */
int ex_stdin_begin(struct ex_stdin *input);
/* the run has ended: stops feeding it, keeps what was read */
void ex_stdin_end(struct ex_stdin *input);
/* the file to redirect from when a run is repeated by hand, NULL when there is none to give */
const char *ex_stdin_file(const struct ex_stdin *input);

#endif
