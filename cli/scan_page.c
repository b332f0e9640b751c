/*
 * scan_page.c: a page of `exeunt scan`. See scan.h. What stands in a file may be made to look like anything on a terminal:
 * bytes that control one are not printed.
 */
#include "scan.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_COLUMNS 14

/* that a file's own part can be; the others of a page are null */
static const char *const own_keys[] = {"elf", "archive", "profile"};

/* control characters become '?', those of C1 (U+0080 to U+009F) too */
static void print_plain(FILE *out, const char *text)
{
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		int is_c1 = *at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0;
		fputc(*at < ' ' || *at == 127 || is_c1 ? '?' : *at, out);
		at += is_c1;
	}
}

static void print_row(const struct ex_scan *scan, const char *label, const char *text, const char *colour)
{
	fprintf(scan->out, "  %-*s%s", LABEL_COLUMNS, label, colour);
	print_plain(scan->out, text);
	fprintf(scan->out, "%s\n", *colour ? "\033[m" : "");
}

static void open_text(struct ex_scan *scan, const struct ex_scan_head *head)
{
	const char *colour = head->status == EX_SCAN_RIGHT ? "\033[32m" : "\033[31m";
	if (scan->pages)
		fputc('\n', scan->out);
	print_plain(scan->out, head->path);
	fprintf(scan->out, ": %s\n", head->kind);
	print_row(scan, "verdict", head->verdict, scan->is_coloured ? colour : "");
	const char *label = "what to do";
	for (const char *at = head->advice; *at; label = "") {
		size_t length = strcspn(at, "\n");
		ex_scan_row(scan, label, "%.*s", (int)length, at);
		at += length + (at[length] == '\n');
	}
}

static void open_json(const struct ex_scan *scan, const struct ex_scan_head *head)
{
	struct ex_emit *emit = scan->emit;
	ex_emit_object(emit, NULL);
	ex_emit_bytes(emit, "path", head->path, strlen(head->path));
	ex_emit_text(emit, "kind", head->kind);
	ex_emit_int(emit, "status", head->status);
	ex_emit_bytes(emit, "verdict", head->verdict, strlen(head->verdict));
	ex_emit_array(emit, "advice");
	for (const char *at = head->advice; *at;) {
		size_t length = strcspn(at, "\n");
		ex_emit_bytes(emit, NULL, at, length);
		at += length + (at[length] == '\n');
	}
	ex_emit_end(emit);
	for (size_t i = 0; i < sizeof(own_keys) / sizeof(*own_keys); i++)
		if (!head->own || strcmp(head->own, own_keys[i]) != 0)
			ex_emit_null(emit, own_keys[i]);
}

void ex_scan_open(struct ex_scan *scan, const struct ex_scan_head *head)
{
	if (scan->emit)
		open_json(scan, head);
	else
		open_text(scan, head);
	scan->pages++;
}

void ex_scan_row(struct ex_scan *scan, const char *label, const char *format, ...)
{
	char *text;
	va_list args;
	if (scan->emit)
		return;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	print_row(scan, label, text, "");
	free(text);
}

void ex_scan_close(struct ex_scan *scan)
{
	if (scan->emit)
		ex_emit_end(scan->emit);
}
