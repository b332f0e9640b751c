/*
 * dead_code.c: see dead_code.h.
 */
#include "dead_code.h"

#include "history.h"

#include <stdlib.h>
#include <sys/mman.h>

struct code {
	uint64_t begin, end;
	const struct ex_event *made;
	const struct ex_event *data; /* that took the right to execute, NULL */
};
struct search {
	struct code *live;
	size_t live_count;
	struct ex_dead_code *dead;
	size_t dead_count;
};

static void add_live(struct search *s, uint64_t begin, uint64_t end, const struct ex_event *made,
		     const struct ex_event *data)
{
	s->live = reallocarray(s->live, s->live_count + 1, sizeof(*s->live));
	if (!s->live)
		abort();
	s->live[s->live_count++] = (struct code){begin, end, made, data};
}

static void add_dead(struct search *s, const struct ex_dead_code *one)
{
	s->dead = reallocarray(s->dead, s->dead_count + 1, sizeof(*s->dead));
	if (!s->dead)
		abort();
	s->dead[s->dead_count++] = *one;
}

enum change { UNMAPPED, KEPT, MADE_DATA, MADE_CODE };

static void cut(struct search *s, uint64_t begin, uint64_t end, const struct ex_event *event, enum change change)
{
	size_t count = s->live_count;
	while (count-- > 0) {
		struct code c = s->live[count];
		uint64_t from = c.begin > begin ? c.begin : begin, to = c.end < end ? c.end : end;
		if (from >= to)
			continue;
		s->live[count] = s->live[--s->live_count];
		if (c.begin < from)
			add_live(s, c.begin, from, c.made, c.data);
		if (c.end > to)
			add_live(s, to, c.end, c.made, c.data);
		if (change == MADE_DATA)
			add_live(s, from, to, c.made, c.data ? c.data : event);
		else if (change != MADE_CODE || c.data)
			add_dead(s, &(struct ex_dead_code){.begin = from,
							   .end = to,
							   .made = c.made,
							   .gone = change == MADE_CODE ? c.data : event,
							   .is_kept = change == KEPT,
							   .is_data = change == MADE_CODE});
	}
}

static void move(struct search *s, uint64_t begin, uint64_t end, uint64_t to)
{
	for (size_t n = 0, count = s->live_count; n < count; n++) {
		struct code c = s->live[n];
		uint64_t from = c.begin > begin ? c.begin : begin, until = c.end < end ? c.end : end;
		if (from < until)
			add_live(s, to + (from - begin), to + (until - begin), c.made, c.data);
	}
}

/* where mremap had moved it from, and that is kept: told behind the call itself */
static void note_kept(struct search *s, uint64_t begin, uint64_t end, const struct ex_event *event)
{
	for (size_t n = s->dead_count; n-- > 0 && s->dead_count - n <= 64;) {
		struct ex_dead_code *d = &s->dead[n];
		if (d->is_kept || d->begin < begin || d->end > end || d->gone->meta->id != EX_EV_GROWTH ||
		    d->gone->tid != event->tid)
			continue;
		d->gone = event;
		d->is_kept = 1;
	}
}

static void add_growth(struct search *s, const struct ex_event *event)
{
	const struct ex_ev_growth *g = EX_EVENT(event, growth);
	uint64_t end = ex_history_page_end(g->begin, g->bytes);
	if (g->error)
		return;
	if (g->call == EX_memory_call_MUNMAP) {
		cut(s, g->begin, end, event, UNMAPPED);
	} else if (g->call == EX_memory_call_MREMAP && g->begin != g->old) {
		cut(s, g->begin, end, event, UNMAPPED);
		move(s, g->old, ex_history_page_end(g->old, g->old_bytes), g->begin);
		cut(s, g->old, ex_history_page_end(g->old, g->old_bytes), event, UNMAPPED);
	} else if (g->call == EX_memory_call_MMAP || g->call == EX_memory_call_MPROTECT) {
		if (g->call == EX_memory_call_MMAP)
			/* where an unmapping is told late, the mapping that got its place comes first: that is its end too */
			cut(s, g->begin, end, event, UNMAPPED);
		cut(s, g->begin, end, event, g->prot & PROT_EXEC ? MADE_CODE : MADE_DATA);
		if (g->prot & PROT_EXEC)
			add_live(s, g->begin, end, event, NULL);
	}
}

#define LATE_NS 1000000000u

/* a thread that runs in what another one unmaps dies before that call is told. Calls that make code are told before anybody can
 * know its address */
static int had_begun(const struct ex_event *event, uint64_t until_ns)
{
	if (event->meta->id != EX_EV_GROWTH)
		return 0;
	const struct ex_ev_growth *g = EX_EVENT(event, growth);
	int is_taking = g->call == EX_memory_call_MUNMAP || g->call == EX_memory_call_MREMAP ||
			(g->call == EX_memory_call_MPROTECT && !(g->prot & PROT_EXEC));
	return is_taking && event->time_ns - g->duration <= until_ns;
}

static void add_image(struct search *s, const struct ex_image *image, uint64_t until_ns)
{
	if (image->parent)
		add_image(s, image->parent, image->image_ns);
	for (size_t i = 0; i < image->event_count && image->events[i]->time_ns <= until_ns + LATE_NS; i++) {
		const struct ex_event *event = image->events[i];
		if (event->time_ns > until_ns && !had_begun(event, until_ns))
			continue;
		if (event->meta->id == EX_EV_GROWTH) {
			add_growth(s, event);
		} else if (event->meta->id == EX_EV_QUARANTINED) {
			const struct ex_ev_quarantined *q = EX_EVENT(event, quarantined);
			cut(s, q->begin, q->end, event, KEPT);
			if (q->how == EX_release_MREMAP)
				note_kept(s, q->begin, q->end, event);
		}
	}
}

size_t ex_dead_code_find(const struct ex_image *image, uint64_t until_ns, struct ex_dead_code **list)
{
	struct search s = {0};
	add_image(&s, image, until_ns);
	for (size_t n = 0; n < s.live_count; n++)
		if (s.live[n].data)
			add_dead(&s, &(struct ex_dead_code){.begin = s.live[n].begin,
							    .end = s.live[n].end,
							    .made = s.live[n].made,
							    .gone = s.live[n].data,
							    .is_data = 1});
	free(s.live);
	*list = s.dead;
	return s.dead_count;
}

int ex_dead_code_is_reused(const struct ex_image *image, const struct ex_dead_code *dead, uint64_t until_ns)
{
	for (size_t i = 0; i < image->event_count && image->events[i]->time_ns <= until_ns; i++) {
		const struct ex_event *event = image->events[i];
		if (event->meta->id != EX_EV_GROWTH || event->time_ns < dead->gone->time_ns)
			continue;
		const struct ex_ev_growth *g = EX_EVENT(event, growth);
		int is_new = g->call == EX_memory_call_MMAP ||
			     (g->call == EX_memory_call_MREMAP && g->begin != g->old) ||
			     (dead->is_data && g->call == EX_memory_call_MPROTECT && (g->prot & PROT_EXEC));
		if (is_new && !g->error && g->begin < dead->end &&
		    dead->begin < ex_history_page_end(g->begin, g->bytes))
			return 1;
	}
	return image->parent && ex_dead_code_is_reused(image->parent, dead, image->image_ns);
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
