/*
 * report_words.c: single things in words: an end, a row, what it took. Owns the wording that the report and
 * other commands share.
 */
#include "report.h"

#include "text.h"

#include <string.h>

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
	switch (image->end) {
	case EX_END_EXIT:
		return ex_format(image->exit_kind == EX_exit_MAIN ? "main returned, exit status %d" : "exit status %d",
				 image->status);
	case EX_END_FAST:
		return ex_format("left by _exit with status %d: exit handlers did not run", image->status);
	case EX_END_QUICK:
		return ex_format("left by quick_exit with status %d: only at_quick_exit handlers run", image->status);
	case EX_END_ABORT:
		return "called abort()";
	case EX_END_SIGNAL:
		return ex_format("died of %s", ex_signal_name(image->signal));
	case EX_END_EXEC:
		return "became another program by exec";
	case EX_END_VANISHED:
		if (image->sandbox_end)
			return ex_format("vanished: nothing inside saw its end; %s", image->sandbox_end);
		return "vanished: nothing in the process saw its end, and nobody waited for it";
	case EX_END_RUNNING:
		return "still runs";
	}
	return "?";
}

const char *ex_row_name(const struct ex_row *row)
{
	const char *symbol = row->place.symbol ? row->place.symbol : "";
	if (row->kind == EX_ROW_END)
		return "";
	if (row->kind == EX_ROW_MAIN_END && (*symbol || !row->place.module))
		return *symbol ? symbol : "main";
	if (!*symbol)
		return ex_place_module_offset(&row->place);
	if (row->place.source == EX_SYMBOL_INFERRED)
		return ex_format("%s? (%s)", symbol, ex_place_module_offset(&row->place));
	return ex_format("%s (%s)", symbol, row->place.module_name);
}

const char *ex_row_registrar(const struct ex_row *row)
{
	if (!row->registered_by.module)
		return "";
	if (!row->registered_by.address)
		return row->registered_by.module_name; /* the object is all that is known */
	if (!row->registered_by.symbol)
		return ex_place_module_offset(&row->registered_by);
	if (row->registered_by.module == row->place.module)
		return row->registered_by.symbol;
	return ex_format("%s (%s)", row->registered_by.symbol, row->registered_by.module_name);
}
