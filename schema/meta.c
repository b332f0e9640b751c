/*
 * meta.c: expansions of the tables into arrays. See meta.h.
 */
#include "meta.h"

#include <stdio.h>

#include "ctf_text.h"

#define ROW(set, NAME, value, text, doc) {value, #NAME, text, doc},
#define SET(set, doc, ...) static const struct ex_kind_row rows_##set[] = {__VA_ARGS__{-1, NULL, NULL, NULL}};
#include "kinds.def"
#undef SET
#undef ROW

#define SET(set, doc, ...) const struct ex_kind_set ex_kind_set_##set = {#set, doc, rows_##set};
#include "kinds.def"
#undef SET

const struct ex_kind_set ex_kinds[] = {
#define SET(set, doc, ...) {#set, doc, rows_##set},
#include "kinds.def"
#undef SET
	{NULL, NULL, NULL}};

#define FIELD(type, name, unit, doc) {#name, EX_TYPE_##type, #unit, doc, NULL},
#define KIND(set, name, doc) {#name, EX_TYPE_kind, "", doc, &ex_kind_set_##set},
#define TEXT(name, doc) {#name, EX_TYPE_text, "", doc, NULL},
#define BLOB(name, doc) {#name, EX_TYPE_blob, "", doc, NULL},
#define EVENT(id, NAME, name, since, doc, ...)                                                                         \
	static const struct ex_field fields_##name[] = {__VA_ARGS__{NULL, 0, NULL, NULL, NULL}};
#include "events.def"
#undef EVENT
#undef FIELD
#undef KIND
#undef TEXT
#undef BLOB

const struct ex_event_meta ex_events[] = {
#define EVENT(id, NAME, name, since, doc, ...) {id, #name, since, doc, sizeof(struct ex_ev_##name), fields_##name},
#include "events.def"
#undef EVENT
	{0, NULL, 0, NULL, 0, NULL}};

const struct ex_option_meta ex_options[] = {
#define OPT(type, name, value, doc) {#type, #name, value, doc},
#include "options.def"
#undef OPT
	{NULL, NULL, NULL, NULL}};

const struct ex_option_meta ex_treatments[] = {
#define TREATMENT(name, value, risk, doc) {risk, #name, value, doc},
#include "treatments.def"
#undef TREATMENT
	{NULL, NULL, NULL, NULL}};

const struct ex_hook_meta ex_hooks[] = {
#define HOOK(ret, name, params, group, doc) {#name, #group, doc},
#define CALL(ret, name, params, doc)
#include "hooks.def"
#undef HOOK
#undef CALL
	{NULL, NULL, NULL}};

const struct ex_event_meta *ex_event_by_id(int id)
{
	for (const struct ex_event_meta *e = ex_events; e->name; e++)
		if (e->id == id)
			return e;
	return NULL;
}

const char *ex_kind_text(const struct ex_kind_set *set, int value)
{
	for (const struct ex_kind_row *r = set->rows; r->text; r++)
		if (r->value == value)
			return r->text;
	return "?";
}

unsigned ex_field_bytes(enum ex_field_type type)
{
	switch (type) {
	case EX_TYPE_u8:
	case EX_TYPE_kind:
		return 1;
	case EX_TYPE_u16:
		return 2;
	case EX_TYPE_u32:
	case EX_TYPE_i32:
		return 4;
	case EX_TYPE_u64:
	case EX_TYPE_ptr:
		return 8;
	case EX_TYPE_text:
	case EX_TYPE_blob:
		break;
	}
	return 0;
}

int ex_ctf_metadata(char *out, size_t size, long long clock_offset_ns)
{
	return snprintf(out, size, "%s%s%*lld%s%s", EX_CTF_HEAD, EX_CTF_CLOCK, EX_CTF_CLOCK_DIGITS, clock_offset_ns,
			EX_CTF_CLOCK_END, ex_ctf_body);
}
