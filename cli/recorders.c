/*
 * recorders.c: see recorders.h. Each value site of instrumented code is a call f(value, &record, number of the site): the
 * second argument is the address of one of the object's own records, the third a small constant. Nothing else is called so;
 * what writes the profile is given two addresses. Must never name a function that is not called so: the treatment that gets
 * this list lets them return at once, and would cure a crash in any of them.
 */
#include "recorders.h"

#include <elf.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

#define CALL_BYTES 5
#define NEAR_BYTES 24	/* the three arguments are loaded right before the call */
#define FAR_BYTES 4096	/* but an address may be kept in a register all through a loop */
#define SITE_MAX 0xffff /* the number of a site is one of 16 bits */

struct code {
	const unsigned char *bytes;
	size_t length;
	uint64_t address, records, records_bytes;
};

static int32_t i32_at(const unsigned char *p)
{
	int32_t value;
	memcpy(&value, p, 4);
	return value;
}

static int is_record(const struct code *c, uint64_t address)
{
	return address - c->records < c->records_bytes && (address - c->records) % 8 == 0;
}

/* lea REGISTER, [rip + a record] at that place */
static int is_lea(const struct code *c, size_t at, unsigned number)
{
	const unsigned char *p = c->bytes + at;
	return p[0] == (number < 8 ? 0x48 : 0x4c) && p[1] == 0x8d && p[2] == (0x05 | (number & 7) << 3) &&
	       is_record(c, c->address + at + 7 + (uint64_t)(int64_t)i32_at(p + 3));
}

/* the number of the register whose value is copied into rsi at that place, -1 */
static int copied_into_rsi(const unsigned char *p)
{
	if ((p[0] != 0x48 && p[0] != 0x4c) || p[1] != 0x89 || (p[2] & 0xc7) != 0xc6)
		return -1;
	return (p[2] >> 3 & 7) + (p[0] == 0x4c ? 8 : 0);
}

static int is_kept_in(const struct code *c, size_t before, unsigned number)
{
	for (size_t at = before > FAR_BYTES ? before - FAR_BYTES : 0; at + 7 <= before; at++)
		if (is_lea(c, at, number))
			return 1;
	return 0;
}

static int is_kept_over_calls(int number)
{
	return number == 3 || number == 5 || number >= 12; /* rbx, rbp, r12 to r15 */
}

/* the second argument of the call there is the address of a record; from: where the instructions before it begin; copies: out
 * of a register that was loaded long before, too, which may have another value by now */
static int has_record(const struct code *c, size_t from, size_t call, int copies)
{
	enum { RSI = 6 };
	for (size_t at = from; at < call; at++) {
		const unsigned char *p = c->bytes + at;
		if (at + 7 <= call && is_lea(c, at, RSI))
			return 1;
		/* a program at a fixed address: mov esi, a record */
		if (at + 5 <= call && p[0] == 0xbe && is_record(c, (uint32_t)i32_at(p + 1)))
			return 1;
		int number = copies && at + 3 <= call ? copied_into_rsi(p) : -1;
		if (is_kept_over_calls(number) && is_kept_in(c, at, (unsigned)number))
			return 1;
	}
	return 0;
}

/* its third is a small constant: xor edx, edx or mov edx, N */
static int has_site(const struct code *c, size_t from, size_t call)
{
	for (size_t at = from; at + 2 <= call; at++) {
		const unsigned char *p = c->bytes + at;
		if (p[0] == 0x31 && p[1] == 0xd2)
			return 1;
		if (at + 5 <= call && p[0] == 0xba && i32_at(p + 1) >= 0 && i32_at(p + 1) <= SITE_MAX)
			return 1;
	}
	return 0;
}

static void count(struct ex_recorders *r, uint64_t offset)
{
	unsigned n = 0;
	while (n < r->count && r->list[n].offset != offset)
		n++;
	if (n == EX_RECORDERS_MAX)
		return;
	if (n == r->count)
		r->list[r->count++].offset = offset;
	r->list[n].calls++;
}

static void find_calls(struct ex_recorders *r, const struct code *c, int copies)
{
	size_t from = 0; /* what a call before had for arguments is gone */
	for (size_t at = 0; at + CALL_BYTES <= c->length; at++) {
		if (c->bytes[at] != 0xe8)
			continue;
		uint64_t to = at + CALL_BYTES + (uint64_t)(int64_t)i32_at(c->bytes + at + 1);
		if (to >= c->length)
			continue;
		if (at - from > NEAR_BYTES)
			from = at - NEAR_BYTES;
		if (has_record(c, from, at, copies) && has_site(c, from, at))
			count(r, c->address + to);
		from = at + CALL_BYTES;
	}
}

void ex_recorders_in(struct ex_recorders *recorders, const unsigned char *bytes, size_t length, uint64_t address,
		     uint64_t records, uint64_t records_bytes)
{
	struct code c = {bytes, length, address, records, records_bytes};
	find_calls(recorders, &c, 0);
	if (!recorders->count)
		find_calls(recorders, &c, 1);
}

static void find_in(struct ex_recorders *recorders, Elf *elf, uint64_t records, uint64_t records_bytes)
{
	size_t headers, length;
	GElf_Ehdr file;
	const char *bytes = elf_rawfile(elf, &length);
	if (!bytes || !gelf_getehdr(elf, &file) || file.e_machine != EM_X86_64 || elf_getphdrnum(elf, &headers))
		return;
	for (size_t n = 0; n < headers; n++) {
		GElf_Phdr h;
		if (!gelf_getphdr(elf, (int)n, &h) || h.p_type != PT_LOAD || !(h.p_flags & PF_X) ||
		    h.p_offset > length || h.p_filesz > length - h.p_offset)
			continue;
		ex_recorders_in(recorders, (const unsigned char *)bytes + h.p_offset, h.p_filesz, h.p_vaddr, records,
				records_bytes);
	}
}

void ex_recorders_find(struct ex_recorders *recorders, struct ex_symbols *symbols, const struct ex_profile *profile)
{
	memset(recorders, 0, sizeof(*recorders));
	const char *file = symbols && profile->module ? ex_symbols_file(symbols, profile->module) : NULL;
	int fd = file && profile->told ? open(file, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return;
	const struct ex_ev_profile *told = EX_EVENT(profile->told, profile);
	elf_version(EV_CURRENT);
	Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (elf) {
		find_in(recorders, elf, told->data - profile->module->bias, told->data_bytes);
		elf_end(elf);
	}
	close(fd);
}
