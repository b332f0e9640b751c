/*
 * ctf_text.h: defines `static const char ex_ctf_body[]`, the part of the metadata that follows the clock.
 * Include in one file of each side.
 */
#include "ctf.h"

static const char ex_ctf_body[] =
#define ROW EX_CTF_ROW
#define SET EX_CTF_SET
#include "kinds.def"
#undef SET
#undef ROW
#define FIELD EX_CTF_FIELD
#define KIND EX_CTF_KIND
#define TEXT EX_CTF_STRING
#define BLOB EX_CTF_BLOB
#define EVENT EX_CTF_EVENT
#include "events.def"
#undef EVENT
#undef FIELD
#undef KIND
#undef TEXT
#undef BLOB
	;
