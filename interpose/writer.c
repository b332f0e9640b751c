/*
 * writer.c: see writer.h.
 *
 * All of LLVM's profile runtime is hidden, in every version from 14 to 22, so no preload can look it up. But the callback
 * that it registers with atexit is also the way to flush: call it early, and leave out its turn at exit. Called twice it
 * would write twice (append without %m, merge into live counters with %m): every count doubled.
 */
#include "writer.h"

#include "companion.h"
#include "handler.h"
#include "image.h"
#include "module.h"
#include "options.h"
#include "profile_image.h"
#include "real.h"
#include "salvage.h"
#include "salvage_file.h"
#include "signals.h"
#include "spec.h"
#include "stream.h"
#include "thread.h"

static struct ex_handler *writers; /* newest first */

struct ex_profile_image *ex_writer_image(uintptr_t fn)
{
	struct ex_module_info module;
	/* a library that is being opened: its constructors run before anyone looks at it */
	if (!ex_module_find(fn, &module))
		ex_module_scan(0);
	return ex_profile_at(fn);
}

void ex_writer_found(struct ex_handler *h)
{
	h->is_writer = 1;
	h->next = __atomic_load_n(&writers, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(&writers, &h->next, h, 1, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		;
	const char *file = ex_real.getenv ? ex_real.getenv("LLVM_PROFILE_FILE") : NULL;
	ex_profile_file_environment();
	EX_PUT(WRITER, writer, (.id = h->id, .fn = h->fn), EX_TEXT(file), );
	struct ex_profile_image *image = ex_writer_image(h->fn);
	if (image)
		image->writer = h->id;
	if (ex_options_salvages())
		ex_signals_guard();
	if (ex_options.flush_every_s)
		ex_companion_start();
}

int ex_writer_turn(struct ex_handler *h)
{
	if (__atomic_exchange_n(&h->is_flushed, 1, __ATOMIC_ACQ_REL))
		return EX_outcome_of_handler_FLUSHED;
	const struct ex_profile_image *image = ex_options_salvages() ? ex_profile_at(h->fn) : NULL;
	if (!image)
		return EX_outcome_of_handler_RAN;
	ex_salvage_writer(h->id);
	/* what we could not do (no memory, an odd file, a version not known here) the runtime may, where it would not die */
	int is_mixed = !image->runtime || ex_profile_is_mixed(image);
	return ex_salvage_is_done(h->id) || is_mixed ? EX_outcome_of_handler_SALVAGED : EX_outcome_of_handler_RAN;
}

static void salvage_all(int point)
{
	ex_salvage(point);
	for (struct ex_handler *h = __atomic_load_n(&writers, __ATOMIC_ACQUIRE); h; h = h->next)
		if (ex_salvage_is_done(h->id))
			h->is_flushed = 1;
}

static void flush_all(int point)
{
	if (ex_options_salvages()) {
		salvage_all(point);
		return;
	}
	for (struct ex_handler *h = __atomic_load_n(&writers, __ATOMIC_ACQUIRE); h; h = h->next) {
		if (__atomic_exchange_n(&h->is_flushed, 1, __ATOMIC_ACQ_REL))
			continue;
		EX_PUT(FLUSH_BEGIN, flush_begin, (.id = h->id, .point = (uint8_t)point), );
		ex_self.flushing = h->id;
		((void (*)(void *))h->fn)(h->arg);
		ex_self.flushing = 0;
		EX_PUT(FLUSH_END, flush_end, (.id = h->id), );
	}
}

void ex_writer_flush(int point)
{
	if (ex_options.flush_point == point)
		flush_all(point);
}

void ex_writer_leave(void)
{
	if (ex_options_salvages() || ex_options.flush_point == EX_point_EXIT)
		flush_all(EX_point_EXIT);
}

void ex_writer_flush_around(int point, uintptr_t fn, uint32_t row)
{
	if (ex_options.flush_point == point && writers && ex_spec_matches(&ex_options.flush_at, fn, row))
		flush_all(point);
}

void ex_writer_each_pending(void (*each)(void *arg, uintptr_t fn), void *arg)
{
	for (struct ex_handler *h = __atomic_load_n(&writers, __ATOMIC_ACQUIRE); h; h = h->next)
		if (!h->is_flushed)
			each(arg, h->fn);
}
