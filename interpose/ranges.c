/*
 * ranges.c: see ranges.h.
 */
#include "ranges.h"

#include "lock.h"
#include "text.h"

/* the first that ends behind it */
static uint32_t find(const struct ex_ranges *r, uintptr_t address)
{
	uint32_t low = 0, high = r->count;
	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if (r->list[middle].end > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* entries from..to become those of with[0..count); 0 when there is no room */
static int replace(struct ex_ranges *r, uint32_t from, uint32_t to, const struct ex_range *with, uint32_t count)
{
	uint32_t rest = r->count - to;
	if (from + count + rest > EX_RANGES_MAX)
		return 0;
	memmove(&r->list[from + count], &r->list[to], rest * sizeof(*r->list));
	for (uint32_t i = 0; i < count; i++)
		r->list[from + i] = with[i];
	r->count = from + count + rest;
	return 1;
}

static int lost(struct ex_ranges *r)
{
	__atomic_add_fetch(&r->lost, 1, __ATOMIC_RELAXED);
	return 0;
}

int ex_ranges_add(struct ex_ranges *r, uintptr_t begin, uintptr_t end)
{
	if (begin >= end)
		return 1;
	if (!ex_try_lock(&r->lock))
		return lost(r);
	struct ex_range whole = {begin, end};
	uint32_t from = begin ? find(r, begin - 1) : 0, to = from; /* one that ends at begin is joined */
	for (; to < r->count && r->list[to].begin <= end; to++) {
		whole.begin = r->list[to].begin < whole.begin ? r->list[to].begin : whole.begin;
		whole.end = r->list[to].end > whole.end ? r->list[to].end : whole.end;
	}
	int is_there = replace(r, from, to, &whole, 1);
	ex_unlock(&r->lock);
	return is_there ? 1 : lost(r);
}

void ex_ranges_remove(struct ex_ranges *r, uintptr_t begin, uintptr_t end)
{
	struct ex_range left[2];
	uint32_t count = 0;
	if (begin >= end || !__atomic_load_n(&r->count, __ATOMIC_RELAXED))
		return;
	if (!ex_try_lock(&r->lock)) {
		lost(r);
		return;
	}
	uint32_t from = find(r, begin), to = from;
	while (to < r->count && r->list[to].begin < end)
		to++;
	if (to > from) {
		if (r->list[from].begin < begin)
			left[count++] = (struct ex_range){r->list[from].begin, begin};
		if (r->list[to - 1].end > end)
			left[count++] = (struct ex_range){end, r->list[to - 1].end};
		if (!replace(r, from, to, left, count)) { /* one in two, and no room: the second half goes */
			replace(r, from, to, left, 1);
			lost(r);
		}
	}
	ex_unlock(&r->lock);
}

int ex_ranges_first(struct ex_ranges *r, uintptr_t begin, uintptr_t end, struct ex_range *piece)
{
	if (!__atomic_load_n(&r->count, __ATOMIC_RELAXED))
		return 0;
	if (!ex_try_lock(&r->lock))
		return lost(r);
	uint32_t at = find(r, begin);
	int is_there = at < r->count && r->list[at].begin < end;
	if (is_there) {
		piece->begin = r->list[at].begin > begin ? r->list[at].begin : begin;
		piece->end = r->list[at].end < end ? r->list[at].end : end;
	}
	ex_unlock(&r->lock);
	return is_there;
}
