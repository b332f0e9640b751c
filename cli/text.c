/*
 * text.c: text made out of values. Must never return NULL: nobody asks.
 */
#include "text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *ex_format(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	return text;
}

const char *ex_duration_text(uint64_t ns)
{
	return ns < 1000	 ? ex_format("%" PRIu64 " ns", ns)
	       : ns < 1000000	 ? ex_format("%.1f us", (double)ns / 1e3)
	       : ns < 1000000000 ? ex_format("%.2f ms", (double)ns / 1e6)
				 : ex_format("%.2f s", (double)ns / 1e9);
}

const char *ex_bytes_text(uint64_t bytes)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	double value = (double)bytes;
	unsigned unit = 0;
	for (; value >= 1024 && unit < 4; unit++)
		value /= 1024;
	int is_whole = value == (double)(uint64_t)value;
	return ex_format("%.*f %s", is_whole ? 0 : 1, value, units[unit]);
}
