/*
 * dead_code.c: see dead_code.h.
 */
#include "dead_code.h"

#include <stdlib.h>
#include <sys/mman.h>

struct code {
	uint64_t begin, end;
	const struct ex_event *made;
};
struct search {
	struct code *live;
	size_t live_count;
	struct ex_dead_code *dead;
	size_t dead_count;
};

static void add_live(struct search *s, uint64_t begin, uint64_t end, const struct ex_event *made)
{
	s->live = reallocarray(s->live, s->live_count + 1, sizeof(*s->live));
	if (!s->live)
		abort();
	s->live[s->live_count++] = (struct code){begin, end, made};
}

static void add_dead(struct search *s, const struct ex_dead_code *one)
{
	s->dead = reallocarray(s->dead, s->dead_count + 1, sizeof(*s->dead));
	if (!s->dead)
		abort();
	s->dead[s->dead_count++] = *one;
}

/* gone NULL: only replaced in the list of what is live, being made executable once more */
static void cut(struct search *s, uint64_t begin, uint64_t end, const struct ex_event *gone, int is_kept)
{
	for (size_t n = s->live_count; n-- > 0;) {
		struct code c = s->live[n];
		uint64_t from = c.begin > begin ? c.begin : begin, to = c.end < end ? c.end : end;
		if (from >= to)
			continue;
		s->live[n] = s->live[--s->live_count];
		if (c.begin < from)
			add_live(s, c.begin, from, c.made);
		if (c.end > to)
			add_live(s, to, c.end, c.made);
		if (gone)
			add_dead(s, &(struct ex_dead_code){.begin = from,
							   .end = to,
							   .made = c.made,
							   .gone = gone,
							   .is_kept = is_kept});
	}
}

static void note_reuse(struct search *s, uint64_t begin, uint64_t end)
{
	for (size_t n = 0; n < s->dead_count; n++)
		if (s->dead[n].begin < end && begin < s->dead[n].end)
			s->dead[n].is_reused = 1;
}

static uint64_t page_end(uint64_t begin, uint64_t bytes)
{
	return (begin + bytes + 4095) & ~4095ull;
}

static void add_growth(struct search *s, const struct ex_event *event)
{
	const struct ex_ev_growth *g = EX_EVENT(event, growth);
	uint64_t end = page_end(g->begin, g->bytes);
	if (g->error)
		return;
	if (g->call == EX_memory_call_MUNMAP) {
		cut(s, g->begin, end, event, 0);
	} else if (g->call == EX_memory_call_MREMAP && g->begin != g->old) {
		cut(s, g->old, page_end(g->old, g->old_bytes), event, 0);
		note_reuse(s, g->begin, end);
	} else if (g->call == EX_memory_call_MMAP || g->call == EX_memory_call_MPROTECT) {
		if (g->call == EX_memory_call_MMAP) {
			/* where an unmapping is told late, the mapping that got its place comes first: that is its end too */
			cut(s, g->begin, end, event, 0);
			note_reuse(s, g->begin, end);
		}
		if (g->prot & PROT_EXEC) {
			cut(s, g->begin, end, NULL, 0);
			add_live(s, g->begin, end, event);
		}
	}
}

static void add_image(struct search *s, const struct ex_image *image, uint64_t until_ns)
{
	if (image->parent)
		add_image(s, image->parent, image->image_ns);
	for (size_t i = 0; i < image->event_count && image->events[i]->time_ns <= until_ns; i++) {
		const struct ex_event *event = image->events[i];
		if (event->meta->id == EX_EV_GROWTH) {
			add_growth(s, event);
		} else if (event->meta->id == EX_EV_QUARANTINED) {
			const struct ex_ev_quarantined *q = EX_EVENT(event, quarantined);
			cut(s, q->begin, q->end, event, 1);
		}
	}
}

size_t ex_dead_code_find(const struct ex_image *image, uint64_t until_ns, struct ex_dead_code **list)
{
	struct search s = {0};
	add_image(&s, image, until_ns);
	free(s.live);
	*list = s.dead;
	return s.dead_count;
}

const struct ex_dead_code *ex_dead_code_at(const struct ex_dead_code *list, size_t count, uint64_t address)
{
	while (count-- > 0)
		if (address >= list[count].begin && address < list[count].end)
			return &list[count];
	return NULL;
}

const struct ex_dead_code *ex_dead_code_used(const struct ex_image *image)
{
	struct ex_dead_code *list;
	for (size_t i = 0; i < image->event_count; i++) {
		const struct ex_event *event = image->events[i];
		if (event->meta->id != EX_EV_CRASH || EX_EVENT(event, crash)->pc != EX_EVENT(event, crash)->address)
			continue;
		size_t count = ex_dead_code_find(image, event->time_ns, &list);
		const struct ex_dead_code *used = ex_dead_code_at(list, count, EX_EVENT(event, crash)->pc);
		if (used && used->is_kept)
			return used;
		free(list);
	}
	return NULL;
}
