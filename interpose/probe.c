/*
 * probe.c: see probe.h.
 *
 * The two questions that a verdict rests on, asked of this very process and of no table of names: which memory was
 * readable before a handler and is not after it, and does the allocator that the writer will call still answer?
 * The second one cannot be asked in place, because a dead allocator answers with a fault.
 */
#include "probe.h"

#include "image.h"
#include "module.h"
#include "object.h"
#include "options.h"
#include "os/os.h"
#include "points.h"
#include "real.h"
#include "stream.h"
#include "thread.h"
#include "writer.h"

#define RANGES 32768
#define TRY_TIMEOUT_NS 2000000000u

struct range {
	uintptr_t begin, end;
};

static struct snapshot {
	struct range *ranges;
	uint32_t count;
} old, fresh;
static int is_on, is_busy, has_gone, is_hopeless;
static void *(*bound_malloc)(size_t);
static struct {
	void *block;
} * answer; /* shared with the copy */

static const char *const entry_names[] = {"malloc", "calloc", "realloc", "free", "aligned_alloc", "posix_memalign"};

static void note_range(void *arg, const struct ex_mapping *m)
{
	struct snapshot *s = arg;
	if (!m->is_readable)
		return;
	if (s->count && s->ranges[s->count - 1].end == m->begin)
		s->ranges[s->count - 1].end = m->end;
	else if (s->count < RANGES)
		s->ranges[s->count++] = (struct range){m->begin, m->end};
}

/* a list that is cut has another end than the one before: what lies between would seem gone */
static int take(struct snapshot *s)
{
	s->count = 0;
	return ex_os_maps(note_range, s) == 0 && s->count < RANGES;
}

struct count {
	struct range gone;
	uint32_t held;
};

static void count_words(struct count *c, uintptr_t begin, uintptr_t end)
{
	for (uintptr_t p = (begin + 7) & ~(uintptr_t)7; p + 8 <= end; p += 8) {
		uintptr_t word = *(const uintptr_t *)p;
		if (word >= c->gone.begin && word < c->gone.end)
			c->held++;
	}
}

/* what is gone may be the segment itself: only what the fresh map says is readable is looked at */
static void count_segment(void *arg, uintptr_t begin, uintptr_t end)
{
	for (uint32_t i = 0; i < fresh.count && fresh.ranges[i].begin < end; i++) {
		const struct range *r = &fresh.ranges[i];
		count_words(arg, r->begin > begin ? r->begin : begin, r->end < end ? r->end : end);
	}
}

static void count_writer(void *arg, uintptr_t fn)
{
	ex_module_writable(fn, count_segment, arg);
}

static void tell_gone(uintptr_t begin, uintptr_t end, uint32_t id)
{
	struct count c = {{begin, end}, 0};
	has_gone = 1;
	ex_points_note(begin, end);
	ex_writer_each_pending(count_writer, &c);
	EX_PUT(RELEASE, release, (.begin = begin, .end = end, .how = EX_release_GONE, .id = id, .held = c.held), );
}

/* both lists are sorted; tells each part of an old range that no new range covers */
static void compare(uint32_t id)
{
	uint32_t k = 0;
	for (uint32_t i = 0; i < old.count; i++) {
		uintptr_t at = old.ranges[i].begin, end = old.ranges[i].end;
		while (k < fresh.count && fresh.ranges[k].end <= at)
			k++;
		for (uint32_t j = k; at < end; j++) {
			uintptr_t next = j < fresh.count && fresh.ranges[j].begin < end ? fresh.ranges[j].begin : end;
			if (next > at)
				tell_gone(at, next, id);
			if (next == end)
				break;
			at = fresh.ranges[j].end;
		}
	}
}

