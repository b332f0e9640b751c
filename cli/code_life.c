/*
 * code_life.c: see code_life.h. First all places are found that were code at any time; then the live pieces of mappings there
 * are kept in order of address, and a call cuts them at its borders. A program without code of its own costs one pass, whatever it maps.
 */
#include "code_life.h"

#include "history.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct piece {
	uint64_t begin, end;
	const struct ex_event *mapped, *made, *made_last, *data;
	unsigned times_made;
	int is_code; /* now */
};

struct state {
	struct piece *pieces;
	size_t count, room;
	struct ex_code_lives *lives;
	struct place {
		uint64_t begin, end;
	} * places; /* that were code once, in order */
	size_t place_count;
	struct ghost {
		uint64_t begin, end;
		size_t n; /* in lives */
	} * ghosts;	  /* what is gone and has not been mapped over since, in order of address: none overlap */
	size_t ghost_count, ghost_room;
};

/* the first that ends behind address */
static size_t find(const struct state *s, uint64_t address)
{
	size_t low = 0, high = s->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (s->pieces[middle].end > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void insert(struct state *s, size_t at, const struct piece *piece)
{
	if (s->count == s->room) {
		s->room = s->room ? 2 * s->room : 256;
		s->pieces = reallocarray(s->pieces, s->room, sizeof(*s->pieces));
		if (!s->pieces)
			abort();
	}
	memmove(&s->pieces[at + 1], &s->pieces[at], (s->count - at) * sizeof(*s->pieces));
	s->pieces[at] = *piece;
	s->count++;
}

/* so that a piece begins there, if one holds it */
static void split(struct state *s, uint64_t address)
{
	size_t at = find(s, address);
	if (at == s->count || s->pieces[at].begin >= address)
		return;
	struct piece upper = s->pieces[at];
	s->pieces[at].end = upper.begin = address;
	insert(s, at + 1, &upper);
}

static size_t find_ghost(const struct state *s, uint64_t address)
{
	size_t low = 0, high = s->ghost_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (s->ghosts[middle].end > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* something is mapped there: whoever had the place before is told of it */
static void reuse(struct state *s, uint64_t begin, uint64_t end, const struct ex_event *event)
{
	size_t from = find_ghost(s, begin), to = from;
	for (; to < s->ghost_count && s->ghosts[to].begin < end; to++)
		if (!s->lives->list[s->ghosts[to].n].reused)
			s->lives->list[s->ghosts[to].n].reused = event;
	memmove(&s->ghosts[from], &s->ghosts[to], (s->ghost_count - to) * sizeof(*s->ghosts));
	s->ghost_count -= to - from;
}

static void add_ghost(struct state *s, uint64_t begin, uint64_t end, size_t n)
{
	if (s->ghost_count == s->ghost_room) {
		s->ghost_room = s->ghost_room ? 2 * s->ghost_room : 256;
		s->ghosts = reallocarray(s->ghosts, s->ghost_room, sizeof(*s->ghosts));
		if (!s->ghosts)
			abort();
	}
	size_t at = find_ghost(s, begin);
	memmove(&s->ghosts[at + 1], &s->ghosts[at], (s->ghost_count - at) * sizeof(*s->ghosts));
	s->ghosts[at] = (struct ghost){begin, end, n};
	s->ghost_count++;
}

static void add_life(struct ex_code_lives *lives, const struct piece *p, enum ex_code_end how,
		     const struct ex_event *gone)
{
	struct ex_code_life *last = lives->count ? &lives->list[lives->count - 1] : NULL;
	if (last && last->gone == gone && last->how == how && last->end == p->begin &&
	    last->made_last == p->made_last) {
		last->end = p->end; /* one mapping that something had cut */
		return;
	}
	if ((lives->count & (lives->count - 1)) == 0) {
		lives->list = reallocarray(lives->list, lives->count ? 2 * lives->count : 1, sizeof(*lives->list));
		if (!lives->list)
			abort();
	}
	lives->list[lives->count++] = (struct ex_code_life){.begin = p->begin,
							    .end = p->end,
							    .mapped = p->mapped,
							    .made = p->made,
							    .made_last = p->made_last,
							    .times_made = p->times_made,
							    .how = how,
							    .gone = gone};
	lives->by_end[how]++;
}

static void remove_range(struct state *s, uint64_t begin, uint64_t end, enum ex_code_end how,
			 const struct ex_event *gone)
{
	if (begin >= end)
		return;
	split(s, begin);
	split(s, end);
	size_t from = find(s, begin), to = from;
	for (; to < s->count && s->pieces[to].begin < end; to++)
		if (s->pieces[to].made && how != EX_CODE_LIVES) {
			add_life(s->lives, &s->pieces[to], how, gone);
			add_ghost(s, s->pieces[to].begin, s->pieces[to].end, s->lives->count - 1);
		}
	memmove(&s->pieces[from], &s->pieces[to], (s->count - to) * sizeof(*s->pieces));
	s->count -= to - from;
}

static void make_code(struct piece *p, const struct ex_event *event, int is_code)
{
	if (is_code && !p->is_code) {
		p->times_made++;
		p->made = p->made ? p->made : event;
	}
	if (is_code)
		p->made_last = event;
	if (!is_code && p->is_code)
		p->data = event;
	p->is_code = is_code;
}

static void protect(struct state *s, uint64_t begin, uint64_t end, const struct ex_event *event, int is_code)
{
	split(s, begin);
	split(s, end);
	uint64_t at = begin;
	for (size_t n = find(s, begin); at < end; n++) {
		if (n == s->count || s->pieces[n].begin > at) { /* mapped by no call that was seen */
			struct piece unknown = {.begin = at, .end = end};
			if (n < s->count && s->pieces[n].begin < end)
				unknown.end = s->pieces[n].begin;
			if (is_code)
				insert(s, n, &unknown);
			else if (n == s->count)
				return;
			else
				n--; /* nothing to keep of it */
			at = unknown.end;
			if (!is_code)
				continue;
		}
		at = s->pieces[n].end;
		make_code(&s->pieces[n], event, is_code);
	}
}

static void add_place(struct state *s, const struct ex_event *event)
{
	const struct ex_ev_growth *g = EX_EVENT(event, growth);
	int is_made = g->call == EX_memory_call_MMAP || g->call == EX_memory_call_MPROTECT;
	if (g->error || (is_made ? !(g->prot & PROT_EXEC) : g->call != EX_memory_call_MREMAP))
		return;
	struct place place = {g->begin, ex_history_page_end(g->begin, g->bytes)},
		     *last = s->place_count ? &s->places[s->place_count - 1] : NULL;
	if (last && last->begin == place.begin && last->end >= place.end) /* the same once more, as W^X does */
		return;
	if ((s->place_count & (s->place_count - 1)) == 0) {
		s->places = reallocarray(s->places, s->place_count ? 2 * s->place_count : 1, sizeof(*s->places));
		if (!s->places)
			abort();
	}
	s->places[s->place_count++] = place;
}

static void find_places(struct state *s, const struct ex_image *image, uint64_t until_ns)
{
	if (image->parent)
		find_places(s, image->parent, image->image_ns);
	for (size_t i = 0; i < image->event_count && image->events[i]->time_ns <= until_ns; i++)
		if (image->events[i]->meta->id == EX_EV_GROWTH)
			add_place(s, image->events[i]);
}

static int by_begin(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	return (x->begin > y->begin) - (x->begin < y->begin);
}

/* in order, and none that overlap */
static void sort_places(struct state *s)
{
	size_t count = 0;
	if (s->place_count)
		qsort(s->places, s->place_count, sizeof(*s->places), by_begin);
	for (size_t n = 0; n < s->place_count; n++) {
		struct place *last = count ? &s->places[count - 1] : NULL;
		if (last && s->places[n].begin <= last->end)
			last->end = s->places[n].end > last->end ? s->places[n].end : last->end;
		else
			s->places[count++] = s->places[n];
	}
	s->place_count = count;
}

static int was_code(const struct state *s, uint64_t begin, uint64_t end)
{
	size_t low = 0, high = s->place_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (s->places[middle].end > begin)
			high = middle;
		else
			low = middle + 1;
	}
	return low < s->place_count && s->places[low].begin < end;
}

static void add_growth(struct state *s, const struct ex_event *event)
{
	const struct ex_ev_growth *g = EX_EVENT(event, growth);
	uint64_t end = ex_history_page_end(g->begin, g->bytes);
	if (g->error || (g->call != EX_memory_call_MREMAP && !was_code(s, g->begin, end)))
		return;
	if (g->call == EX_memory_call_MUNMAP) {
		remove_range(s, g->begin, end, EX_CODE_UNMAPPED, event);
	} else if (g->call == EX_memory_call_MMAP) {
		struct piece piece = {.begin = g->begin, .end = end, .mapped = event};
		remove_range(s, g->begin, end, EX_CODE_REPLACED, event);
		reuse(s, g->begin, end, event);
		make_code(&piece, event, (g->prot & PROT_EXEC) != 0);
		insert(s, find(s, g->begin), &piece);
	} else if (g->call == EX_memory_call_MPROTECT) {
		protect(s, g->begin, end, event, (g->prot & PROT_EXEC) != 0);
	} else if (g->call == EX_memory_call_MREMAP) {
		size_t at = find(s, g->old);
		struct piece piece = {.mapped = event};
		if (at < s->count && s->pieces[at].begin <= g->old && s->pieces[at].is_code)
			make_code(&piece, event, 1);
		remove_range(s, g->old, ex_history_page_end(g->old, g->old_bytes),
			     g->begin == g->old ? EX_CODE_LIVES : EX_CODE_MOVED, event);
		remove_range(s, g->begin, end, EX_CODE_REPLACED, event);
		reuse(s, g->begin, end, event);
		piece.begin = g->begin;
		piece.end = end;
		insert(s, find(s, g->begin), &piece);
	}
}

static void add_image(struct state *s, const struct ex_image *image, uint64_t until_ns)
{
	if (image->parent)
		add_image(s, image->parent, image->image_ns);
	for (size_t i = 0; i < image->event_count && image->events[i]->time_ns <= until_ns; i++) {
		const struct ex_event *event = image->events[i];
		if (event->meta->id == EX_EV_GROWTH)
			add_growth(s, event);
		else if (event->meta->id == EX_EV_QUARANTINED)
			remove_range(s, EX_EVENT(event, quarantined)->begin, EX_EVENT(event, quarantined)->end,
				     EX_CODE_KEPT, event);
	}
}

void ex_code_lives_find(struct ex_code_lives *lives, const struct ex_image *image, uint64_t until_ns)
{
	struct state s = {.lives = lives};
	memset(lives, 0, sizeof(*lives));
	find_places(&s, image, until_ns);
	if (!s.place_count)
		return;
	sort_places(&s);
	add_image(&s, image, until_ns);
	lives->gone = lives->count;
	for (size_t n = 0; n < s.count; n++)
		if (s.pieces[n].made)
			add_life(lives, &s.pieces[n], s.pieces[n].is_code ? EX_CODE_LIVES : EX_CODE_DATA,
				 s.pieces[n].is_code ? NULL : s.pieces[n].data);
	free(s.pieces);
	free(s.places);
	free(s.ghosts);
}
