/*
 * demangle.c: names as the source has them. The C++ runtime's demangler is used where it is installed: one demangler
 * is enough on a machine, and a tool in C need not link against the C++ runtime for it. Without it, names stay mangled.
 */
#include "object.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef char *demangler(const char *name, char *buffer, size_t *length, int *status);

static demangler *find_demangler(void)
{
	static demangler *found;
	static int is_looked_for;
	if (!is_looked_for) {
		void *library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_LOCAL);
		void *symbol = library ? dlsym(library, "__cxa_demangle") : NULL;
		memcpy(&found, &symbol, sizeof(found)); /* ISO C has no cast from an object to a function pointer */
		is_looked_for = 1;
	}
	return found;
}

/* Rust's older scheme ends in a hash that tells people nothing: "::h" and 16 hex digits */
static int drop_rust_hash(char *name)
{
	size_t length = strlen(name);
	if (length <= 19 || strncmp(name + length - 19, "::h", 3) != 0 ||
	    strspn(name + length - 16, "0123456789abcdef") != 16)
		return 0;
	name[length - 19] = 0;
	return 1;
}

/* what stands for "$word$", 0 */
static char rust_sign(const char *word, size_t length)
{
	static const struct {
		const char *word;
		char sign;
	} signs[] = {{"SP", '@'}, {"BP", '*'}, {"RF", '&'}, {"LT", '<'},
		     {"GT", '>'}, {"LP", '('}, {"RP", ')'}, {"C", ','}};
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (strlen(signs[i].word) == length && !strncmp(signs[i].word, word, length))
			return signs[i].sign;
	char *end;
	unsigned long code = *word == 'u' ? strtoul(word + 1, &end, 16) : 0;
	return code > 31 && code < 127 && end == word + length ? (char)code : 0;
}

/* the older scheme has a name's signs as "$LT$", "::" within them as "..", and "_" before a sign that begins a part; in place */
static void plain_rust(char *name)
{
	char *to = name;
	for (const char *from = name; *from;) {
		const char *end = *from == '$' ? strchr(from + 1, '$') : NULL;
		char sign = end ? rust_sign(from + 1, (size_t)(end - from - 1)) : 0;
		if (*from == '_' && from[1] == '$' && (to == name || to[-1] == ':')) {
			from++;
		} else if (sign) {
			*to++ = sign;
			from = end + 1;
		} else if (from[0] == '.' && from[1] == '.') {
			*to++ = ':';
			*to++ = ':';
			from += 2;
		} else {
			*to++ = *from++;
		}
	}
	*to = 0;
}

const char *ex_demangle(const char *name)
{
	int status = -1;
	const char *version = strchr(name, '@'); /* symbol tables of files write symbol@VERSION into the name */
	if (version && version > name)
		name = strndup(name, (size_t)(version - name));
	if (!name || strncmp(name, "_Z", 2) != 0 || !find_demangler())
		return name;
	char *plain = find_demangler()(name, NULL, NULL, &status);
	if (status != 0 || !plain)
		return name;
	if (drop_rust_hash(plain))
		plain_rust(plain);
	return plain;
}
