/*
 * find.c: fills ex_heap_real, by the rules of real.c: the first definition in the objects behind us.
 */
#include "heap.h"

#include "cfi.h"
#include "../refuse.h"
#include "image.h"
#include "object.h"
#include "options.h"
#include "stream.h"
#include "table.h"
#include "text.h"

struct ex_heap_real ex_heap_real;

typedef void (*function)(void);

static const struct {
	const char *name;
	function lack;
} entries[] = {
#define HEAP(ret, name, params, kind, text) {#name, (function)ex_lack_##name},
#include "heap.def"
#undef HEAP
};

static const void
	*before[EX_HEAP_ROWS]; /* defined by an object before us: whoever calls it does not meet our wrapper */
static uint8_t is_late[EX_HEAP_ROWS];
static uint64_t owner[EX_HEAP_ROWS]; /* bias of the object that it was found in */
static unsigned long long adds;	     /* objects that had come at the last look */
static int is_told;

_Static_assert(offsetof(struct ex_heap_real, is_allocator) == EX_HEAP_ROWS * sizeof(function), "an array of functions");

static function *slot(size_t row)
{
	return (function *)(void *)&ex_heap_real + row;
}

static int is_missing(size_t row)
{
	return !*slot(row) || *slot(row) == entries[row].lack;
}

static void tell(size_t row)
{
	if (!is_missing(row))
		EX_PUT(ALLOCATOR_OF, allocator_of, (.fn = (uintptr_t)*slot(row)), EX_TEXT(entries[row].name), );
	if (before[row])
		EX_PUT(ENTRY, entry, (.fn = (uintptr_t)before[row]), EX_TEXT(entries[row].name), );
}

static void look_in(const struct ex_object *object)
{
	/* a C++ runtime: its operators call malloc, and run the program's new handler */
	int is_runtime = ex_object_symbol(object, "__cxa_throw") != NULL;
	for (size_t i = 0; i < EX_HEAP_ROWS; i++) {
		void *found = is_missing(i) ? ex_object_symbol(object, entries[i].name) : NULL;
		if (!found)
			continue;
		ex_heap_real.is_allocator[i] = !is_runtime;
		is_late[i] = (uint8_t)ex_heap_real.is_found;
		owner[i] = object->bias;
		__atomic_store_n(slot(i), (function)found, __ATOMIC_RELEASE);
		if (is_told)
			tell(i);
	}
	for (size_t i = 0; i < EX_HEAP_ROWS; i++)
		ex_heap_real.is_sized[i] = owner[i] && owner[i] == owner[EX_ROW_malloc_usable_size];
}

static int visit(struct dl_phdr_info *info, size_t size, void *arg)
{
	int *is_behind_us = arg;
	struct ex_object object;
	ex_object_from(&object, info);
	if (*is_behind_us < 0) {
		*is_behind_us = 0;
		if (size < offsetof(struct dl_phdr_info, dlpi_subs) || (adds && adds == info->dlpi_adds))
			return 1;
		adds = info->dlpi_adds;
	}
	if (*is_behind_us) {
		look_in(&object);
		return 0;
	}
	*is_behind_us = ex_object_is_self(&object);
	for (size_t i = 0; !*is_behind_us && i < EX_HEAP_ROWS; i++)
		if (!before[i])
			before[i] = ex_object_symbol(&object, entries[i].name);
	return 0;
}

static void find(void)
{
	int is_behind_us = -1;
	ex_object_each(visit, &is_behind_us);
}

void ex_heap_find(void)
{
	find();
	for (size_t i = 0; i < EX_HEAP_ROWS; i++)
		if (!*slot(i))
			*slot(i) = entries[i].lack;
	ex_heap_real.is_found = 1;
}

void ex_heap_find_late(void)
{
	if (!ex_image.is_loader_stuck)
		find();
}

/* what was found late may have been in it; the next call looks again */
void ex_heap_object_gone(void)
{
	for (size_t i = 0; i < EX_HEAP_ROWS; i++) {
		if (!is_late[i])
			continue;
		is_late[i] = ex_heap_real.is_allocator[i] = 0;
		__atomic_store_n(slot(i), entries[i].lack, __ATOMIC_RELEASE);
	}
	adds = 0;
	ex_cfi_forget();
}

void ex_heap_tell_real(void)
{
	for (size_t i = 0; i < EX_HEAP_ROWS; i++)
		tell(i);
	is_told = 1;
	if (before[EX_ROW_malloc] && ex_options.serialize == EX_serialize_MALLOC)
		ex_refuse(EX_refusal_NO_WRAPPERS, "serialize", "malloc");
	if (before[EX_ROW_malloc] && ex_options.guard)
		ex_refuse(EX_refusal_NO_WRAPPERS, "guard", ex_options.guard_text);
}
