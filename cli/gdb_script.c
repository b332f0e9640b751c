/*
 * gdb_script.c: see gdb_script.h. Written for gdb 10 and later (define-prefix; Debian 11 has 10.1), without its Python,
 * which not every gdb has.
 */
#include "gdb_script.h"

#include "experiment.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* name, how many arguments, what is added to exeunt report, what it says */
static const struct view {
	const char *name;
	int takes_address;
	const char *options, *doc;
} views[] = {
	{"report", 0, "", "What exeunt report says of this process."},
	{"events", 0, " --events", "The report, with the last events of each thread."},
	{"json", 0, " --json", "The report as JSON."},
	{"address", 1, " --address", "What lay at an address, and all that happened to it: exeunt address $rip"},
};

/* eval is a printf: a % of the path's would be a conversion */
static const char *doubled(const char *text)
{
	const char *result = "";
	for (; *text; text++)
		result = ex_format("%s%s%c", result, *text == '%' ? "%" : "", *text);
	return result;
}

static void write_modules(const struct ex_gdb_script *script, FILE *out)
{
	const struct ex_image *image = script->image;
	/* there is no thread library in a core file that has no data; and no memory to read the linker's own list from */
	fputs("set libthread-db-search-path /\nset confirm off\n", out);
	for (size_t i = 0; i < image->module_count; i++) {
		const struct ex_module *module = &image->modules[i];
		const char *file = ex_symbols_file(script->symbols, module);
		/* one that was gone by then lies where another may lie now */
		if (!file || module->to_ns < image->end_ns || module == ex_image_program(image))
			continue;
		fprintf(out, "add-symbol-file \"%s\" -o 0x%" PRIx64 "\n", file, module->bias);
	}
	fputs("set confirm on\n", out);
}

static void write_view(const struct ex_gdb_script *script, const struct view *view, FILE *out)
{
	const char *self = realpath("/proc/self/exe", NULL);
	const char *command =
		ex_format("%s report%s%s --pid %" PRIu32 "%s", ex_experiment_quoted(self ? self : "exeunt"),
			  script->sysroot ? " --sysroot " : "",
			  script->sysroot ? ex_experiment_quoted(script->sysroot) : "", script->image->pid,
			  view->options);
	fprintf(out, "define exeunt %s\n", view->name);
	if (view->takes_address)
		fprintf(out, "  eval \"shell %s=0x%%lx %s\", (unsigned long)($arg0)\n", doubled(command),
			doubled(ex_experiment_quoted(script->trace)));
	else
		fprintf(out, "  shell %s %s\n", command, ex_experiment_quoted(script->trace));
	fprintf(out, "end\ndocument exeunt %s\n%s\nend\n", view->name, view->doc);
}

void ex_gdb_script_write(const struct ex_gdb_script *script, FILE *out)
{
	fputs("# written by exeunt gdb\n", out);
	if (script->symbols)
		write_modules(script, out);
	/* only now: the first frame that gdb prints has its name then */
	if (script->core)
		fprintf(out, "core-file %s\n", script->core);
	if (!script->trace || !script->image)
		return;
	fputs("define-prefix exeunt\n", out);
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
		write_view(script, &views[i], out);
	fputs("echo exeunt report, exeunt events, exeunt address EXPRESSION: what exeunt saw; help exeunt lists "
	      "them\\n\n",
	      out);
}
