/*
 * origin.c: see origin.h.
 */
#include "origin.h"

#include <string.h>

int ex_origin_word(struct ex_origin *o, const struct ex_image *image, struct ex_symbols *symbols)
{
	(void)image;
	(void)symbols;
	memset(o, 0, sizeof(*o));
	o->reg = -1;
	o->why = "it was not looked for";
	return 0;
}
