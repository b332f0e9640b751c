/*
 * row_origin.c: where a row of the timeline comes from: who registered its handler, and whether it is an allocator's
 * own. Must never decide by an allocator's name what the objects of the process can tell.
 */
#include "row_origin.h"

#include "allocators.h"

#include <stdio.h>
#include <string.h>

/* What stands between the program and the library when a handler is registered: stubs that libc and the C++ runtime
 * link in. Only these names are passed over; in a stripped program the stub is taken for its caller, whose module it shares. */
static int is_glue(const struct ex_place *place)
{
	static const char *const names[] = {"atexit",
					    "on_exit",
					    "at_quick_exit",
					    "__cxa_atexit",
					    "__cxa_thread_atexit",
					    "__cxa_thread_atexit_impl",
					    "__cxa_at_quick_exit",
					    "pthread_key_create",
					    "__pthread_key_create"};
	for (size_t n = 0; place->symbol && n < sizeof(names) / sizeof(names[0]); n++)
		if (strcmp(place->symbol, names[n]) == 0)
			return 1;
	return ex_place_is_ours(place);
}

void ex_row_find_registrar(struct ex_teardown *teardown, struct ex_row *row)
{
	if (!row->registration || row->handler_kind >= EX_handler_FINI_ARRAY)
		return; /* finalizers are found, nobody registers them */
	struct ex_place frames[12];
	const struct ex_event *event = row->registration;
	ex_symbols_at(teardown->symbols, event->time_ns);
	int count = ex_symbols_unwind(teardown->symbols, event->tail[0], event->tail[1], 1, frames, 12);
	int n = 0;
	while (n < count && (!frames[n].module || is_glue(&frames[n])))
		n++;
	if (n < count)
		row->registered_by = frames[n];
	else if (EX_EVENT(event, register)->caller)
		row->registered_by = ex_symbols_place(teardown->symbols, EX_EVENT(event, register)->caller, 1);
	/* A constructor whose last act is the registration jumps to it, so that its own frame is gone and the dynamic
	 * linker seems to have registered. The handle says which object it was. */
	struct ex_place handle = ex_symbols_place(teardown->symbols, EX_EVENT(event, register)->dso, 0);
	const struct ex_place *by = &row->registered_by;
	if (handle.module && handle.module != by->module && strncmp(by->module_name, "ld-", 3) == 0)
		row->registered_by = (struct ex_place){.module = handle.module, .module_name = handle.module_name};
}

static const char *titled(const struct ex_allocator *one)
{
	char *text;
	if (!one->version || asprintf(&text, "%s %s", one->name, one->version) < 0)
		return one->name;
	return text;
}

/* An allocator's own handler: it lies in the object that serves malloc, unless that is libc or the program itself,
 * whose handlers may be anything. There the table of names may know it. */
void ex_rows_find_allocators(struct ex_teardown *teardown)
{
	struct ex_allocator *list;
	size_t count = ex_allocators_find(teardown->image, teardown->symbols, &list);
	for (size_t n = 0; n < count; n++) {
		const struct ex_allocator *one = &list[n];
		int is_own = strcmp(one->how, "static") != 0 && strcmp(one->name, "glibc") != 0;
		struct ex_row *only = NULL;
		int own_rows = 0;
		for (size_t r = 0; r < teardown->count; r++) {
			struct ex_row *row = &teardown->rows[r];
			if (row->place.module != one->module)
				continue;
			int is_named = *one->exit_handler && row->place.symbol &&
				       strcmp(row->place.symbol, one->exit_handler) == 0;
			int is_plain = row->kind == EX_ROW_HANDLER;
			/* linked in, a destructor under a name of its own: mi_process_detach since mimalloc 2.1.9 */
			if (one->is_inside && row->place.symbol && (is_plain || row->kind == EX_ROW_FINI))
				is_named |= ex_allocator_has(one, row->place.symbol);
			int is_taking = row->kind == EX_ROW_FINI && row->took_count > 0;
			if (is_named || (is_own && (is_plain || is_taking))) {
				row->kind = EX_ROW_ALLOCATOR_DONE;
				row->allocator = titled(one);
				own_rows++;
				only = row;
			}
		}
		/* a stripped allocator with one handler: its source says what it is called */
		if (own_rows == 1 && !only->place.symbol && *one->exit_handler) {
			only->place.symbol = one->exit_handler;
			only->place.source = EX_SYMBOL_INFERRED;
		}
	}
}
