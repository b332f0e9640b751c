/*
 * gen-docs.c: the tables of schema/ as one page of Markdown on stdout. Holds no list of its own.
 */
#include "meta.h"

#include <stdio.h>
#include <string.h>

struct verdict {
	const char *name, *cause, *evidence, *confirm, *control;
};

static const struct verdict verdicts[] = {
#define VERDICT(NAME, name, cause, evidence, confirm, control, advice) {name, cause, evidence, confirm, control},
#include "verdicts.def"
#undef VERDICT
	{NULL, NULL, NULL, NULL, NULL}};

static const struct {
	const char *name;
	int is_bad;
	const char *doc;
} outcomes[] = {
#define OUTCOME(NAME, text, is_bad, doc) {text, is_bad, doc},
#include "outcomes.def"
#undef OUTCOME
	{NULL, 0, NULL}};

static const struct {
	int status;
	const char *format;
} messages[] = {
#define MSG(ID, status, format) {status, format},
#include "messages.def"
#undef MSG
	{0, NULL}};

static const struct {
	const char *name, *verb, *how, *mark, *doc;
} launchers[] = {
#define LAUNCHER(name, verb, how, mark, doc) {name, verb, #how, mark, doc},
#define LAUNCHER_FLAG(verb, name, kind, doc)
#include "launchers.def"
#undef LAUNCHER
#undef LAUNCHER_FLAG
	{NULL, NULL, NULL, NULL, NULL}};

static const char *const signs[] = {
#define SIGN(NAME, weight, doc) doc,
#include "sandbox_signs.def"
#undef SIGN
	NULL};

static void cell(const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			putchar('\\');
		putchar(*text);
	}
}

static void row(const char *const *cells, int count)
{
	for (int i = 0; i < count; i++) {
		fputs(i ? " | " : "| ", stdout);
		cell(cells[i]);
	}
	puts(" |");
}
#define ROW_OF(...) row((const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void options(const struct ex_option_meta *option)
{
	for (; option->name; option++)
		ROW_OF(option->name, option->type, *option->value ? option->value : "", option->doc);
}

/* in scdoc's language two letters mean something inside a word */
static void scd(const char *text)
{
	for (; *text; text++) {
		if (strchr("_*\\", *text))
			putchar('\\');
		putchar(*text);
	}
}

static void scd_entry(const char *name, const char *value, const char *doc)
{
	putchar('*');
	scd(name);
	fputs(value ? "*=_value_" : "*", stdout);
	if (value && *value) {
		fputs(" (default ", stdout);
		scd(value);
		putchar(')');
	}
	fputs("\n\t", stdout);
	scd(doc);
	fputs("\n\n", stdout);
}

/* what docs/exeunt.1.scd has a line @TABLES@ for */
static void manual(void)
{
	puts("# SETTINGS\n");
	for (const struct ex_option_meta *option = ex_options; option->name; option++)
		if (strcmp(option->name, "out") != 0) /* -o says it */
			scd_entry(option->name, option->value, option->doc);
	puts("# VERDICTS\n");
	for (const struct verdict *v = verdicts; v->name; v++)
		scd_entry(v->name, NULL, v->cause);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--man")) {
		manual();
		return 0;
	}
	puts("# The tables\n\nMade by `make docs` out of `schema/*.def`; do not edit.\n");
	puts("## Settings\n\nFor `-s KEY=VALUE`, profiles and the variable `EXEUNT`.\n");
	puts("| key | type | default | what it does |\n|---|---|---|---|");
	options(ex_options);
	puts("\n## Treatments\n\n| treatment | its price | value | what it does |\n|---|---|---|---|");
	options(ex_treatments);
	puts("\n## Verdicts\n\nIn order of precedence.\n");
	puts("| verdict | cause | evidence | must cure | must not cure |\n|---|---|---|---|---|");
	for (const struct verdict *v = verdicts; v->name; v++)
		ROW_OF(v->name, v->cause, v->evidence, v->confirm, v->control);
	puts("\n## Outcomes of one run\n\n| outcome | counts as bad | when |\n|---|---|---|");
	for (int i = 0; outcomes[i].name; i++)
		ROW_OF(outcomes[i].name, outcomes[i].is_bad ? "yes" : "no", outcomes[i].doc);
	puts("\n## Messages\n\n| exit status | text |\n|---|---|");
	for (int i = 0; messages[i].format; i++) {
		printf("| %d | ", messages[i].status);
		cell(messages[i].format);
		puts(" |");
	}
	puts("\n## Launchers of sandboxes\n\n| program | first word | how CMD gets its environment | marked by | what "
	     "|\n|---|---|---|---|---|");
	for (int i = 0; launchers[i].name; i++)
		ROW_OF(launchers[i].name, launchers[i].verb, launchers[i].how, launchers[i].mark, launchers[i].doc);
	puts("\n## Signs of gVisor\n");
	for (int i = 0; signs[i]; i++)
		printf("- %s\n", signs[i]);
	puts("\n## Functions that the library stands in front of\n\n| function | group | why |\n|---|---|---|");
	for (const struct ex_hook_meta *hook = ex_hooks; hook->name; hook++)
		ROW_OF(hook->name, hook->group, hook->doc);
	puts("\n## Events");
	for (const struct ex_event_meta *event = ex_events; event->name; event++) {
		static const char *const types[] = {"u8", "u16", "u32", "u64", "i32", "ptr", "kind", "text", "blob"};
		printf("\n### %s (%d)\n\n%s.\n\n| field | type | unit | meaning |\n|---|---|---|---|\n", event->name,
		       event->id, event->doc);
		for (const struct ex_field *field = event->fields; field->name; field++)
			ROW_OF(field->name, field->set ? field->set->name : types[field->type], field->unit,
			       field->doc);
	}
	puts("\n## Named values");
	for (const struct ex_kind_set *set = ex_kinds; set->name; set++) {
		printf("\n### %s\n\n%s.\n\n| value | text | meaning |\n|---|---|---|\n", set->name, set->doc);
		for (const struct ex_kind_row *value = set->rows; value->text; value++) {
			printf("| %d | ", value->value);
			cell(value->text);
			fputs(" | ", stdout);
			cell(value->doc);
			puts(" |");
		}
	}
	return 0;
}
