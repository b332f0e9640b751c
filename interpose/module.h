/*
 * module.h: the ELF objects of the process, and the brackets around their finalizers.
 */
#ifndef EX_MODULE_H
#define EX_MODULE_H

#include <stddef.h>
#include <stdint.h>

struct ex_object;

struct ex_module_info {
	uint32_t n;
	const char *name; /* base name */
	uintptr_t bias, begin, end;
};

/* tells new and vanished objects by events; with brackets their finalizers are wrapped too. Must not be called from
 * signal handlers: dl_iterate_phdr takes the loader's lock. */
void ex_module_scan(int with_brackets);
/* the same for signal handlers, without brackets and without the loader's lock: objects that the memory map shows and no
 * scan has seen (opened since the last one). For a process that is about to die. */
void ex_module_scan_maps(void);
/* tells all that are known once more: in a trace that has nothing of them yet */
void ex_module_tell(void);
/* the object that an address lies in, as the last scan saw it: 1, or 0 */
int ex_module_find(uintptr_t address, struct ex_module_info *info);
/* calls back for each but this library, by its number and first byte */
void ex_module_each(void (*each)(void *arg, uint32_t n, uintptr_t begin), void *arg);
/* that object itself; NULL when not known */
const struct ex_object *ex_module_object(uintptr_t address);
/* path of that object; "" when not known */
const char *ex_module_path(uintptr_t address);
/* calls back for the writable segments of the object that an address lies in */
void ex_module_writable(uintptr_t address, void (*each)(void *arg, uintptr_t begin, uintptr_t end), void *arg);

#endif
