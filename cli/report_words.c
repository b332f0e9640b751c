/*
 * report_words.c: single things in words: a duration, an amount, an end, a row. Owns the wording that the report and
 * other commands share.
 */
#include "report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *ex_duration_text(uint64_t ns)
{
	char *text;
	int length = ns < 1000	       ? asprintf(&text, "%" PRIu64 " ns", ns)
		     : ns < 1000000    ? asprintf(&text, "%.1f us", (double)ns / 1e3)
		     : ns < 1000000000 ? asprintf(&text, "%.2f ms", (double)ns / 1e6)
				       : asprintf(&text, "%.2f s", (double)ns / 1e9);
	return length < 0 ? "?" : text;
}

const char *ex_bytes_text(uint64_t bytes)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	char *text;
	double value = (double)bytes;
	unsigned unit = 0;
	for (; value >= 1024 && unit < 4; unit++)
		value /= 1024;
	int is_whole = value == (double)(uint64_t)value;
	return asprintf(&text, is_whole ? "%.0f %s" : "%.1f %s", value, units[unit]) < 0 ? "?" : text;
}

/* "32.1 MiB by munmap, 64 KiB by madvise" */
const char *ex_took_text(const struct ex_row *row)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	if (!out)
		return "";
	for (int how = EX_release_MUNMAP; how <= EX_release_GONE; how++) {
		uint64_t bytes = 0;
		for (size_t n = 0; n < row->took_count; n++)
			bytes += row->took[n].how == how && !ex_row_took_again(row, n)
					 ? row->took[n].end - row->took[n].begin
					 : 0;
		if (bytes)
			fprintf(out, "%s%s %s%s", ftell(out) > 0 ? ", " : "", ex_bytes_text(bytes),
				how == EX_release_GONE ? "" : "by ", EX_KIND_TEXT(release, how));
	}
	fclose(out);
	return text;
}

const char *ex_command_text(const struct ex_image *image)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	if (!out)
		return image->exe;
	if (!image->argc)
		fputs(image->exe, out);
	for (int n = 0; n < image->argc; n++) {
		int is_plain = image->argv[n][0] && !strpbrk(image->argv[n], " \t\n'\"\\$&|;<>()*?#");
		fprintf(out, is_plain ? "%s%s" : "%s'%s'", n ? " " : "", image->argv[n]);
		if (ftell(out) > 200) {
			fputs(" …", out);
			break;
		}
	}
	fclose(out);
	return text;
}

const char *ex_end_words(const struct ex_image *image)
{
	char *text = NULL;
	int length = 0;
	switch (image->end) {
	case EX_END_EXIT:
		length = image->exit_kind == EX_exit_MAIN
				 ? asprintf(&text, "main returned, exit status %d", image->status)
				 : asprintf(&text, "exit status %d", image->status);
		break;
	case EX_END_FAST:
		length = asprintf(&text, "left by _exit with status %d: exit handlers did not run", image->status);
		break;
	case EX_END_QUICK:
		length = asprintf(&text, "left by quick_exit with status %d: only at_quick_exit handlers run",
				  image->status);
		break;
	case EX_END_ABORT:
		return "called abort()";
	case EX_END_SIGNAL:
		length = asprintf(&text, "died of %s", ex_signal_name(image->signal));
		break;
	case EX_END_EXEC:
		return "became another program by exec";
	case EX_END_VANISHED:
		return "vanished: nothing in the process saw its end, and nobody waited for it";
	case EX_END_RUNNING:
		return "still runs";
	}
	return length < 0 ? "?" : text;
}

const char *ex_row_name(const struct ex_row *row)
{
	char *text;
	const char *name = row->kind == EX_ROW_END ? "" : row->place.symbol ? row->place.symbol : "";
	int length;
	if (row->kind == EX_ROW_END || (row->kind == EX_ROW_MAIN_END && (*name || !row->place.module)))
		length = asprintf(&text, "%s", *name ? name : row->kind == EX_ROW_END ? "" : "main");
	else if (*name && row->place.source == EX_SYMBOL_INFERRED)
		length = asprintf(&text, "%s? (%s)", name, ex_place_module_offset(&row->place));
	else if (*name)
		length = asprintf(&text, "%s (%s)", name, row->place.module_name);
	else
		length = asprintf(&text, "%s", ex_place_module_offset(&row->place));
	return length < 0 ? "?" : text;
}

const char *ex_row_registrar(const struct ex_row *row)
{
	char *text;
	if (!row->registered_by.module)
		return "";
	if (!row->registered_by.address)
		return row->registered_by.module_name; /* the object is all that is known */
	if (!row->registered_by.symbol)
		return ex_place_module_offset(&row->registered_by);
	if (row->registered_by.module == row->place.module)
		return row->registered_by.symbol;
	return asprintf(&text, "%s (%s)", row->registered_by.symbol, row->registered_by.module_name) < 0 ? "?" : text;
}
