/*
 * history.c: see history.h. One pass over the events for one address: there are few addresses to ask for, and no index of
 * a million calls to keep.
 */
#include "history.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

uint64_t ex_history_page_end(uint64_t begin, uint64_t bytes)
{
	return (begin + bytes + 4095) & ~4095ull;
}

static int is_in(uint64_t address, uint64_t begin, uint64_t bytes)
{
	uint64_t end = ex_history_page_end(begin, bytes);
	return address >= (begin & ~4095ull) && address < end;
}

static void add(struct ex_history *h, const struct ex_event *event, enum ex_change_kind kind, uint64_t time_ns,
		uint64_t begin, uint64_t bytes, unsigned prot)
{
	if (!is_in(h->address, begin, bytes))
		return;
	h->changes = reallocarray(h->changes, h->change_count + 1, sizeof(*h->changes));
	if (!h->changes)
		abort();
	h->changes[h->change_count++] = (struct ex_change){event, kind, time_ns, begin, begin + bytes, prot};
}

/* While an unmapping's call runs, another thread may get the address already, and be told first: so an unmapping counts
 * from its begin, and what is mapped from its return. */
static void add_growth(struct ex_history *h, const struct ex_event *event)
{
	const struct ex_ev_growth *g = EX_EVENT(event, growth);
	uint64_t began_ns = event->time_ns - g->duration;
	if (g->error)
		return;
	switch (g->call) {
	case EX_memory_call_MMAP:
		add(h, event, EX_CHANGE_MAPPED, event->time_ns, g->begin, g->bytes, g->prot);
		break;
	case EX_memory_call_MPROTECT:
		add(h, event, EX_CHANGE_PROTECTED, event->time_ns, g->begin, g->bytes, g->prot);
		break;
	case EX_memory_call_MADVISE:
		if (g->prot == MADV_DONTNEED || g->prot == MADV_FREE)
			add(h, event, EX_CHANGE_DISCARDED, event->time_ns, g->begin, g->bytes, 0);
		break;
	case EX_memory_call_MUNMAP:
		add(h, event, EX_CHANGE_UNMAPPED, began_ns, g->begin, g->bytes, 0);
		break;
	case EX_memory_call_MREMAP:
		if (g->begin != g->old)
			add(h, event, EX_CHANGE_MOVED, began_ns, g->old, g->old_bytes, 0);
		else if (g->bytes < g->old_bytes)
			add(h, event, EX_CHANGE_UNMAPPED, began_ns, g->begin + g->bytes, g->old_bytes - g->bytes, 0);
		if (g->begin != g->old)
			add(h, event, EX_CHANGE_MAPPED, event->time_ns, g->begin, g->bytes, PROT_READ | PROT_WRITE);
		break;
	default:
		break;
	}
}

static void add_image(struct ex_history *h, const struct ex_image *image, uint64_t until_ns)
{
	if (image->parent)
		add_image(h, image->parent, image->image_ns);
	for (size_t i = 0; i < image->event_count && image->events[i]->time_ns <= until_ns; i++) {
		const struct ex_event *event = image->events[i];
		if (event->meta->id == EX_EV_GROWTH) {
			add_growth(h, event);
		} else if (event->meta->id == EX_EV_QUARANTINED) {
			const struct ex_ev_quarantined *q = EX_EVENT(event, quarantined);
			add(h, event, EX_CHANGE_KEPT, event->time_ns, q->begin, q->end - q->begin, 0);
		} else if (event->meta->id == EX_EV_STALE_UNMAP) {
			const struct ex_ev_stale_unmap *s = EX_EVENT(event, stale_unmap);
			add(h, event, EX_CHANGE_AGAIN, event->time_ns, s->begin, s->end - s->begin, 0);
		}
	}
}

static int by_time(const void *a, const void *b)
{
	const struct ex_change *x = a, *y = b;
	if (x->time_ns != y->time_ns)
		return x->time_ns < y->time_ns ? -1 : 1;
	return x->event < y->event ? -1 : x->event > y->event;
}

static struct ex_life *begin_life(struct ex_history *h, const struct ex_change *mapped)
{
	h->lives = reallocarray(h->lives, h->life_count + 1, sizeof(*h->lives));
	if (!h->lives)
		abort();
	h->lives[h->life_count] = (struct ex_life){.mapped = mapped};
	return &h->lives[h->life_count++];
}

/* the kept range was unmapped by the call whose event comes next: one end, of which the first word is the better */
static int is_same_end(const struct ex_life *life, const struct ex_change *change)
{
	return life->gone->kind == EX_CHANGE_KEPT && change->kind == EX_CHANGE_UNMAPPED &&
	       change->event->tid == life->gone->event->tid && change->time_ns <= life->gone->time_ns &&
	       change->event->time_ns >= life->gone->time_ns;
}

static void find_lives(struct ex_history *h)
{
	struct ex_life *now = NULL;
	for (size_t i = 0; i < h->change_count; i++) {
		const struct ex_change *c = &h->changes[i];
		if (c->kind == EX_CHANGE_MAPPED) {
			if (now && !now->gone)
				now->gone = c;
			now = begin_life(h, c);
		} else if (c->kind != EX_CHANGE_AGAIN && c->kind != EX_CHANGE_DISCARDED && (!now || now->gone)) {
			if (now && is_same_end(now, c))
				continue;
			now = begin_life(h, NULL);
		}
		if (c->kind == EX_CHANGE_MAPPED || c->kind == EX_CHANGE_PROTECTED) {
			now->prot = c;
			if (c->prot & PROT_EXEC)
				now->made_code = c;
		} else if (c->kind == EX_CHANGE_UNMAPPED || c->kind == EX_CHANGE_MOVED || c->kind == EX_CHANGE_KEPT) {
			now->gone = c;
		}
	}
}

/* a kept range is told from inside the unmapping, which counts from its begin: the one with the stack comes first */
static void prefer_kept(struct ex_history *h)
{
	for (size_t i = 0; i + 1 < h->change_count; i++) {
		struct ex_change *a = &h->changes[i], *b = a + 1;
		if (a->kind == EX_CHANGE_UNMAPPED && b->kind == EX_CHANGE_KEPT && a->event->tid == b->event->tid &&
		    a->event->time_ns >= b->time_ns) {
			struct ex_change kept = *b;
			*b = *a;
			*a = kept;
		}
	}
}

void ex_history_read(struct ex_history *h, const struct ex_image *image, uint64_t address, uint64_t until_ns)
{
	memset(h, 0, sizeof(*h));
	h->address = address;
	add_image(h, image, until_ns);
	if (h->change_count)
		qsort(h->changes, h->change_count, sizeof(*h->changes), by_time);
	prefer_kept(h);
	find_lives(h);
}

const struct ex_life *ex_history_dead_code(const struct ex_history *h)
{
	for (size_t i = h->life_count; i-- > 0;)
		if (h->lives[i].made_code && h->lives[i].gone)
			return &h->lives[i];
	return NULL;
}

const char *ex_change_text(const struct ex_change *change)
{
	static const char *const words[] = {
		[EX_CHANGE_MAPPED] = "mapped",	      [EX_CHANGE_PROTECTED] = "protected",
		[EX_CHANGE_DISCARDED] = "discarded",  [EX_CHANGE_UNMAPPED] = "unmapped",
		[EX_CHANGE_MOVED] = "moved away",     [EX_CHANGE_KEPT] = "unmapped (and kept reserved)",
		[EX_CHANGE_AGAIN] = "unmapped again",
	};
	return words[change->kind];
}
