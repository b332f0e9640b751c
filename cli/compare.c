/*
 * compare.c: the alignment: columns are merged one by one by their longest common subsequence of rows, so that what
 * ran in the same order stands on one line. See compare.h. Rows are the same by kind, module and offset, never by name.
 */
#include "compare.h"

#include "rules.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

const char *ex_mark_text(enum ex_mark mark)
{
	static const char *const texts[] = {"same", "moved", "only"};
	return texts[mark];
}

int ex_compare_died(const struct ex_column *column)
{
	const struct ex_image *image = column->processes.judged;
	return image && (image->end == EX_END_SIGNAL || image->end == EX_END_ABORT || image->end == EX_END_VANISHED);
}

/* that a writer ran does not say that a file came out of it; but one that refuses leaves none */
const char *ex_compare_profile(const struct ex_column *column)
{
	const struct ex_image *image = column->processes.judged;
	int is_salvaged = 0, is_refused = 0;
	for (size_t n = 0; n < column->profiles.count; n++) {
		is_salvaged |= column->profiles.list[n].kept != NULL;
		is_refused |= column->profiles.list[n].is_refused;
	}
	if (is_salvaged)
		return "salvaged";
	if (!image || !image->has_writer)
		return NULL;
	if (image->writer_ran)
		return is_refused ? "writer refused" : "writer ran";
	const struct ex_row *died = column->teardown.crash_row;
	return died && died->kind == EX_ROW_PROFILE_WRITE ? "writer died" : "writer did not run";
}

static const char *key_of(const struct ex_row *row)
{
	if (row->kind == EX_ROW_MAIN_END || row->kind == EX_ROW_END)
		return ex_row_kind_text(row->kind);
	return ex_format("%s %s", EX_KIND_TEXT(handler, row->handler_kind),
			 row->place.module ? ex_rules_row_name(row) : "outside every module");
}

/* length of the longest common subsequence of lines[i..] and rows[j..], for all i and j */
static unsigned *common(const struct ex_line *lines, unsigned line_count, const char *const *keys, unsigned key_count)
{
	unsigned *length = calloc((size_t)(line_count + 1) * (key_count + 1), sizeof(*length));
	unsigned wide = key_count + 1;
	if (!length)
		abort();
	for (unsigned i = line_count; i-- > 0;)
		for (unsigned j = key_count; j-- > 0;) {
			unsigned down = length[(i + 1) * wide + j], right = length[i * wide + j + 1];
			length[i * wide + j] = down > right ? down : right;
			if (!strcmp(lines[i].key, keys[j]))
				length[i * wide + j] = 1 + length[(i + 1) * wide + j + 1];
		}
	return length;
}

static struct ex_line new_line(const struct ex_comparison *c, const char *key)
{
	struct ex_line line = {.key = key, .rows = calloc(c->column_count, sizeof(*line.rows))};
	if (!line.rows)
		abort();
	return line;
}

static void merge(struct ex_comparison *c, unsigned column)
{
	const struct ex_teardown *t = &c->columns[column].teardown;
	unsigned count = (unsigned)t->count, i = 0, j = 0, at = 0;
	const char **keys = calloc(count + 1, sizeof(*keys));
	struct ex_line *lines = calloc(c->line_count + count + 1, sizeof(*lines));
	if (!keys || !lines)
		abort();
	for (unsigned n = 0; n < count; n++)
		keys[n] = key_of(&t->rows[n]);
	const unsigned *length = common(c->lines, c->line_count, keys, count);
	unsigned wide = count + 1;
	while (i < c->line_count || j < count) {
		if (i < c->line_count && j < count && !strcmp(c->lines[i].key, keys[j])) {
			lines[at] = c->lines[i++];
			lines[at++].rows[column] = &t->rows[j++];
		} else if (j == count ||
			   (i < c->line_count && length[(i + 1) * wide + j] >= length[i * wide + j + 1])) {
			lines[at++] = c->lines[i++];
		} else {
			lines[at] = new_line(c, keys[j]);
			lines[at++].rows[column] = &t->rows[j++];
		}
	}
	c->lines = lines;
	c->line_count = at;
}

static enum ex_mark mark_of(const struct ex_comparison *c, const struct ex_line *line)
{
	enum ex_mark mark = EX_MARK_SAME;
	for (unsigned column = 0; column < c->column_count; column++) {
		int is_elsewhere = 0;
		/* a column without any row has not been observed, and says nothing about the others */
		if (line->rows[column] || !c->columns[column].teardown.count)
			continue;
		for (unsigned i = 0; i < c->line_count && !is_elsewhere; i++)
			is_elsewhere = c->lines[i].rows[column] && !strcmp(c->lines[i].key, line->key);
		if (!is_elsewhere)
			return EX_MARK_ONLY;
		mark = EX_MARK_MOVED;
	}
	return mark;
}

void ex_compare_align(struct ex_comparison *c)
{
	c->lines = NULL;
	c->line_count = 0;
	for (unsigned column = 0; column < c->column_count; column++)
		merge(c, column);
	for (unsigned i = 0; i < c->line_count; i++)
		c->lines[i].mark = mark_of(c, &c->lines[i]);
}

void ex_compare_count(const struct ex_comparison *c, unsigned *moved, unsigned *only)
{
	*moved = *only = 0;
	for (unsigned i = 0; i < c->line_count; i++) {
		int is_told = 0;
		for (unsigned j = 0; j < i && !is_told; j++)
			is_told = c->lines[j].mark == c->lines[i].mark && !strcmp(c->lines[j].key, c->lines[i].key);
		*moved += !is_told && c->lines[i].mark == EX_MARK_MOVED;
		*only += !is_told && c->lines[i].mark == EX_MARK_ONLY;
	}
}
