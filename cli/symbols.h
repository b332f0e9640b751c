/*
 * symbols.h: addresses of a dead process as module, symbol, source line; stack samples as frames. Over libdwfl.
 */
#ifndef EX_SYMBOLS_H
#define EX_SYMBOLS_H

#include "process.h"

enum ex_symbol_source { EX_SYMBOL_NONE, EX_SYMBOL_DYNSYM, EX_SYMBOL_SYMTAB, EX_SYMBOL_INFERRED };

struct ex_place {
	uint64_t address;
	const struct ex_module *module; /* NULL: not in any object */
	const char *module_name;	/* base name, "" */
	uint64_t offset;		/* address - bias: what addr2line takes */
	const char *symbol;		/* demangled, NULL */
	uint64_t symbol_offset;		/* address - start of symbol */
	uint64_t function;		/* start of the function around it: symbol, or unwind table; 0 = not known */
	enum ex_symbol_source source;
	const char *file; /* NULL without debug information */
	int line;
};

struct ex_symbols;

/* sysroot may be NULL. Files whose build-id differs from the process' are not used for names. */
struct ex_symbols *ex_symbols_open(const struct ex_image *image, const char *sysroot);
/* look-ups that follow are of that moment, so that an unloaded module's addresses are not another's; default: the end */
void ex_symbols_at(struct ex_symbols *symbols, uint64_t time_ns);
/* address of what a module offers to others under that name, 0 */
uint64_t ex_symbols_export(struct ex_symbols *symbols, const struct ex_module *module, const char *name);
/* the file a module is read from, NULL when there is none of the same build */
const char *ex_symbols_file(struct ex_symbols *symbols, const struct ex_module *module);
/* bytes of a module as its file has them; 0: not there */
int ex_symbols_read(struct ex_symbols *symbols, uint64_t address, void *buffer, size_t length);
/* ".bss": name of the section around address, where it holds data, not code; NULL */
const char *ex_symbols_data_section(struct ex_symbols *symbols, uint64_t address);
/* name and bounds of the object around address that a symbol with a size tells; NULL */
const char *ex_symbols_object_at(struct ex_symbols *symbols, uint64_t address, uint64_t *begin, uint64_t *end);
/* a pc after a call (return address): looks up pc - 1 for the name, so that a noreturn call's caller is right */
struct ex_place ex_symbols_place(struct ex_symbols *symbols, uint64_t address, int is_return_address);
/* unwinds a sample (regs and stack blobs of an event); frames[0] is the innermost; leading frames of libexeunt.so
 * are dropped when skip_self. Returns the number of frames, 0 when nothing can be said. */
int ex_symbols_unwind(struct ex_symbols *symbols, struct ex_text regs, struct ex_text stack, int skip_self,
		      struct ex_place *frames, int max);
/* more of the stack that the next sample is of, at another place */
void ex_symbols_more_stack(struct ex_symbols *symbols, uint64_t begin, struct ex_text stack);
/* a frame of libexeunt.so: the observer's, not the program's */
int ex_place_is_ours(const struct ex_place *place);
/* "symbol+0x12 (module+0x34) file.c:56": for people */
const char *ex_place_text(const struct ex_place *place);
/* "module+0x34": the form that options take */
const char *ex_place_module_offset(const struct ex_place *place);

#endif
