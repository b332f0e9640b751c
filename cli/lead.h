/*
 * lead.h: where a word leads, in one clause: a function, a stack, a mapping with its number, age and maker, what was there before,
 * or what lies nearest. Out of the map at the crash, the modules and the history of the address.
 */
#ifndef EX_LEAD_H
#define EX_LEAD_H

#include "symbols.h"

struct ex_lead_stack {
	uint32_t tid;
	uint64_t sp;
	const char *name; /* of the thread, "" */
};

struct ex_leads {
	const struct ex_image *image;
	struct ex_symbols *symbols;
	uint64_t end_ns;		  /* the crash, or the end */
	const struct ex_event **mappings; /* MAPPING, in order of address */
	size_t mapping_count;
	struct ex_lead_stack *stacks; /* of the threads, at the crash */
	size_t stack_count;
	const struct ex_event **heaps; /* HEAP */
	size_t heap_count;
	uint64_t heap_bytes; /* room of one, 0 = not known */
};

/* at the image's crash; without one there is no map, and less is known */
void ex_leads_find(struct ex_leads *leads, const struct ex_image *image, struct ex_symbols *symbols);
/* a word that only treatment scribble makes, where it was on; NULL */
const char *ex_lead_scribbled_text(const struct ex_leads *leads, uint64_t word);
/* NULL: nowhere, as for a small number */
const char *ex_lead_text(const struct ex_leads *leads, uint64_t word);

#endif
