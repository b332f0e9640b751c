/*
 * gdb_script.h: the commands that gdb is opened with: where each module of the dead process lay, and exeunt's own view of
 * the crash as commands of gdb.
 */
#ifndef EX_GDB_SCRIPT_H
#define EX_GDB_SCRIPT_H

#include "symbols.h"

#include <stdio.h>

struct ex_gdb_script {
	const char *trace; /* absolute; NULL: none */
	const char *core;  /* to be opened when the modules are there; NULL: none */
	const char *sysroot;
	const struct ex_image *image;
	struct ex_symbols *symbols; /* NULL: gdb is attached, and finds the modules itself */
};

void ex_gdb_script_write(const struct ex_gdb_script *script, FILE *out);

#endif