void ex_probe_memory(uint32_t id)
{
	if (!is_on || !old.ranges || __atomic_exchange_n(&is_busy, 1, __ATOMIC_ACQUIRE))
		return;
	uintptr_t was_inside = ex_self.inside;
	ex_self.inside = EX_FRAME;
	if (take(&fresh)) {
		struct snapshot s = old;
		has_gone = 0;
		compare(id);
		ex_points_tell(id);
		old = fresh;
		fresh = s;
	}
	ex_self.inside = was_inside;
	__atomic_store_n(&is_busy, 0, __ATOMIC_RELEASE);
}

static void note_pending(void *arg, uintptr_t fn)
{
	(void)fn;
	*(int *)arg = 1;
}

static void try_malloc(void *arg)
{
	(void)arg;
	ex_image.is_copy = 1; /* the allocator may abort() in here, and our hook would tell it as a new process' end */
	char *block = bound_malloc(4096); /* as stdio does for a file's buffer */
	if (!block)
		ex_os_exit_group(1);
	answer->block = block;
	for (int i = 0; i < 4096; i += 512)
		((volatile char *)block)[i] = 1;
	if (!bound_malloc(552)) /* and for a FILE */
		ex_os_exit_group(1);
}

/* a handler of the allocator's own module may make it forget its heap and take nothing */
static int is_allocators(uintptr_t fn)
{
	struct ex_module_info info;
	return ex_module_find((uintptr_t)bound_malloc, &info) && fn >= info.begin && fn < info.end;
}

void ex_probe_allocator(uint32_t id, uintptr_t fn)
{
	int is_wanted = !id || has_gone || is_allocators(fn);
	if (!is_on || !bound_malloc || !answer || is_hopeless)
		return;
	if (!is_wanted)
		ex_writer_each_pending(note_pending, &is_wanted);
	if (!is_wanted || __atomic_exchange_n(&is_busy, 1, __ATOMIC_ACQUIRE))
		return;
	uintptr_t was_inside = ex_self.inside;
	ex_self.inside = EX_FRAME;
	answer->block = NULL;
	int signo = ex_os_try(try_malloc, NULL, TRY_TIMEOUT_NS);
	/* NULL is an answer too (-2): so little refused is an allocator that is gone, or a limit reached before */
	int life = signo == 0 ? EX_life_ALIVE : signo == -1 ? EX_life_UNKNOWN : EX_life_DEAD;
	/* it hung: another thread has the allocator's lock, or so it seems to a copy without that thread */
	is_hopeless = signo == -1;
	EX_PUT(PROBE, probe,
	       (.id = id, .alive = (uint8_t)life, .signo = signo > 0 ? signo : 0, .block = (uintptr_t)answer->block), );
	ex_self.inside = was_inside;
	__atomic_store_n(&is_busy, 0, __ATOMIC_RELEASE);
}

static void tell_versions(void)
{
#define ALLOCATOR(name, version_symbol, version_base, exit_handler, soname, preload, ...)                              \
	{                                                                                                              \
		int (*version)(void) = *version_symbol ? (int (*)(void))ex_object_binding(version_symbol) : NULL;      \
		if (version)                                                                                           \
			EX_PUT(ALLOCATOR, allocator, (.version = (uint32_t)version(), .fn = (uintptr_t)version),       \
			       EX_TEXT(version_symbol), );                                                             \
	}
#include "allocators.def"
#undef ALLOCATOR
}

void ex_probe_start(void)
{
	tell_versions();
	for (size_t i = 0; i < sizeof(entry_names) / sizeof(entry_names[0]); i++) {
		void *fn = ex_object_binding(entry_names[i]);
		if (fn)
			EX_PUT(ENTRY, entry, (.fn = (uintptr_t)fn), EX_TEXT(entry_names[i]), );
		if (i == 0)
			bound_malloc = (void *(*)(size_t))fn;
	}
	is_on = ex_options.probe;
	if (!is_on)
		return;
	old.ranges = ex_os_map(RANGES * sizeof(struct range));
	fresh.ranges = ex_os_map(RANGES * sizeof(struct range));
	answer = ex_os_map_shared(4096);
	if (!fresh.ranges || !old.ranges || !take(&old))
		old.ranges = NULL;
	ex_probe_allocator(0, 0);
}
