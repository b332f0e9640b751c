/*
 * object.h: symbols of the objects in this process, read from their own tables in memory.
 */
#ifndef EX_OBJECT_H
#define EX_OBJECT_H

#include <link.h>
#include <stddef.h>
#include <stdint.h>

struct ex_object {
	uintptr_t bias;
	const ElfW(Phdr) * phdr;
	int phdr_count;
	const ElfW(Dyn) * dynamic; /* NULL: none */
};

/* dl_iterate_phdr of libc: all objects in search order, under the loader's lock */
void ex_object_each(int (*each)(struct dl_phdr_info *info, size_t size, void *arg), void *arg);
void ex_object_from(struct ex_object *object, const struct dl_phdr_info *info);
/* default version of a defined symbol, IFUNCs resolved; NULL when the object does not define it */
void *ex_object_symbol(const struct ex_object *object, const char *name);
/* the same for a function, with its size; an IFUNC is not resolved. 0 when the object does not define it */
struct ex_function {
	uintptr_t address;
	size_t bytes;
	int is_ifunc;
};
int ex_object_function(const struct ex_object *object, const char *name, struct ex_function *function);
/* address range of the loaded segments */
void ex_object_range(const struct ex_object *object, uintptr_t *begin, uintptr_t *end);
/* GNU build-id; length, 0 when there is none */
size_t ex_object_build_id(const struct ex_object *object, const unsigned char **id);
/* whether a store to that address needs mprotect first */
int ex_object_is_writable(const struct ex_object *object, uintptr_t address);
/* replaces one word of an object's data, also where it is read-only after relocation; 1, or 0 when it cannot be */
int ex_object_store(const struct ex_object *object, uintptr_t *word, uintptr_t value);
/* calls of a function by this object, through its linkage table, go elsewhere from now on; how many slots there were */
int ex_object_lead(const struct ex_object *object, const char *name, uintptr_t to);
/* a pointer of the dynamic section; 0 when it leads nowhere */
uintptr_t ex_object_pointer(const struct ex_object *object, uintptr_t value);
/* the object that contains an address of this library itself */
int ex_object_is_self(const struct ex_object *object);
/* first definition in search order of the whole process, as the dynamic linker would bind it; skips this library */
void *ex_object_binding(const char *name);

#endif
