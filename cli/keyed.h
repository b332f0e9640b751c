/*
 * keyed.h: records by a number: threads by their tid, arenas by their address.
 */
#ifndef EX_KEYED_H
#define EX_KEYED_H

#include <stddef.h>
#include <stdint.h>

struct ex_keyed {
	size_t record_bytes; /* set by the owner; each record is all zero at first */
	size_t count;
	uint64_t *keys;	 /* in the order in which they came */
	char *records;	 /* moves when one is added */
	uint32_t *slots; /* of a hash: index + 1, 0 = free */
	size_t slot_count;
};

/* the record of that key, made when there is none; valid until the next call that makes one */
void *ex_keyed(struct ex_keyed *keyed, uint64_t key);
void *ex_keyed_at(const struct ex_keyed *keyed, size_t index);
void ex_keyed_free(struct ex_keyed *keyed);

#endif
