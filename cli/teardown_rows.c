/*
 * teardown_rows.c: questions about rows that are there: what one took, where another's turn went, which ran at a time.
 * See teardown.h.
 */
#include "teardown.h"

int ex_row_took_again(const struct ex_row *row, size_t n)
{
	const struct ex_took *took = row->took;
	if (took[n].how != EX_release_GONE)
		return 0;
	for (size_t m = 0; m < row->took_count; m++)
		if (took[m].how != EX_release_GONE && took[m].begin <= took[n].begin && took[m].end >= took[n].end)
			return 1;
	return 0;
}

size_t ex_row_pointed(const struct ex_row *row, const struct ex_pointers *pointers)
{
	for (size_t n = 0; n < row->took_count; n++)
		if (!ex_row_took_again(row, n) && pointers->begin < row->took[n].end &&
		    row->took[n].begin < pointers->end)
			return n;
	return SIZE_MAX;
}

const struct ex_row *ex_row_moved_to(const struct ex_teardown *teardown, const struct ex_row *row)
{
	for (size_t n = teardown->count; n-- > 0;) {
		const struct ex_row *other = &teardown->rows[n];
		if (other != row && other->n && other->id == row->id && !other->is_early_flush &&
		    other->outcome != EX_outcome_of_handler_DEFERRED && other->outcome != EX_outcome_of_handler_MOVED)
			return other;
	}
	return NULL;
}

const struct ex_row *ex_teardown_row_at(const struct ex_teardown *teardown, uint32_t tid, uint64_t time_ns)
{
	for (size_t n = teardown->count; n-- > 0;) {
		const struct ex_row *row = &teardown->rows[n];
		if (row->handler_kind >= 0 && row->tid == tid && row->begin_ns <= time_ns &&
		    (!row->end_ns || row->end_ns >= time_ns))
			return row;
	}
	return NULL;
}

uint64_t ex_row_took_bytes(const struct ex_row *row)
{
	uint64_t bytes = 0;
	for (size_t n = 0; n < row->took_count; n++)
		bytes += ex_row_took_again(row, n) ? 0 : row->took[n].end - row->took[n].begin;
	return bytes;
}

uint64_t ex_teardown_took_bytes(const struct ex_teardown *teardown)
{
	uint64_t bytes = 0;
	for (size_t n = 0; n < teardown->count; n++)
		bytes += ex_row_took_bytes(&teardown->rows[n]);
	return bytes;
}

const char *ex_row_kind_text(enum ex_row_kind kind)
{
	static const char *const texts[] = {
		[EX_ROW_MAIN_END] = "main-end",
		[EX_ROW_TLS_DTOR] = "tls-dtor",
		[EX_ROW_KEY_DTOR] = "key-dtor",
		[EX_ROW_HANDLER] = "handler",
		[EX_ROW_FINI] = "fini",
		[EX_ROW_ALLOCATOR_DONE] = "allocator-done",
		[EX_ROW_PROFILE_WRITE] = "profile-write",
		[EX_ROW_END] = "end",
	};
	return texts[kind];
}
