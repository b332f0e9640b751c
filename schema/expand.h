/*
 * expand.h: the tables as C: event ids, kind values, packed wire structs.
 * Freestanding; included by both sides.
 */
#ifndef EX_EXPAND_H
#define EX_EXPAND_H

#include "wire.h"

typedef uint8_t ex_u8;
typedef uint16_t ex_u16;
typedef uint32_t ex_u32;
typedef uint64_t ex_u64;
typedef int32_t ex_i32;
typedef uint64_t ex_ptr;

/* enum ex_event_id { EX_EV_IMAGE = 1, ... } */
enum ex_event_id {
#define EVENT(id, NAME, name, since, doc, ...) EX_EV_##NAME = id,
#include "events.def"
#undef EVENT
	EX_EV_MAX
};

/* enum { EX_handler_ATEXIT = 0, ... }: one enum for each set */
#define ROW(set, NAME, value, text, doc) EX_##set##_##NAME = value,
#define SET(set, doc, ...) enum ex_kind_##set{__VA_ARGS__};
#include "kinds.def"
#undef SET
#undef ROW

/* struct ex_ev_image { uint32_t pid; ... } packed: the fixed part of each event */
#define FIELD(type, name, unit, doc) ex_##type name;
#define KIND(set, name, doc) ex_u8 name;
#define TEXT(name, doc)
#define BLOB(name, doc)
#define EVENT(id, NAME, name, since, doc, ...)                                                                         \
	struct ex_ev_##name {                                                                                          \
		__VA_ARGS__                                                                                            \
	} __attribute__((packed));
#include "events.def"
#undef EVENT
#undef FIELD
#undef KIND
#undef TEXT
#undef BLOB
#endif
