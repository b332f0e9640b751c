/*
 * use.c: see use.h. The registers are searched, not only the instruction's: a base and an index are often added before, and which of
 * two is the base no encoding says (aarch64: base and register offset; x86-64: base + index * scale). The base is the one that
 * leads into memory that is there.
 */
#include "use.h"

#include "registers.h"

#include <string.h>

static void read_instruction(struct ex_use *u, const struct ex_image *image, const struct ex_event *crash)
{
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id != EX_EV_CODE_BYTES || event->tid != crash->tid)
			continue;
		const struct ex_ev_code_bytes *code = EX_EVENT(event, code_bytes);
		uint64_t before = code->pc - code->begin;
		if (code->pc != EX_EVENT(crash, crash)->pc || before >= event->tail[0].length ||
		    u->register_count != 17)
			continue;
		ex_instruction_decode(&u->instruction, (const unsigned char *)event->tail[0].bytes + before,
				      event->tail[0].length - before, code->pc, u->regs);
	}
}

static const struct ex_ev_mapping *mapping_of(const struct ex_leads *leads, uint64_t word)
{
	for (size_t n = 0; n < leads->mapping_count; n++) {
		const struct ex_ev_mapping *m = EX_EVENT(leads->mappings[n], mapping);
		if (word >= m->begin && word < m->end)
			return m;
	}
	return NULL;
}

/* a register that holds the whole address is no index */
static int find_index(struct ex_use *u, unsigned base, uint64_t address, int64_t displacement)
{
	for (unsigned n = 0; n < u->register_count; n++)
		for (unsigned scale = 1; scale <= 8; scale *= 2) {
			if (n == base || !u->regs[n] || ex_register_is_pc(u->register_count, n) ||
			    u->regs[base] + u->regs[n] * scale + (uint64_t)displacement != address)
				continue;
			u->base = (int)base;
			u->index = (int)n;
			u->scale = scale;
			u->displacement = displacement;
			return 1;
		}
	return 0;
}

static int find_pair(struct ex_use *u, const struct ex_leads *leads, uint64_t address, int64_t displacement,
		     int is_first_byte)
{
	for (unsigned n = 0; n < u->register_count; n++) {
		const struct ex_ev_mapping *m = mapping_of(leads, u->regs[n]);
		if (!m || ex_register_is_pc(u->register_count, n) || ex_register_is_sp(u->register_count, n) ||
		    (is_first_byte && m->begin != u->regs[n]))
			continue;
		if (find_index(u, n, address, displacement))
			return 1;
	}
	return 0;
}

void ex_use_find(struct ex_use *u, const struct ex_leads *leads, const struct ex_event *crash, uint64_t address)
{
	struct ex_text sample = crash->tail[ex_event_tail(crash->meta, "regs")];
	memset(u, 0, sizeof(*u));
	u->base = u->index = -1;
	u->register_count = sample.length / 8 < 33 ? sample.length / 8 : 33;
	memcpy(u->regs, sample.bytes, u->register_count * 8);
	read_instruction(u, leads->image, crash);
	const struct ex_instruction *i = &u->instruction;
	int64_t displacement = i->is_known && i->has_memory ? i->displacement : 0;
	/* what the instruction itself adds is certain */
	if (i->is_known && i->has_memory && i->base >= 0 && i->index >= 0 && i->is_memory_known &&
	    i->memory == address && u->regs[i->index] && mapping_of(leads, u->regs[i->base])) {
		u->base = i->base;
		u->index = i->index;
		u->scale = i->scale;
		u->displacement = displacement;
		return;
	}
	for (int is_first_byte = 1; is_first_byte >= 0; is_first_byte--)
		if (find_pair(u, leads, address, displacement, is_first_byte) ||
		    (displacement && find_pair(u, leads, address, 0, is_first_byte)))
			return;
}
