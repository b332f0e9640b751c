/*
 * reason.h: the names of what may become of a detour.
 */
#ifndef REASON_H
#define REASON_H

#include <string.h>

#include "expand.h"

static const char *name_of(int result)
{
	static const struct {
		const char *set, *name;
		int value;
	} rows[] = {
#define ROW(set, NAME, value, text, doc) {#set, #NAME, value},
#define SET(set, doc, ...) __VA_ARGS__
#include "kinds.def"
#undef SET
#undef ROW
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(rows[i].set, "detour") && rows[i].value == result)
			return rows[i].name;
	return "?";
}

#endif
