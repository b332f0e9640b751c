/*
 * rules_rows.c: the questions that rules ask about the rows of a teardown and the stack of a crash. See rules.h. Rows
 * and frames are told apart by address, never by name; only our own library is known by its file's.
 */
#include "rules.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

int ex_rules_row_contains(const struct ex_row *outer, const struct ex_row *inner)
{
	if (outer == inner || outer->tid != inner->tid || outer->depth >= inner->depth)
		return 0;
	if (outer->begin_ns > inner->begin_ns)
		return 0;
	if (!outer->end_ns)
		return 1;
	return inner->end_ns && inner->end_ns <= outer->end_ns;
}

int ex_rules_has_ended_by(const struct ex_row *row, uint64_t end_ns)
{
	return row->id && row->outcome == EX_outcome_of_handler_RAN && row->end_ns && row->end_ns <= end_ns &&
	       row->place.module && row->place.module_name[0];
}

const struct ex_row *ex_rules_writer_at_death(const struct ex_teardown *t, int *frames_inside)
{
	const struct ex_row *writer = NULL;
	int limit = -1;

	*frames_inside = 0;
	for (size_t i = 0; i < t->count; i++) {
		const struct ex_row *row = &t->rows[i];
		if (row->kind != EX_ROW_PROFILE_WRITE || row->end_ns || row->is_early_flush || !row->begin_ns)
			continue;
		int at = -1;
		for (int f = 0; f < t->crash_frames && at < 0; f++)
			if (row->place.address && t->crash_stack[f].function == row->place.address)
				at = f;
		if (at >= 0 || row == t->crash_row) {
			writer = row;
			limit = at;
		}
	}
	if (!writer)
		return NULL;
	/* the writer's own frame may be missing from the stack; then our wrapper around it ends its call */
	for (int f = 1; f < t->crash_frames && limit < 0; f++)
		if (ex_place_is_ours(&t->crash_stack[f]) && t->crash_stack[f - 1].module == writer->place.module)
			limit = f;
	*frames_inside = limit < 0 ? 0 : limit;
	return writer;
}

/* a fork child binds what its parent bound, and only the parent said so */
static const char *bound_as(const struct ex_image *image, uint64_t function)
{
	for (; image && function; image = image->parent)
		for (size_t i = 0; i < image->event_count; i++) {
			const struct ex_event *event = image->events[i];
			if (event->meta->id == EX_EV_ENTRY && EX_EVENT(event, entry)->fn == function)
				return event->tail[0].bytes;
		}
	return NULL;
}

int ex_rules_entry_frame(const struct ex_teardown *t, int frames, const char **symbol)
{
	for (int f = 0; f < frames && f < t->crash_frames; f++) {
		const char *name = bound_as(t->image, t->crash_stack[f].function);
		if (!name)
			continue;
		if (symbol)
			*symbol = name;
		return f;
	}
	return -1;
}

/* si_addr means the memory touched only for these; for others it is the pc, or nothing (SI_KERNEL) */
int ex_rules_is_memory_fault(const struct ex_ev_crash *crash)
{
	return (crash->signo == SIGSEGV || crash->signo == SIGBUS) && crash->code >= 1 && crash->code <= 4;
}

/* whether a fault of this kind at this address can come from the range having been taken in this way */
static const struct ex_took *explains(const struct ex_row *row, const struct ex_ev_crash *crash)
{
	for (size_t i = 0; i < row->took_count; i++) {
		const struct ex_took *took = &row->took[i];
		if (crash->address < took->begin || crash->address >= took->end)
			continue;
		/* discarded pages read as zero, they do not fault */
		if (took->how == EX_release_MADVISE)
			continue;
		/* unmapped, yet the kernel says that something is mapped there: it was used again */
		if ((took->how == EX_release_MUNMAP || took->how == EX_release_MREMAP) && crash->signo == SIGSEGV &&
		    crash->code == SEGV_ACCERR)
			continue;
		return took;
	}
	return NULL;
}

