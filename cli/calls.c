/*
 * calls.c: see calls.h.
 */
#include "calls.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *symbol, *text;
} functions[] = {
#define HEAP(ret, name, params, kind, text) {#name, text},
#include "heap.def"
#undef HEAP
};

#define FUNCTIONS (sizeof(functions) / sizeof(*functions))
_Static_assert(FUNCTIONS <= EX_CALLS_FUNCTIONS_MOST, "raise it");

const char *ex_calls_function(size_t n)
{
	return n < FUNCTIONS ? functions[n].text : NULL;
}

const char *ex_calls_module_name(const struct ex_module *module)
{
	const char *slash = module ? strrchr(module->path, '/') : NULL;
	return slash ? slash + 1 : module ? module->path : "";
}

const char *ex_calls_of(const struct ex_calls *calls, const struct ex_module *module)
{
	if (!calls->is_counted)
		return NULL;
	for (size_t n = 0; n < calls->unseen_count; n++)
		if (strcmp(calls->unseen[n].function, "malloc") == 0)
			return "not visible";
	return module == calls->allocator ? "counted" : "not visible";
}

uint64_t ex_calls_to_bytes(size_t size_class)
{
	return size_class + 1 < EX_SIZE_CLASSES ? (1ull << size_class) - 1 : 0;
}

static void *grow(void *list, size_t count, size_t bytes)
{
	list = realloc(list, (count + 1) * bytes);
	if (!list)
		abort();
	return list;
}

static struct ex_calls_thread *thread_of(struct ex_calls *calls, uint32_t tid)
{
	for (size_t n = 0; n < calls->thread_count; n++)
		if (calls->threads[n].tid == tid)
			return &calls->threads[n];
	calls->threads = grow(calls->threads, calls->thread_count, sizeof(*calls->threads));
	struct ex_calls_thread *thread = &calls->threads[calls->thread_count++];
	*thread = (struct ex_calls_thread){.tid = tid};
	return thread;
}

static uint64_t value_at(const char *values, size_t n)
{
	uint64_t value;
	memcpy(&value, values + n * sizeof(value), sizeof(value));
	return value;
}

static void add(struct ex_calls *calls, const struct ex_event *event)
{
	struct ex_text blob = event->tail[0];
	size_t skip = EX_EVENT(event, counters)->skip;
	size_t count = blob.length > skip ? (blob.length - skip) / sizeof(uint64_t) : 0;
	if (count < 2 * EX_SIZE_CLASSES)
		return;
	const char *values = blob.bytes + skip, *sizes;
	/* a table grows at its end: an older library had fewer functions, a newer one has some that we cannot name */
	size_t rows = count - 2 * EX_SIZE_CLASSES;
	struct ex_calls_thread *thread = thread_of(calls, event->tid);
	for (size_t n = 0; n < rows && n < FUNCTIONS; n++) {
		uint64_t value = value_at(values, n);
		calls->by_function[n] += value;
		calls->all += value;
		thread->by_function[n] += value;
		thread->all += value;
	}
	sizes = values + rows * sizeof(uint64_t);
	for (size_t n = 0; n < EX_SIZE_CLASSES; n++) {
		uint64_t bytes = value_at(sizes, EX_SIZE_CLASSES + n);
		calls->by_size[n].calls += value_at(sizes, n);
		calls->by_size[n].bytes += bytes;
		calls->bytes += bytes;
	}
	calls->is_counted = 1;
}

/* the last one told: a function may have been looked for again */
static const struct ex_event *behind(const struct ex_image *image, const char *symbol)
{
	const struct ex_event *found = NULL;
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id == EX_EV_ALLOCATOR_OF && strcmp(event->tail[0].bytes, symbol) == 0)
			found = event;
	}
	return found;
}

static const char *text_of(const char *symbol)
{
	for (size_t n = 0; n < FUNCTIONS; n++)
		if (strcmp(functions[n].symbol, symbol) == 0)
			return functions[n].text;
	return NULL;
}

static void note_unseen(struct ex_calls *calls, const struct ex_image *image, const struct ex_event *event)
{
	const char *symbol = event->tail[0].bytes, *text = text_of(symbol);
	const struct ex_event *ours = behind(image, symbol);
	uint64_t fn = EX_EVENT(event, entry)->fn;
	if (!text || (ours && EX_EVENT(ours, allocator_of)->fn == fn))
		return;
	for (size_t n = 0; n < calls->unseen_count; n++)
		if (calls->unseen[n].function == text)
			return;
	calls->unseen = grow(calls->unseen, calls->unseen_count, sizeof(*calls->unseen));
	calls->unseen[calls->unseen_count++] =
		(struct ex_calls_unseen){text, ex_image_module(image, fn, event->time_ns)};
}

void ex_calls_build(struct ex_calls *calls, const struct ex_image *image)
{
	memset(calls, 0, sizeof(*calls));
	for (size_t n = 0; n < image->event_count; n++)
		if (image->events[n]->meta->id == EX_EV_COUNTERS)
			add(calls, image->events[n]);
	/* a fork child's functions are its parent's, who told them */
	while (image->parent && !behind(image, "malloc"))
		image = image->parent;
	const struct ex_event *allocator = behind(image, "malloc");
	if (allocator)
		calls->allocator = ex_image_module(image, EX_EVENT(allocator, allocator_of)->fn, allocator->time_ns);
	for (size_t n = 0; n < image->event_count; n++)
		if (allocator && image->events[n]->meta->id == EX_EV_ENTRY)
			note_unseen(calls, image, image->events[n]);
}
