/*
 * meta.h: the tables at run time, for code that walks them: decoder, JSON, help, docs, tests. CLI side only.
 */
#ifndef EX_META_H
#define EX_META_H

#include "expand.h"

enum ex_field_type {
	EX_TYPE_u8,
	EX_TYPE_u16,
	EX_TYPE_u32,
	EX_TYPE_u64,
	EX_TYPE_i32,
	EX_TYPE_ptr,
	EX_TYPE_kind, /* one byte, named values in .set */
	EX_TYPE_text, /* tail */
	EX_TYPE_blob, /* tail */
};

struct ex_kind_row {
	int value;
	const char *name; /* as in the C enum */
	const char *text;
	const char *doc;
};

struct ex_kind_set {
	const char *name;
	const char *doc;
	const struct ex_kind_row *rows; /* ended by .text == NULL */
};

struct ex_field {
	const char *name; /* NULL ends the list */
	enum ex_field_type type;
	const char *unit;
	const char *doc;
	const struct ex_kind_set *set; /* EX_TYPE_kind only */
};

struct ex_event_meta {
	int id;
	const char *name;
	int since;
	const char *doc;
	unsigned fixed_bytes;
	const struct ex_field *fields; /* fixed ones first, tails last */
};

struct ex_option_meta {
	const char *type, *name, *value, *doc;
};

struct ex_hook_meta {
	const char *name, *group, *doc;
};

extern const struct ex_event_meta ex_events[]; /* ended by .name == NULL */
extern const struct ex_kind_set ex_kinds[];    /* ended by .name == NULL */
extern const struct ex_option_meta ex_options[];
extern const struct ex_hook_meta ex_hooks[];
extern const struct ex_option_meta ex_treatments[]; /* .type = risk, .value = form of the value */

/* NULL when there is no such event */
const struct ex_event_meta *ex_event_by_id(int id);
/* the text of a value, or "?" */
const char *ex_kind_text(const struct ex_kind_set *set, int value);
/* bytes of a fixed field on the wire, 0 for tails */
unsigned ex_field_bytes(enum ex_field_type type);

/* metadata file: writes it into out, returns the bytes needed (without NUL), as snprintf does */
int ex_ctf_metadata(char *out, size_t size, long long clock_offset_ns);

#define EX_KIND_TEXT(set, value) ex_kind_text(&ex_kind_set_##set, value)
#define SET(set, doc, ...) extern const struct ex_kind_set ex_kind_set_##set;
#include "kinds.def"
#undef SET

#endif
