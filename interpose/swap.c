/*
 * swap.c: see swap.h.
 *
 * Wrappers cannot be switched on at run time: whoever exports malloc is called by everybody for as long as the process
 * lives. So there are two libraries, and the launcher picks one. Without a launcher, the constructor is early enough to
 * pick again: no code of the program has run, descriptors, limits and signals are those it will find anyway.
 */
#include "swap.h"

#include <elf.h>
#include <link.h>

#include "follow.h"
#include "heap.h"
#include "image.h"
#include "options.h"
#include "os/os.h"
#include "place.h"
#include "text.h"

#define VARIABLES 4096
#define PRELOAD_BYTES 8192
#define PATH_BYTES 4096

int ex_swap_is_needed(void)
{
	return (ex_options.log_counters || ex_options.serialize || ex_options.free_own || ex_options.scribble) &&
	       !ex_heap_is_wrapped();
}

/* text with the other library's name in place of ours; 0 when ours is not in it */
static int swap_name(struct ex_buffer *b, const char *text)
{
	for (const char *at = text; *at; at++) {
		if (!ex_starts(at, EX_LIBRARY_NAME))
			continue;
		ex_buffer_bytes(b, text, (size_t)(at - text));
		ex_buffer_text(b, EX_LIBRARY_HEAP_NAME);
		ex_buffer_text(b, at + sizeof(EX_LIBRARY_NAME) - 1);
		return !b->is_cut;
	}
	return 0;
}

/* The path that exec was given: by another one the process would get another name. For a script it is the script's, but
 * argv is what the kernel made of it, so the interpreter is executed. NULL: it was none of these that began, but the
 * dynamic linker, called by its own name with arguments that are not kept. */
static const char *executed_path(char *const envp[])
{
	static char interpreter[PATH_BYTES] EX_TABLE;
	const char *path = (const char *)ex_os_auxiliary(envp, AT_EXECFN), *self = "/proc/self/exe";
	if (!ex_os_auxiliary(envp, AT_BASE) || !path)
		return NULL;
	if (ex_os_is_same_file(path, self))
		return path;
	ex_os_exe(interpreter, sizeof(interpreter));
	return ex_os_is_same_file(interpreter, self) ? interpreter : NULL;
}

void ex_swap(char *const argv[], char *const envp[])
{
	static char library[sizeof(ex_image.preload) + 8] EX_TABLE, preload[PRELOAD_BYTES] EX_TABLE;
	static char *environment[VARIABLES] EX_TABLE;
	struct ex_buffer b;
	const char *path = executed_path(envp), *value = ex_environment_value(envp, "LD_PRELOAD=");
	size_t count = 0;
	ex_buffer_init(&b, library, sizeof(library));
	if (!path || !value || !swap_name(&b, ex_image.preload) || !ex_os_exists(library))
		return;
	ex_buffer_init(&b, preload, sizeof(preload));
	ex_buffer_text(&b, "LD_PRELOAD=");
	if (!swap_name(&b, value))
		return;
	for (; envp[count]; count++) {
		if (count + 1 == VARIABLES)
			return;
		environment[count] = ex_starts(envp[count], "LD_PRELOAD=") ? preload : envp[count];
	}
	ex_os_exec(path, argv, environment);
}