/* in another thread than the one that died a handler need not be done: it took what a call says that it took */
static int has_taken_by(const struct ex_teardown *t, const struct ex_row *row, uint64_t end_ns, uint64_t address)
{
	if (!row->id || !row->place.module || !row->place.module_name[0] || !t->image->crash ||
	    row->tid == t->image->crash->tid || (row->end_ns && row->outcome != EX_outcome_of_handler_RAN))
		return 0;
	for (size_t i = 0; i < t->image->event_count; i++) {
		const struct ex_event *event = t->image->events[i];
		if (event->meta->id != EX_EV_RELEASE || event->time_ns > end_ns || event->tid != row->tid ||
		    event->time_ns < row->begin_ns)
			continue;
		const struct ex_ev_release *release = EX_EVENT(event, release);
		if (release->id == row->id && release->how != EX_release_GONE && address >= release->begin &&
		    address < release->end)
			return 1;
	}
	return 0;
}

/* the innermost, then the latest that fits */
const struct ex_row *ex_rules_taker(const struct ex_teardown *t, const struct ex_row *except, uint64_t end_ns,
				    const struct ex_ev_crash *crash, const struct ex_took **took)
{
	const struct ex_row *best = NULL;
	if (!ex_rules_is_memory_fault(crash))
		return NULL;
	for (size_t i = 0; i < t->count; i++) {
		const struct ex_row *row = &t->rows[i];
		int is_done = ex_rules_has_ended_by(row, end_ns) || has_taken_by(t, row, end_ns, crash->address);
		const struct ex_took *range = is_done ? explains(row, crash) : NULL;
		if (!range || row == except)
			continue;
		/* what contains another comes before it, as rows are in the order of their beginning */
		if (!best || ex_rules_row_contains(best, row) || row->end_ns > best->end_ns) {
			best = row;
			*took = range;
		}
	}
	return best;
}

/* without outer there would be no inner: it registered it */
static int is_registrar(const struct ex_row *outer, const struct ex_row *inner)
{
	const struct ex_event *event = inner->registration;
	return event && event->tid == outer->tid && outer->begin_ns <= event->time_ns &&
	       (!outer->end_ns || event->time_ns <= outer->end_ns);
}

static int is_needed_by(const struct ex_row *outer, const struct ex_row *inner)
{
	return ex_rules_row_contains(outer, inner) || is_registrar(outer, inner);
}

const struct ex_row *ex_rules_sham(const struct ex_teardown *t, const struct ex_row *handler,
				   const struct ex_row *writer)
{
	const struct ex_row *best = NULL;
	long best_score = 0;
	for (size_t i = 0; i < t->count; i++) {
		const struct ex_row *row = &t->rows[i];
		int kind = row->handler_kind;
		if (kind != EX_handler_ATEXIT && kind != EX_handler_ON_EXIT && kind != EX_handler_FINI_ARRAY &&
		    kind != EX_handler_DT_FINI)
			continue;
		if (!row->id || !row->end_ns || row->outcome != EX_outcome_of_handler_RAN || !row->place.module ||
		    row->kind == EX_ROW_PROFILE_WRITE || ex_place_is_ours(&row->place) ||
		    ex_rules_row_contains(handler, row))
			continue;
		/* skip= goes by address: no row of that address may be H, the writer, or around them */
		int is_apart = row->place.address != handler->place.address &&
			       (!writer || row->place.address != writer->place.address);
		for (size_t j = 0; j < t->count && is_apart; j++)
			if (t->rows[j].place.address == row->place.address &&
			    (is_needed_by(&t->rows[j], handler) || (writer && is_needed_by(&t->rows[j], writer))))
				is_apart = 0;
		if (!is_apart)
			continue;
		long score = 2 * labs((long)i - (long)(handler - t->rows)) + (kind != handler->handler_kind) +
			     (row->depth != handler->depth);
		if (!best || score < best_score) {
			best = row;
			best_score = score;
		}
	}
	return best;
}
