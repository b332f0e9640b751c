/*
 * row_origin.h: the two questions about a row that need stacks and objects. Part of teardown.c's work.
 */
#ifndef EX_ROW_ORIGIN_H
#define EX_ROW_ORIGIN_H

#include "teardown.h"

/* fills row->registered_by */
void ex_row_find_registrar(struct ex_teardown *teardown, struct ex_row *row);
/* rows of an allocator's own handlers become EX_ROW_ALLOCATOR_DONE */
void ex_rows_find_allocators(struct ex_teardown *teardown);

#endif
