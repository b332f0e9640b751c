/*
 * core_file.h: a crash that a trace tells as a core file, for debuggers: the registers of each thread that was told, the
 * pieces of stack and code that were kept, and where the program lay. It holds nothing else of the memory: what a debugger
 * wants to read of code and constants it takes from the programs' own files.
 */
#ifndef EX_CORE_FILE_H
#define EX_CORE_FILE_H

#include "symbols.h"

/* of the image's crash, which must be there; path is made, or emptied. 0, or -1 with errno; ENOTSUP: registers of a
 * processor that it does not know */
int ex_core_file_write(const char *path, const struct ex_image *image, struct ex_symbols *symbols);

#endif
