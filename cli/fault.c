/*
 * fault.c: see fault.h.
 */
#include "fault.h"

#include "text.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>

static int is_kernels(const struct ex_event *event)
{
	const struct ex_ev_crash *crash = EX_EVENT(event, crash);
	return (crash->signo == SIGSEGV || crash->signo == SIGBUS) && crash->code > 0;
}

/* both are told by one thread: the fault, then the map, of a fault whose handler is at work when the process ends after others
 * that the handler took itself */
const struct ex_event *ex_fault_map_of(const struct ex_image *image, const struct ex_event *crash)
{
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		if (event->tid != crash->tid || event->time_ns < crash->time_ns || event == crash)
			continue;
		if (event->meta->id == EX_EV_CRASH && EX_EVENT(event, crash)->disposition != EX_disposition_PROGRAM)
			return NULL;
		if (event->meta->id == EX_EV_FAULT_MAP &&
		    EX_EVENT(event, fault_map)->address == EX_EVENT(crash, crash)->address)
			return event;
	}
	return NULL;
}

const struct ex_event *ex_fault_spoken(const struct ex_image *image)
{
	const struct ex_event *spoken = NULL;
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		int id = event->meta->id;
		if (id != EX_EV_FAULT_MAP && id != EX_EV_THREAD_PLACE)
			continue;
		for (size_t before = n; before-- > 0;) {
			const struct ex_event *crash = image->events[before];
			if (crash->meta->id != EX_EV_CRASH || crash->tid != event->tid)
				continue;
			if (EX_EVENT(crash, crash)->disposition == EX_disposition_DEFAULT)
				spoken = crash;
			break;
		}
	}
	return spoken;
}

/* IN_HANDLER: the thread ends the process out of the handler of that fault. Without it the handler was left, and the program had
 * recovered: one that recovers takes further faults in between, so the last one told need not be it */
static int is_in_handler_of(const struct ex_image *image, const struct ex_event *crash)
{
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id == EX_EV_IN_HANDLER && event->tid == crash->tid &&
		    event->time_ns >= crash->time_ns &&
		    EX_EVENT(event, in_handler)->address == EX_EVENT(crash, crash)->address &&
		    EX_EVENT(event, in_handler)->pc == EX_EVENT(crash, crash)->pc)
			return 1;
	}
	return 0;
}

/* a program's handler that puts the default action back and returns, or sends the signal again */
static const struct ex_event *seen_before(const struct ex_image *image, const struct ex_event *end, uint32_t tid,
					  int *is_left)
{
	const struct ex_event *seen = NULL;
	*is_left = 1;
	for (size_t n = 0; n < image->event_count && image->events[n] != end; n++) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id != EX_EV_CRASH || event->tid != tid || !is_kernels(event) ||
		    EX_EVENT(event, crash)->disposition != EX_disposition_PROGRAM)
			continue;
		int is_left_too = !is_in_handler_of(image, event);
		if (*is_left || !is_left_too)
			seen = event;
		*is_left &= is_left_too;
	}
	return seen;
}

static const struct ex_event *last_seen(const struct ex_image *image)
{
	const struct ex_event *seen = NULL;
	for (size_t n = 0; n < image->event_count; n++)
		if (image->events[n]->meta->id == EX_EV_CRASH && is_kernels(image->events[n]))
			seen = image->events[n];
	return seen;
}

