/*
 * misread.c: see misread.h.
 *
 * Both readers of records go the same way: from a record to the field that they take for the address of its list of value
 * sites, to an entry of that list, to the node there. Where the record has another layout, that field is something else
 * (its number of counters, and of sites), and the fault lies just where it leads. So the proof is one subtraction.
 */
#include "misread.h"

#include "arch/arch.h"
#include "os/os.h"
#include "profile_image.h"
#include "stream.h"

#define TOLD_MAX 4 /* of each kind; of a walk the first alone, which is where it ends */
#define ENTRIES_MAX 32
#define NODE_BYTES 24
#define WORD_MIN 4096

struct search {
	const struct ex_profile_image *image;
	uint8_t *sizes; /* a byte for each 8 of the records: size of the record that begins there, 0 = none */
	const uint64_t *regs;
	uintptr_t address;
	int is_nowhere;
	int told;
};

static void note(void *arg, uint64_t offset, unsigned record_bytes)
{
	struct search *s = arg;
	s->sizes[offset / 8] = (uint8_t)record_bytes;
}

/* the fault is where that word leads, or that word is in a register, and no address */
static int is_reached(const struct search *s, uint64_t word, uint64_t bytes)
{
	if (!s->is_nowhere)
		return s->address - word < bytes;
	if ((word >> 47) == 0 || (word >> 47) == (1u << 17) - 1)
		return 0;
	for (int i = 0; i < EX_REGS; i++)
		if (s->regs[i] - word < bytes)
			return 1;
	return 0;
}

/* the word that the runtime would take for the list's address leads there: 1. counted: whose number of sites is believed,
 * the writer's own, or that of the code which handed a record on */
static int leads(const struct search *s, const unsigned char *record, const struct ex_raw_version *counted,
		 uint64_t *word)
{
	uint64_t entries[ENTRIES_MAX], sites = 0;
	for (unsigned k = 0; k < counted->kinds; k++)
		sites += ex_profile_u16(record + counted->sites_at + 2 * k);
	*word = ex_profile_u64(record + s->image->runtime->values_at);
	if (!*word || !sites)
		return 0;
	if (is_reached(s, *word, sites * 8))
		return 1;
	uint64_t bytes = (sites < ENTRIES_MAX ? sites : ENTRIES_MAX) * 8;
	bytes = ex_os_peek(entries, *word, bytes);
	for (uint64_t i = 0; i < bytes / 8; i++)
		if (entries[i] && is_reached(s, entries[i], NODE_BYTES))
			return 1;
	return 0;
}

static void try_record(struct search *s, uint64_t offset, int how)
{
	const struct ex_profile_sections *p = &s->image->sections;
	const struct ex_raw_version *v = s->image->runtime;
	uint64_t word;
	unsigned size = s->sizes[offset / 8];
	const struct ex_raw_version *counted = how == EX_misread_REGISTER ? ex_raw_version_of(size) : v;
	uint64_t needed = counted == v ? v->record_bytes : v->values_at + 8;
	if (size == v->record_bytes || p->data_bytes - offset < needed || s->told == TOLD_MAX || !counted ||
	    !leads(s, p->records + offset, counted, &word))
		return;
	s->told++;
	EX_PUT(MISREAD, misread,
	       (.module = s->image->module, .how = (uint8_t)how, .record = p->data + offset, .stride = (uint16_t)size,
		.read_as = (uint16_t)v->record_bytes, .word = word, .address = s->address), );
}

/* its address is in a register, or what was taken out of it is: but for small numbers, which any register may hold */
static int is_held(const struct search *s, uint64_t offset)
{
	const struct ex_profile_sections *p = &s->image->sections;
	const struct ex_raw_version *v = s->image->runtime;
	/* the last record may be shorter than what it is read as */
	if (s->sizes[offset / 8] == v->record_bytes || p->data_bytes - offset < v->values_at + 8)
		return 0;
	uint64_t word = ex_profile_u64(p->records + offset + v->values_at);
	for (int i = 0; i < EX_REGS; i++)
		if (s->regs[i] == p->data + offset || (word >= WORD_MIN && s->regs[i] == word))
			return 1;
	return 0;
}

static void search(const struct ex_profile_image *image, const uint64_t *regs, uintptr_t address, int is_nowhere)
{
	const struct ex_profile_sections *p = &image->sections;
	size_t scratch_bytes = ex_profile_scratch_bytes(p), bytes = scratch_bytes + p->data_bytes / 8 + 1;
	unsigned char *scratch = ex_os_map(bytes);
	if (!scratch)
		return;
	struct search s = {image, scratch + scratch_bytes, regs, address, is_nowhere, 0};
	ex_profile_walk(p, scratch, note, &s);
	for (uint64_t offset = 0; offset < p->data_bytes; offset += 8)
		if (s.sizes[offset / 8] && is_held(&s, offset))
			try_record(&s, offset, EX_misread_REGISTER);
	s.told = TOLD_MAX - 1;
	for (uint64_t offset = 0; offset < p->data_bytes; offset += image->runtime->record_bytes)
		try_record(&s, offset, EX_misread_WALK);
	ex_os_unmap(scratch, bytes);
}

void ex_misread_tell(const uint64_t *regs, uintptr_t address, int is_nowhere)
{
	ex_profile_look_at_all();
	for (struct ex_profile_image *i = ex_profile_next(NULL); i; i = ex_profile_next(i)) {
		/* its own runtime reads them, and no one else */
		int is_inside = regs[EX_REG_PC] >= i->begin && regs[EX_REG_PC] < i->end;
		if (i->runtime && is_inside && ex_profile_is_mixed(i))
			search(i, regs, address, is_nowhere);
	}
}
