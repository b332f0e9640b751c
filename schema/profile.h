/*
 * profile.h: the records of LLVM's section __llvm_prf_data, whichever compiler wrote them, told apart by nothing but their
 * own link-time constants: so it works in a file and in memory, stripped or not. Freestanding; used by both sides.
 */
#ifndef EX_PROFILE_H
#define EX_PROFILE_H

#include <stddef.h>
#include <stdint.h>

#define EX_PROFILE_BYTE_COVERAGE (1ull << 60) /* bit of __llvm_profile_raw_version, and of a raw profile's version */
#define EX_PROFILE_VERSION(raw) ((unsigned)((raw)&0xffffff))

/* one raw version, as profile.def has it */
struct ex_raw_version {
	unsigned version, llvm_first, llvm_last, words, record_bytes, kinds;
	unsigned bitmap_at, function_at, values_at, counters_at, sites_at, bitmap_bytes_at;
};
/* NULL when that version is not known */
const struct ex_raw_version *ex_raw_version(unsigned version);
/* the newest that has records of that size; NULL */
const struct ex_raw_version *ex_raw_version_of(unsigned record_bytes);

/* addresses are those of the process, or link-time ones: only their differences matter */
struct ex_profile_sections {
	const unsigned char *records; /* bytes of __llvm_prf_data */
	uint64_t data, data_bytes;
	uint64_t counts, counts_bytes;
	uint64_t bits, bits_bytes; /* 0, 0: none */
	unsigned counter_bytes;	   /* 0 = 8; 1 where the raw version has the bit of byte coverage */
};

/* what a step of the walk found: a record of one size, or 8 bytes that fit none (record_bytes 0) */
typedef void (*ex_profile_each)(void *arg, uint64_t offset, unsigned record_bytes);

/* bytes that ex_profile_walk needs to work in, zeroed */
size_t ex_profile_scratch_bytes(const struct ex_profile_sections *sections);
/* calls back for each record, in order. Of all ways to read the section as a row of known records the one with the fewest
 * bytes left over is taken, and among those the one whose layout changes least often. */
void ex_profile_walk(const struct ex_profile_sections *sections, void *scratch, ex_profile_each each, void *arg);

/* fields of a record; unaligned, little-endian */
static inline uint64_t ex_profile_u64(const unsigned char *p)
{
	uint64_t v;
	__builtin_memcpy(&v, p, 8);
	return v;
}
static inline uint32_t ex_profile_u32(const unsigned char *p)
{
	uint32_t v;
	__builtin_memcpy(&v, p, 4);
	return v;
}
static inline uint16_t ex_profile_u16(const unsigned char *p)
{
	uint16_t v;
	__builtin_memcpy(&v, p, 2);
	return v;
}

#endif