void ex_fault_find(struct ex_fault *fault, const struct ex_image *image)
{
	int is_left = 0;
	const struct ex_event *end = image->crash ? image->crash : image->first_exit;
	const struct ex_event *seen = end ? seen_before(image, end, end->tid, &is_left) : last_seen(image);
	uint64_t end_ns = end ? end->time_ns : image->end_ns;
	memset(fault, 0, sizeof(*fault));
	if (image->crash && is_kernels(image->crash)) {
		fault->event = image->crash;
		fault->is_handled = seen && EX_EVENT(seen, crash)->address == EX_EVENT(image->crash, crash)->address;
	} else if (seen) {
		fault->event = seen;
		fault->is_handled = 1;
		fault->is_left = is_left;
	} else {
		return;
	}
	fault->lived_ns = end_ns > fault->event->time_ns ? end_ns - fault->event->time_ns : 0;
	fault->map = ex_fault_map_of(image, fault->event);
	if (!fault->map && seen && fault->is_handled)
		fault->map = ex_fault_map_of(image, seen);
}

/*
 * gVisor does not say whether a fault was a read or a write, but a right that is missing is SEGV_ACCERR there as on Linux,
 * except where all are: so SEGV_MAPERR on a mapping with any right is none of the mapping's. Of files only that is known: what
 * lies behind a file's end is SIGBUS.
 */
int ex_fault_is_permitted(const struct ex_fault *fault)
{
	if (!fault->map)
		return 0;
	const struct ex_ev_fault_map *map = EX_EVENT(fault->map, fault_map);
	const struct ex_ev_crash *crash = EX_EVENT(fault->event, crash);
	int is_file = *fault->map->tail[0].bytes == '/';
	if (!map->begin || crash->code == SI_KERNEL)
		return 0;
	if (crash->signo == SIGSEGV && crash->code == SEGV_MAPERR)
		return (map->prot & (PROT_READ | PROT_WRITE | PROT_EXEC)) != 0;
	return !is_file && (map->prot & (PROT_READ | PROT_WRITE)) == (PROT_READ | PROT_WRITE) &&
	       crash->pc != crash->address;
}

int ex_fault_is_without_access(const struct ex_fault *fault)
{
	return fault->map && EX_EVENT(fault->map, fault_map)->begin && !EX_EVENT(fault->map, fault_map)->prot;
}

static const char *rights(uint32_t prot)
{
	static const char *const words[] = {"without access",
					    "readable",
					    "writable",
					    "readable and writable",
					    "executable",
					    "readable and executable",
					    "writable and executable",
					    "readable, writable and executable"};
	return words[prot & 7];
}

const char *ex_fault_mapping_text(const struct ex_event *event, const char *where)
{
	const struct ex_ev_fault_map *map = event ? EX_EVENT(event, fault_map) : NULL;
	if (!map || !map->begin)
		return NULL;
	const char *path = event->tail[0].bytes;
	return ex_format("0x%llx-0x%llx%s, %s%s%s", (unsigned long long)map->begin, (unsigned long long)map->end, where,
			 rights(map->prot), *path ? ", " : "", path);
}

int ex_fault_nearest(const struct ex_event *event, uint64_t *begin, uint64_t *end)
{
	const struct ex_ev_fault_map *map = EX_EVENT(event, fault_map);
	int is_below = map->before_begin != 0;
	if (map->begin || (!map->before_begin && !map->after_begin))
		return 0;
	if (is_below && map->after_begin)
		is_below = map->address - map->before_end <= map->after_begin - map->address;
	*begin = is_below ? map->before_begin : map->after_begin;
	*end = is_below ? map->before_end : map->after_end;
	return 1;
}

const char *ex_fault_nearest_text(const struct ex_event *event)
{
	uint64_t begin, end;
	const struct ex_ev_fault_map *map = event ? EX_EVENT(event, fault_map) : NULL;
	if (!map || !ex_fault_nearest(event, &begin, &end))
		return NULL;
	int is_below = begin == map->before_begin;
	const char *path = event->tail[0].bytes;
	return ex_format("%s %s 0x%llx-0x%llx (%s%s%s)",
			 ex_bytes_text(is_below ? map->address - end : begin - map->address),
			 is_below ? "past the end of" : "before", (unsigned long long)begin, (unsigned long long)end,
			 rights(is_below ? map->before_prot : map->after_prot), *path ? ", " : "", path);
}
