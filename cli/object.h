/*
 * object.h: the ELF file behind a module of a dead process: its names, its functions' starts, its bytes. Addresses are
 * those of the process. What symbols.c and unwind.c share; nobody else needs it.
 */
#ifndef EX_OBJECT_H
#define EX_OBJECT_H

#include "symbols.h"

#include <elfutils/libdwfl.h>

struct ex_name {
	uint64_t begin, end; /* end == begin: a symbol without size, which names its first byte only */
	uint64_t reach;	     /* largest end of this and all names before it */
	const char *name;    /* as in the table */
	unsigned char rank;  /* among names of one address: lower is better */
	unsigned char is_symtab;
};

struct ex_object {
	const struct ex_module *module;
	const char *file; /* where it was found, NULL: not found, or of another build */
	Dwfl *dwfl;	  /* of this one module, NULL like file */
	Dwfl_Module *dwfl_module;
	struct ex_name *names; /* by begin; filled at the first look-up */
	size_t name_count;
	int has_names;
};

/* opens the file once; the result is never NULL, but its file may be */
void ex_object_open(struct ex_object *object, const struct ex_module *module, const char *sysroot);
/* the best name around address, NULL */
const struct ex_name *ex_object_name(struct ex_object *object, uint64_t address);
/* start of the function around address by the unwind table, 0 */
uint64_t ex_object_function(struct ex_object *object, uint64_t address);
/* name of the section around address, where it holds data, not code; NULL */
const char *ex_object_data_section(struct ex_object *object, uint64_t address);
/* bytes as the file has them; 0 = not there, or not in the file */
int ex_object_read(struct ex_object *object, uint64_t address, void *buffer, size_t length);
/* address of a function that the object offers to others under that name, 0 */
uint64_t ex_object_exports(struct ex_object *object, const char *name);

/* address of the symbol of that name, offered or not, 0 */
uint64_t ex_object_address(struct ex_object *object, const char *name);
/* of the first that it has, of names with blanks between; 0 */
uint64_t ex_object_address_of_any(struct ex_object *object, const char *names);
/* its DT_SONAME, else its file name; and whether it names such an object in DT_NEEDED */
const char *ex_object_soname(struct ex_object *object);
int ex_object_needs(struct ex_object *object, const char *soname);

/* a symbol's name as the source has it; the same text when it is not mangled */
const char *ex_demangle(const char *name);

struct ex_symbols {
	const struct ex_image *image;
	const char *sysroot;
	struct ex_object *objects; /* parallel to image->modules */
	uint64_t time_ns;	   /* look-ups are of this moment */
	struct ex_unwinder *unwinder;
};

/* module at address at symbols->time_ns, else one that was there once; index, -1 */
int ex_symbols_index(const struct ex_symbols *symbols, uint64_t address);
struct ex_object *ex_symbols_object(struct ex_symbols *symbols, int index);

#endif
