/*
 * own.c: see own.h. A set of addresses: open addressing, half empty at least, in parts with a lock each.
 */
#include "own.h"

#include "expand.h"
#include "lock.h"
#include "os/os.h"
#include "place.h"
#include "stream.h"

#define PARTS_BITS 6
#define FIRST_SLOTS 512
#define TOLD_MAX 4096

static struct part {
	uint32_t lock;
	size_t count, slots;
	uintptr_t *blocks; /* 0 = free */
} parts[1 << PARTS_BITS] EX_TABLE;
/* a block could not be noted: it would look foreign, so from now on none does */
static int is_incomplete;
static uint32_t told;

static uint64_t hash(uintptr_t block)
{
	return (block >> 3) * 0x9e3779b97f4a7c15ull;
}

static struct part *part_of(uintptr_t block)
{
	return &parts[hash(block) >> (64 - PARTS_BITS)];
}

static size_t home(const struct part *p, uintptr_t block)
{
	return (hash(block) >> 20) & (p->slots - 1);
}

/* where it is, or the free slot where it would be */
static size_t find(const struct part *p, uintptr_t block)
{
	size_t i = home(p, block);
	while (p->blocks[i] && p->blocks[i] != block)
		i = (i + 1) & (p->slots - 1);
	return i;
}

static int make_room(struct part *p)
{
	struct part larger = *p;
	if (p->count * 2 < p->slots)
		return 1;
	larger.slots = p->slots ? p->slots * 2 : FIRST_SLOTS;
	larger.blocks = ex_os_map(larger.slots * sizeof(uintptr_t));
	if (!larger.blocks)
		return 0;
	for (size_t i = 0; i < p->slots; i++)
		if (p->blocks[i])
			larger.blocks[find(&larger, p->blocks[i])] = p->blocks[i];
	if (p->blocks)
		ex_os_unmap(p->blocks, p->slots * sizeof(uintptr_t));
	p->slots = larger.slots;
	p->blocks = larger.blocks;
	return 1;
}

void ex_own_add(uintptr_t block)
{
	struct part *p = part_of(block);
	if (!ex_try_lock(&p->lock)) { /* a signal handler has interrupted this function */
		is_incomplete = 1;
		return;
	}
	if (make_room(p)) {
		uintptr_t *slot = &p->blocks[find(p, block)];
		p->count += !*slot;
		*slot = block;
	} else {
		is_incomplete = 1;
	}
	ex_unlock(&p->lock);
}

/* what follows moves up, unless it would come to lie before its home */
static void drop(struct part *p, size_t i)
{
	size_t mask = p->slots - 1;
	for (size_t k = (i + 1) & mask; p->blocks[k]; k = (k + 1) & mask) {
		if (((k - home(p, p->blocks[k])) & mask) < ((k - i) & mask))
			continue;
		p->blocks[i] = p->blocks[k];
		i = k;
	}
	p->blocks[i] = 0;
	p->count--;
}

enum ex_own ex_own_take(uintptr_t block)
{
	struct part *p = part_of(block);
	if (is_incomplete || !ex_try_lock(&p->lock))
		return EX_OWN_PERHAPS;
	size_t i = p->slots ? find(p, block) : 0;
	int is_own = p->slots && p->blocks[i];
	if (is_own)
		drop(p, i);
	ex_unlock(&p->lock);
	return is_own ? EX_OWN_CERTAINLY : EX_OWN_NOT;
}

void ex_own_tell_foreign(uintptr_t block, uintptr_t fn, uintptr_t caller)
{
	if (__atomic_fetch_add(&told, 1, __ATOMIC_RELAXED) < TOLD_MAX)
		EX_PUT(FOREIGN, foreign, (.fn = fn, .block = block, .id = ex_self.running, .caller = caller), );
}
