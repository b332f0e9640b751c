/*
 * growth_modules.c: memory calls that are not glibc's malloc's, by the module that made them and, where it is known,
 * by the allocator. Owns the rule for programs with an allocator linked in: a call is the allocator's when the function
 * that made it is; without symbols the module as a whole is all that can be said.
 */
#include "growth.h"

#include <search.h>
#include <stdlib.h>

struct caller { /* a return address, and its row; modules come and go at one address */
	uint64_t address;
	const struct ex_module *module;
	size_t row;
};

struct table {
	const struct ex_image *image;
	struct ex_symbols *symbols;
	const struct ex_allocator *allocators;
	size_t allocator_count;
	void *callers; /* of tsearch */
	struct ex_growth_module *rows;
	size_t row_count;
};

static int by_address(const void *a, const void *b)
{
	const struct caller *x = a, *y = b;
	return x->address < y->address ? -1 : x->address > y->address;
}

static const struct ex_allocator *allocator_of(const struct table *table, const struct ex_module *module)
{
	for (size_t n = 0; module && n < table->allocator_count; n++)
		if (table->allocators[n].module == module && table->allocators[n].functions)
			return &table->allocators[n];
	return NULL;
}

static struct ex_growth_module describe(const struct table *table, const struct ex_module *module,
					const struct ex_event *event)
{
	const struct ex_allocator *allocator = allocator_of(table, module);
	struct ex_growth_module row = {.module = module, .allocator = allocator};
	if (!allocator || !allocator->is_inside)
		return row;
	ex_symbols_at(table->symbols, event->time_ns);
	struct ex_place place = ex_symbols_place(table->symbols, EX_EVENT(event, growth)->caller, 1);
	ex_symbols_at(table->symbols, UINT64_MAX - 1);
	row.is_by_function = place.symbol != NULL;
	if (!place.symbol || !ex_allocator_has(allocator, place.symbol))
		row.allocator = NULL;
	return row;
}

static size_t row_of(struct table *table, const struct ex_event *event)
{
	uint64_t address = EX_EVENT(event, growth)->caller;
	struct caller key = {.address = address}, **found = tfind(&key, &table->callers, by_address), *caller;
	if (found && (!(*found)->module ||
		      (event->time_ns >= (*found)->module->from_ns && event->time_ns < (*found)->module->to_ns)))
		return (*found)->row;
	caller = found ? *found : malloc(sizeof(*caller));
	if (!caller)
		abort();
	*caller = (struct caller){.address = address, .module = ex_image_module(table->image, address, event->time_ns)};
	if (!found)
		tsearch(caller, &table->callers, by_address);
	struct ex_growth_module row = describe(table, caller->module, event);
	for (size_t n = 0; n < table->row_count; n++)
		if (table->rows[n].module == row.module && table->rows[n].allocator == row.allocator &&
		    table->rows[n].is_by_function == row.is_by_function)
			return caller->row = n;
	table->rows = realloc(table->rows, (table->row_count + 1) * sizeof(row));
	if (!table->rows)
		abort();
	table->rows[table->row_count] = row;
	return caller->row = table->row_count++;
}

/* Bytes of address space, so that what is left is the difference. Whether pages are accessible, or there at all, is
 * another matter: an allocator reserves first and commits later, or discards pages and keeps the place. */
static void count(struct ex_growth_module *row, const struct ex_ev_growth *growth)
{
	uint64_t *less = &row->released_bytes, *more = &row->grown_bytes;
	row->calls++;
	if (growth->error)
		return;
	switch (growth->call) {
	case EX_memory_call_MMAP:
		*more += growth->bytes;
		break;
	case EX_memory_call_MUNMAP:
		*less += growth->bytes;
		break;
	case EX_memory_call_MREMAP:
		if (growth->bytes > growth->old_bytes)
			*more += growth->bytes - growth->old_bytes;
		else
			*less += growth->old_bytes - growth->bytes;
		break;
	case EX_memory_call_BRK:
	case EX_memory_call_SBRK:
		*(growth->old == growth->begin ? more : less) += growth->bytes;
		break;
	default:
		if (growth->class == EX_growth_OTHER_SHRINK)
			row->discarded_bytes += growth->bytes;
		break;
	}
}

static int by_calls(const void *a, const void *b)
{
	const struct ex_growth_module *x = a, *y = b;
	int has_x = x->allocator != NULL, has_y = y->allocator != NULL;
	if (has_x != has_y)
		return has_y - has_x;
	return x->calls > y->calls ? -1 : x->calls < y->calls;
}

size_t ex_steps_modules(const struct ex_steps *steps, struct ex_symbols *symbols, const struct ex_allocator *allocators,
			size_t allocator_count, struct ex_growth_module **rows)
{
	struct table table = {.image = steps->image,
			      .symbols = symbols,
			      .allocators = allocators,
			      .allocator_count = allocator_count};
	for (size_t n = 0; n < steps->count; n++) {
		const struct ex_step *step = &steps->list[n];
		const struct ex_ev_growth *growth = EX_EVENT(step->event, growth);
		if (step->is_inherited || step->event->meta->id != EX_EV_GROWTH || ex_step_is_treated(step))
			continue;
		if (growth->class != EX_growth_OTHER_GROW && growth->class != EX_growth_OTHER_SHRINK &&
		    growth->class != EX_growth_NOT_ALLOCATOR)
			continue;
		size_t row = row_of(&table, step->event); /* may move the rows */
		count(&table.rows[row], growth);
	}
	tdestroy(table.callers, free);
	if (table.row_count)
		qsort(table.rows, table.row_count, sizeof(*table.rows), by_calls);
	*rows = table.rows;
	return table.row_count;
}
