/*
 * lead.h: where a word leads, in one clause: a function, a stack, a mapping with its number, age and maker, what was there before,
 * or what lies nearest. Out of the map at the crash, the modules and the history of the address.
 */
#ifndef EX_LEAD_H
#define EX_LEAD_H

#include "symbols.h"

struct ex_leads {
	const struct ex_image *image;
	struct ex_symbols *symbols;
	const struct ex_event *crash;
	const struct ex_event **mappings; /* MAPPING, in order of address */
	size_t mapping_count;
};

/* of the image's crash, which must be there */
void ex_leads_find(struct ex_leads *leads, const struct ex_image *image, struct ex_symbols *symbols);
/* a word that only treatment scribble makes, where it was on; NULL */
const char *ex_lead_scribbled_text(const struct ex_leads *leads, uint64_t word);
/* NULL: nowhere, as for a small number */
const char *ex_lead_text(const struct ex_leads *leads, uint64_t word);

#endif
