/*
 * compare_heap.c: why a program that damages its heap dies under one allocator and lives under another. Guarded runs find the
 * block; then each allocator is asked what it has beside one of that size.
 */
#include "compare_run.h"

#include "allocators.h"
#include "say.h"
#include "settings.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define FRAMES "guard-frames=8"

/* the first of a known size whose own bytes, or the bytes beside it, were used: what was damaged further on is its doing */
static const struct ex_finding_of_block *choose(const struct ex_blocks *blocks)
{
	for (size_t n = 0; n < blocks->count; n++) {
		const struct ex_finding_of_block *f = &blocks->list[n];
		if (f->is_certain && (f->asked || f->owner.n) &&
		    (f->kind == EX_FINDING_BEHIND || f->kind == EX_FINDING_BEFORE || f->kind == EX_FINDING_FREED ||
		     f->kind == EX_FINDING_TWICE))
			return f;
	}
	return NULL;
}

static int find(struct ex_comparison *c, const struct ex_column *run, const char *treatment, const char *column)
{
	const struct ex_image *image = run->processes.judged;
	struct ex_blocks blocks;
	if (!image)
		return 0;
	ex_blocks_find(&blocks, image, ex_symbols_open(image, NULL));
	const struct ex_finding_of_block *f = choose(&blocks);
	struct ex_damage *d = f ? calloc(1, sizeof(*d)) : NULL;
	if (!f)
		return 0;
	if (!d)
		abort();
	*d = (struct ex_damage){.finding = *f, .treatment = treatment, .column = column, .dir = run->dir};
	uint64_t bytes = f->changed ? f->changed : 1;
	d->first = f->kind == EX_FINDING_BEHIND	  ? (int64_t)(f->asked + f->first)
		   : f->kind == EX_FINDING_BEFORE ? -(int64_t)f->first
						  : (int64_t)f->first;
	d->last = d->first + (int64_t)bytes - 1;
	d->knows_last = f->changed != 0;
	c->damage = d;
	return 1;
}

/* whether the column's process had its malloc from what was preloaded, or from libc where nothing was */
static int is_columns_own(const struct ex_column *column)
{
	const struct ex_image *image = column->processes.judged;
	const struct ex_module *module = image ? ex_allocators_malloc(image, ex_symbols_open(image, NULL)) : NULL;
	if (!module)
		return 0;
	const char *name = strrchr(module->path, '/') ? strrchr(module->path, '/') + 1 : module->path;
	if (!column->preload)
		return strncmp(name, "libc.so", 7) == 0 || strncmp(name, "libc-", 5) == 0;
	const char *base = strrchr(column->preload, '/') ? strrchr(column->preload, '/') + 1 : column->preload;
	return strcmp(name, base) == 0;
}

static void fall_behind(struct ex_fall *fall, const struct ex_damage *d)
{
	const struct ex_neighbours *n = &fall->neighbours;
	int64_t usable = (int64_t)n->usable_bytes;
	fall->in_slack = d->first < usable;
	if (n->own_bytes < 0)
		return;
	fall->in_own = n->own_bytes && d->last >= usable && d->first < usable + n->own_bytes;
	fall->in_next = d->last >= usable + n->own_bytes;
	fall->in_link = fall->in_next && d->first < usable + n->own_bytes + (int64_t)n->link_bytes;
}

static void fall_before(struct ex_fall *fall, const struct ex_damage *d)
{
	const struct ex_neighbours *n = &fall->neighbours;
	if (n->own_bytes < 0)
		return;
	fall->in_own = n->own_bytes && d->last >= -n->own_bytes;
	fall->in_next = d->first < -n->own_bytes;
}

static void measure(struct ex_comparison *c)
{
	struct ex_damage *d = c->damage;
	d->falls = calloc(c->column_count, sizeof(*d->falls));
	if (!d->falls)
		abort();
	for (unsigned i = 0; i < c->column_count; i++) {
		struct ex_fall *fall = &d->falls[i];
		if (!is_columns_own(&c->columns[i]))
			continue;
		ex_neighbours_measure(&fall->neighbours, c->columns[i].preload, d->finding.asked);
		if (!fall->neighbours.is_known)
			continue;
		if (d->finding.kind == EX_FINDING_BEHIND)
			fall_behind(fall, d);
		else if (d->finding.kind == EX_FINDING_BEFORE)
			fall_before(fall, d);
		else if (d->finding.kind == EX_FINDING_FREED)
			fall->in_link = d->first < (int64_t)fall->neighbours.link_bytes;
	}
}

/* the pattern finds all of them that write, and costs least; it is in the way of no allocator. What it does not find is looked
 * for under the first one, since pages are not the allocator's */
int ex_compare_look(struct ex_comparison *c, const struct ex_compare_job *job, int *was_interrupted)
{
	static const char *const treatments[] = {"guard=slack " FRAMES, "guard=ends " FRAMES, "guard=starts " FRAMES};
	int status = 0;
	if (*ex_settings_value(job->settings, "guard"))
		return 0; /* the user's own; what it found is in the traces */
	c->is_looked = 1;
	for (unsigned t = 0; t < sizeof(treatments) / sizeof(*treatments) && !c->damage; t++)
		for (unsigned i = 0; i < (t ? 1 : c->column_count) && !c->damage; i++) {
			const struct ex_column *column = &c->columns[i];
			struct ex_column run = {.name = ex_format("%s-guard", column->name),
						.preload = column->preload};
			ex_progress("looking for a damaged block: %s, %s", column->name, treatments[t]);
			status = ex_compare_run(&run, job, treatments[t], 0, was_interrupted);
			if (status || *was_interrupted)
				return status;
			find(c, &run, treatments[t], column->name);
		}
	if (c->damage)
		measure(c);
	return 0;
}
