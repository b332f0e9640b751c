/*
 * refuse.c: see refuse.h.
 */
#include "refuse.h"

#include "stream.h"

void ex_refuse(int why, const char *key, const char *value)
{
	char text[EX_OPTION_MAX_BYTES];
	struct ex_buffer b;
	ex_buffer_init(&b, text, sizeof(text));
	ex_buffer_text(&b, key);
	ex_buffer_text(&b, "=");
	ex_buffer_text(&b, value);
	EX_PUT(REFUSED, refused, (.why = (uint8_t)why), EX_TEXT(text), );
}
