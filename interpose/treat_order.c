/*
 * treat_order.c: see treat_order.h.
 */
#include "treat_order.h"

#include "handler.h"
#include "module.h"
#include "options.h"
#include "place.h"
#include "refuse.h"
#include "spec.h"
#include "stream.h"
#include "text.h"

#define DEFERRED 1024 /* further ones run at their turn */

static struct deferred {
	struct ex_handler *handler;
	uint32_t id; /* a record is used again when its object is gone */
	int status;
	void *arg;
} deferred[DEFERRED] EX_TABLE;
static uint32_t deferred_count;
static int is_end, is_first_done;

int ex_order_defers(struct ex_handler *h, uint32_t row, void *arg, int status)
{
	const struct ex_options *o = &ex_options;
	if (!o->defer_count || !row || is_end || h->kind == EX_handler_RTLD_FINI ||
	    !ex_spec_is_in(o->defer, o->defer_count, h->fn, row))
		return 0;
	uint32_t i = __atomic_fetch_add(&deferred_count, 1, __ATOMIC_RELAXED);
	if (i >= DEFERRED)
		return 0;
	deferred[i] = (struct deferred){h, h->id, status, arg};
	return 1;
}

void ex_order_run_deferred(void)
{
	struct ex_module_info module;
	if (is_end)
		return;
	is_end = 1;
	for (uint32_t i = 0; i < deferred_count && i < DEFERRED; i++) {
		const struct deferred *d = &deferred[i];
		if (d->handler->id == d->id && ex_module_find(d->handler->fn, &module))
			ex_handler_run(d->handler, d->arg, d->status);
	}
}

/* newest first, as exit runs them */
struct search {
	const struct ex_spec *spec;
	uint32_t below; /* ids that were found already */
	struct ex_handler *found;
};

/* a thread's own objects and keys come with a value that is not known here, and nothing may run before the dynamic
 * linker's finalizer that is not in it */
static void consider(void *arg, struct ex_handler *h)
{
	struct search *s = arg;
	int is_kind = h->kind == EX_handler_ATEXIT || h->kind == EX_handler_ON_EXIT ||
		      h->kind == EX_handler_FINI_ARRAY || h->kind == EX_handler_DT_FINI;
	if (!is_kind || h->id >= s->below || (s->found && h->id < s->found->id) || !ex_spec_matches(s->spec, h->fn, 0))
		return;
	s->found = h;
}

void ex_order_run_first(int status)
{
	if (__atomic_exchange_n(&is_first_done, 1, __ATOMIC_ACQ_REL))
		return;
	for (int i = 0; i < ex_options.first_count; i++) {
		struct search search = {&ex_options.first[i], UINT32_MAX, NULL};
		int count = 0;
		for (;; count++) {
			search.found = NULL;
			ex_handler_each_waiting(consider, &search);
			struct ex_handler *h = search.found;
			if (!h)
				break;
			search.below = h->id;
			h->move = EX_MOVE_NOW;
			ex_handler_run(h, h->arg, status);
		}
		if (!count)
			ex_refuse(EX_refusal_NO_HANDLER, "first",
				  search.spec->module ? search.spec->module : search.spec->symbol);
	}
}
