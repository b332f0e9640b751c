/*
 * compare_text.c: a comparison for people: one line a handler, one column a run. See compare.h.
 */
#include "compare.h"

#include "report.h"
#include "rules.h"
#include "text.h"

#include <string.h>

#define NAME_LEAST 30
#define CELL_LEAST 16

static const char *name_of(const struct ex_comparison *c, const struct ex_line *line)
{
	const struct ex_row *row = NULL;
	for (unsigned i = 0; i < c->column_count && !row; i++)
		row = line->rows[i];
	if (!row || row->kind == EX_ROW_MAIN_END || row->kind == EX_ROW_END)
		return line->key;
	const char *inferred = row->place.source == EX_SYMBOL_INFERRED ? " (inferred)" : "";
	const char *text = row->place.symbol ? ex_format("%s%s %s", row->place.symbol, inferred, ex_rules_row_name(row))
					     : ex_rules_row_name(row);
	return ex_format("%*s%s%s", 2 * (int)row->depth, "", text,
			 row->kind == EX_ROW_PROFILE_WRITE ? " (profile)" : "");
}

static const char *cell_of(const struct ex_row *row, const struct ex_column *column)
{
	if (!row)
		return "-";
	if (row->kind == EX_ROW_END)
		return ex_end_words(column->teardown.image);
	if (row->outcome > EX_outcome_of_handler_RAN)
		return ex_format("#%u %s", row->n, EX_KIND_TEXT(outcome_of_handler, row->outcome));
	const char *how = row->end_ns			      ? ex_duration_text(row->end_ns - row->begin_ns)
			  : row == column->teardown.crash_row ? "died here"
							      : "did not return";
	if (row->kind == EX_ROW_MAIN_END)
		return ex_format("#%u", row->n);
	uint64_t bytes = ex_row_took_bytes(row);
	return ex_format("#%u %s%s%s", row->n, how, bytes ? ", took " : "", bytes ? ex_bytes_text(bytes) : "");
}

static void print_columns(const struct ex_comparison *c, FILE *out, int name_width, int cell_width)
{
	static const char signs[] = {[EX_MARK_SAME] = ' ', [EX_MARK_MOVED] = '~', [EX_MARK_ONLY] = '+'};
	fprintf(out, "  %-*s", name_width, "");
	for (unsigned i = 0; i < c->column_count; i++)
		fprintf(out, "  %-*s", i + 1 < c->column_count ? cell_width : 0, c->columns[i].name);
	fputc('\n', out);
	for (unsigned n = 0; n < c->line_count; n++) {
		const char *name = name_of(c, &c->lines[n]);
		fprintf(out, "%c %-*s", signs[c->lines[n].mark], name_width, name);
		/* a long name keeps to its own line */
		if ((int)strlen(name) > name_width)
			fprintf(out, "\n  %-*s", name_width, "");
		for (unsigned i = 0; i < c->column_count; i++)
			fprintf(out, "  %-*s", i + 1 < c->column_count ? cell_width : 0,
				cell_of(c->lines[n].rows[i], &c->columns[i]));
		fputc('\n', out);
	}
}

static void print_stacked(const struct ex_comparison *c, FILE *out)
{
	static const char signs[] = {[EX_MARK_SAME] = ' ', [EX_MARK_MOVED] = '~', [EX_MARK_ONLY] = '+'};
	for (unsigned n = 0; n < c->line_count; n++) {
		fprintf(out, "%c %s\n", signs[c->lines[n].mark], name_of(c, &c->lines[n]));
		for (unsigned i = 0; i < c->column_count; i++)
			fprintf(out, "      %-12s %s\n", c->columns[i].name,
				cell_of(c->lines[n].rows[i], &c->columns[i]));
	}
}

/* nothing where none was observed: a zero would look like a finding */
static const char *growth_of(const struct ex_column *column)
{
	const struct ex_growth *growth = &column->growth;
	uint64_t waits = growth->waits[EX_lock_ARENA] + growth->waits[EX_lock_MUTEX];
	if (!growth->is_observed)
		return "";
	return ex_format(", grew %s in %llu call%s%s%s", ex_bytes_text(growth->grown_bytes),
			 (unsigned long long)growth->growths, growth->growths == 1 ? "" : "s",
			 waits ? ", waits for its locks: " : "",
			 waits ? ex_format("%llu", (unsigned long long)waits) : "");
}

/* what was not seen is left out */
static const char *exit_of(const struct ex_column *column)
{
	const struct ex_departure *departure = &column->departure;
	const char *text = "";
	if (departure->left_ns)
		text = ex_format(", %s at exit", ex_duration_text(departure->left_ns - departure->begin_ns));
	if (departure->stdio_ns)
		text = ex_format("%s (stdio flush %s)", text,
				 ex_duration_text(departure->left_ns - departure->stdio_ns));
	if (column->thread_count)
		text = ex_format("%s, %zu other thread%s alive", text, column->thread_count,
				 column->thread_count == 1 ? "" : "s");
	if (column->took_bytes)
		text = ex_format("%s, %s went away", text, ex_bytes_text(column->took_bytes));
	if (ex_compare_profile(column))
		text = ex_format("%s, LLVM profile: %s", text, ex_compare_profile(column));
	return text;
}

static int is_probed(const struct ex_column *column)
{
	const struct ex_image *image = column->processes.judged;
	return column->departure.left_ns && image->options && strstr(image->options, "probe=on");
}

void ex_compare_text(const struct ex_comparison *c, FILE *out, int width, int is_colour)
{
	int name_width = NAME_LEAST, cell_width = CELL_LEAST, columns = (int)c->column_count;
	ex_compare_heap_text(c, out, is_colour);
	fprintf(out, "%sorder of teardown%s\n\n", is_colour ? "\033[1m" : "", is_colour ? "\033[0m" : "");
	for (int i = 0; i < columns; i++) {
		int length = (int)strlen(c->columns[i].name);
		cell_width = length > cell_width && length <= NAME_LEAST ? length : cell_width;
	}
	for (unsigned n = 0; n < c->line_count; n++)
		for (int i = 0; i < columns; i++) {
			int length = (int)strlen(cell_of(c->lines[n].rows[i], &c->columns[i]));
			cell_width = length > cell_width ? length : cell_width;
		}
	for (unsigned n = 0; n < c->line_count; n++) {
		int length = (int)strlen(name_of(c, &c->lines[n]));
		if (length > name_width && length <= width - 2 - columns * (cell_width + 2))
			name_width = length;
	}
	if (width >= 2 + name_width + columns * (cell_width + 2))
		print_columns(c, out, name_width, cell_width);
	else
		print_stacked(c, out);
	unsigned moved, only;
	ex_compare_count(c, &moved, &only);
	fprintf(out, "\n  + not in every column: %u   ~ in another place: %u\n\n", only, moved);
	for (unsigned i = 0; i < c->column_count; i++)
		fprintf(out, "  %-12s %s%s%s%s%s\n", c->columns[i].name, c->columns[i].dir,
			c->columns[i].preload ? ", preloaded " : "", c->columns[i].preload ? c->columns[i].preload : "",
			exit_of(&c->columns[i]), growth_of(&c->columns[i]));
	for (unsigned i = 0; i < c->column_count; i++)
		if (is_probed(&c->columns[i])) {
			fprintf(out,
				"\n  times at exit have the trials of the allocator in them; -s probe=off leaves those "
				"out\n");
			break;
		}
}
