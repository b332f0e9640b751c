/*
 * code.c: see code.h.
 */
#include "code.h"

#include "os/os.h"
#include "place.h"

#define PROT_EXEC_ 4

static struct ex_ranges ranges EX_TABLE;
static int is_incomplete;

static uintptr_t page_end(uintptr_t begin, unsigned long length)
{
	uintptr_t page = ex_os_page_bytes() - 1;
	return (begin + length + page) & ~page;
}

void ex_code_note(uintptr_t begin, unsigned long length, int prot, int is_new)
{
	if (!(prot & PROT_EXEC_)) {
		if (is_new)
			ex_code_gone(begin, length);
	} else if (!ex_ranges_add(&ranges, begin, page_end(begin, length))) {
		is_incomplete = 1;
	}
}

void ex_code_gone(uintptr_t begin, unsigned long length)
{
	ex_ranges_remove(&ranges, begin, page_end(begin, length));
}

void ex_code_moved(uintptr_t from, unsigned long length, uintptr_t to, unsigned long to_length)
{
	int was_code = ex_code_is_in(from, length);
	if (from != to)
		ex_code_gone(from, length);
	if (was_code)
		ex_ranges_add(&ranges, to, page_end(to, to_length));
}

int ex_code_first(uintptr_t begin, uintptr_t end, struct ex_range *piece)
{
	return ex_ranges_first(&ranges, begin, end, piece);
}

int ex_code_is_in(uintptr_t begin, unsigned long length)
{
	struct ex_range piece;
	return ex_code_first(begin, page_end(begin, length), &piece);
}

int ex_code_is_incomplete(void)
{
	return is_incomplete;
}
