/*
 * fuzz_elf.c: everything that `exeunt scan` does with an ELF file or an archive, on any bytes at all.
 */
#include "fuzz.h"
#include "object.h"
#include "scan_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* as text, and as JSON, which has to end as it should */
static int fuzz_elf(const uint8_t *bytes, size_t length)
{
	static int has_demangler;
	if (!has_demangler++)
		ex_demangle("_Z1fv"); /* opens a library, which stays */
	for (int is_json = 0; is_json < 2; is_json++) {
		char *page = NULL;
		size_t page_length = 0;
		struct ex_scan scan = {.out = open_memstream(&page, &page_length), .with_records = 1};
		struct ex_emit emit;
		unsigned char *copy = malloc(length ? length : 1); /* so that a byte too far is seen */
		if (!scan.out || !copy)
			abort();
		memcpy(copy, bytes, length);
		if (is_json) {
			scan.emit = &emit;
			ex_emit_begin(&emit, scan.out);
			ex_emit_array(&emit, NULL);
		}
		int status = ex_scan_bytes(&scan, copy, length);
		if (is_json)
			ex_emit_end(&emit);
		if (fclose(scan.out) ||
		    (status != EX_SCAN_RIGHT && status != EX_SCAN_WRONG && status != EX_SCAN_UNREADABLE) ||
		    (is_json && (emit.depth || !page_length)))
			abort();
		free(page);
	}
	return 0;
}

EX_FUZZ_TARGET(fuzz_elf)
