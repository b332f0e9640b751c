/*
 * profraw_values.c: the value data of a raw profile: for each record that has value sites, in the order of the records, a
 * block: its size in bytes, how many kinds; for each kind: its number, how many sites, a byte for each site that says how
 * many values were seen there, padded, and these, 16 bytes each.
 */
#include "profraw.h"

#define BLOCK_HEAD_BYTES 8
#define KIND_HEAD_BYTES 8
#define VALUE_BYTES 16

static int broken(struct ex_profraw_profile *p, enum ex_profraw_part part, const char *why)
{
	if (p->what == EX_PROFRAW_WHOLE) {
		p->what = EX_PROFRAW_BROKEN;
		p->part = part;
		p->why = why;
	}
	return -1;
}

/* one kind of a block; returns its bytes, 0 when it does not fit into them */
static uint64_t read_kind(struct ex_profraw_profile *p, const unsigned char *at, uint64_t left)
{
	uint64_t values = 0;
	if (left < KIND_HEAD_BYTES)
		return 0;
	uint32_t kind = ex_profile_u32(at), sites = ex_profile_u32(at + 4);
	uint64_t bytes = KIND_HEAD_BYTES + ((uint64_t)sites + 7) / 8 * 8;
	if (kind >= p->layout->kinds || bytes > left)
		return 0;
	for (uint32_t n = 0; n < sites; n++)
		values += at[KIND_HEAD_BYTES + n];
	if (values > (left - bytes) / VALUE_BYTES)
		return 0;
	p->values[kind] += values;
	return bytes + values * VALUE_BYTES;
}

/* 0, or -1 when there is no reading on */
static int read_block(struct ex_profraw_profile *p, uint64_t left)
{
	const unsigned char *at = p->bytes + p->length;
	uint64_t bytes = left < BLOCK_HEAD_BYTES ? BLOCK_HEAD_BYTES : ex_profile_u32(at), done = BLOCK_HEAD_BYTES;
	if (bytes > left) {
		p->what = p->what == EX_PROFRAW_WHOLE ? EX_PROFRAW_CUT : p->what;
		p->part = p->what == EX_PROFRAW_CUT ? EX_PROFRAW_VALUES : p->part;
		return -1;
	}
	uint32_t kinds = ex_profile_u32(at + 4);
	if (bytes < BLOCK_HEAD_BYTES || bytes % 8 || kinds > p->layout->kinds)
		return broken(p, EX_PROFRAW_VALUES, "has a block whose head makes no sense");
	for (uint32_t n = 0; n < kinds; n++) {
		uint64_t kind_bytes = read_kind(p, at + done, bytes - done);
		if (!kind_bytes)
			return broken(p, EX_PROFRAW_VALUES, "has a block whose values do not fit into it");
		done += kind_bytes;
	}
	p->length += bytes;
	p->size[EX_PROFRAW_VALUES] += bytes;
	p->with_values_read++;
	return 0;
}

static int read_record(struct ex_profraw_profile *p, uint64_t n, size_t length)
{
	struct ex_profraw_record record = ex_profraw_record(p, n);
	if (!record.fits)
		return broken(p, EX_PROFRAW_RECORDS, "lead to counters outside of the profile");
	return record.sites ? read_block(p, length - p->length) : 0;
}

void ex_profraw_read_values(struct ex_profraw_profile *p)
{
	size_t length = p->length;
	p->length = p->at[EX_PROFRAW_VALUES];
	/* record by record, as llvm-profdata does: the first thing that is wrong is what it complains of */
	for (uint64_t n = 0; n < p->records && !read_record(p, n, length); n++)
		;
	if (p->what != EX_PROFRAW_WHOLE)
		p->length = length;
}
