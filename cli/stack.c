/*
 * stack.c: see stack.h. A stack is used up when the address is one that the stack pointer leads to, just below memory that can
 * be written and that the stack pointer comes from: whether a guard page lies there (pthread stacks), nothing (the main
 * thread's), or a page that belongs to somebody else. A stack pointer that is lost has no such memory above it; a wild store to
 * a guard has a stack pointer elsewhere.
 */
#include "stack.h"

#include "history.h"
#include "registers.h"
#include "text.h"
#include "use.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096u
#define BELOW_BYTES PAGE	/* what an instruction uses below the stack pointer: a push, the red zone, a probe */
#define FRAME_BYTES (64u << 10) /* a frame that is larger must be seen to be one */
#define JUMP_MAX_BYTES (1ull << 30)
#define WRAPPER_BYTES 24 /* from a system call to its wrapper's return */
#define OFTEN 8

struct maps {
	const struct ex_event **list;
	size_t count;
};

static const struct ex_ev_mapping *at(const struct maps *maps, size_t n)
{
	return EX_EVENT(maps->list[n], mapping);
}

static const struct ex_event *read_events(struct maps *maps, const struct ex_image *image)
{
	const struct ex_event *stack = NULL;
	memset(maps, 0, sizeof(*maps));
	for (size_t n = 0; image->crash && n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		if (event->tid != image->crash->tid)
			continue;
		if (event->meta->id == EX_EV_STACK)
			stack = event;
		if (event->meta->id != EX_EV_MAPPING)
			continue;
		maps->list = reallocarray(maps->list, maps->count + 1, sizeof(*maps->list));
		if (!maps->list)
			abort();
		maps->list[maps->count++] = event;
	}
	return stack;
}

static const struct ex_event *holding(const struct maps *maps, uint64_t address)
{
	for (size_t n = 0; n < maps->count; n++)
		if (address >= at(maps, n)->begin && address < at(maps, n)->end)
			return maps->list[n];
	return NULL;
}

static int is_writable(const struct ex_event *mapping)
{
	return mapping && (EX_EVENT(mapping, mapping)->prot & PROT_WRITE);
}

/* the first that can be written from there up; mappings without a gap between are one */
static int writable_above(const struct maps *maps, uint64_t address, uint64_t *begin, uint64_t *end)
{
	for (size_t n = 0; n < maps->count; n++) {
		if (at(maps, n)->begin <= address || !is_writable(maps->list[n]))
			continue;
		*begin = at(maps, n)->begin;
		*end = at(maps, n)->end;
		return 1;
	}
	return 0;
}

/* a frame pointer, or an address in the frame below: whoever made a frame that large keeps one */
static int leads_into(const struct ex_event *crash, uint64_t begin, uint64_t end)
{
	struct ex_text sample = crash->tail[ex_event_tail(crash->meta, "regs")];
	uint64_t word;
	for (size_t n = 0; (n + 1) * 8 <= sample.length; n++) {
		memcpy(&word, sample.bytes + n * 8, 8);
		if (word >= begin && word < end)
			return 1;
	}
	return 0;
}

static int was_unmapped(const struct ex_image *image, uint64_t address, uint64_t time_ns)
{
	struct ex_history history;
	ex_history_read(&history, image, address, time_ns);
	return history.life_count && history.lives[history.life_count - 1].gone;
}

/* a system call has just come back, so it was not an instruction that used more of the stack: a call that took it away */
static int is_after_call_of_system(const struct ex_image *image, uint64_t pc)
{
	for (size_t n = 0; image->crash && n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id != EX_EV_CODE_BYTES || event->tid != image->crash->tid)
			continue;
		const struct ex_ev_code_bytes *code = EX_EVENT(event, code_bytes);
		uint64_t before = pc - code->begin;
		if (code->pc != pc || before > event->tail[0].length)
			return 0;
		for (uint64_t back = 2; back <= before && back <= WRAPPER_BYTES; back++)
			if (!memcmp(event->tail[0].bytes + before - back, "\x0f\x05", 2))
				return 1;
		return 0;
	}
	return 0;
}

static void read_words(struct ex_overflow *o, const struct ex_image *image)
{
	for (size_t n = 0; n < image->event_count && o->word_count < EX_STACK_WORDS; n++) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id != EX_EV_STACK_WORD || event->tid != image->crash->tid)
			continue;
		const struct ex_ev_stack_word *w = EX_EVENT(event, stack_word);
		if (w->count < OFTEN || w->first < o->begin || w->first >= o->end)
			continue;
		uint64_t whole = w->last - w->first, steps = w->count - 1;
		o->words[o->word_count].word = w->word;
		o->words[o->word_count].count = w->count;
		o->words[o->word_count++].bytes = whole % steps ? 0 : whole / steps;
	}
}

/* it is used up from the top of the one that the thread was given, or from the top of what can be written */
static void find_bounds(struct ex_overflow *o, const struct ex_ev_stack *stack, const struct maps *maps)
{
	const struct ex_event *mapping = holding(maps, o->begin);
	/* a fork child's first thread may have another's stack, and Linux names only the one */
	if (mapping && !strcmp(mapping->tail[0].bytes, "[stack]")) {
		o->kind = EX_STACK_MAIN;
	} else if (stack->top > o->begin && stack->top <= o->end) {
		o->kind = EX_STACK_THREAD;
		/* what pthread_create puts above the start routine's frame is the stack's too: less than a page or two */
		uint64_t top = (stack->top + 2 * PAGE - 1) & ~(uint64_t)(PAGE - 1);
		o->end = top < o->end ? top : o->end;
	} else if (stack->signal_begin >= o->begin && stack->signal_begin < o->end && !stack->is_ours) {
		o->kind = EX_STACK_SIGNAL;
		o->has_more = stack->signal_begin > o->begin;
		o->end = stack->signal_end;
	} else {
		o->kind = EX_STACK_OTHER;
	}
}

/* a probe of a compiler's (-fstack-check) goes far below, by the stack pointer itself */
static int is_by_stack_pointer(const struct ex_image *image, const struct ex_event *crash)
{
	const struct ex_leads leads = {.image = image};
	struct ex_use use;
	ex_use_find(&use, &leads, crash, EX_EVENT(crash, crash)->address);
	return use.instruction.is_known && use.instruction.has_memory && use.instruction.base >= 0 &&
	       ex_register_is_sp(use.register_count, (unsigned)use.instruction.base);
}

static const char *find(struct ex_overflow *o, const struct ex_image *image, const struct ex_fault *fault)
{
	struct maps maps;
	if (!fault->event)
		return "its end was no fault that was seen";
	if (fault->is_left)
		return "it had recovered from the last fault";
	const struct ex_ev_crash *crash = EX_EVENT(fault->event, crash);
	if (crash->signo != SIGSEGV || (crash->code != SEGV_MAPERR && crash->code != SEGV_ACCERR))
		return "it did not die of an access to memory";
	const struct ex_event *told = read_events(&maps, image);
	if (!told || !maps.count || told->tid != fault->event->tid)
		return "where its stacks lie was not told";
	const struct ex_ev_stack *stack = EX_EVENT(told, stack);
	o->is_told = 1;
	o->sp = crash->sp;
	o->address = crash->address;
	o->limit = stack->limit;
	o->is_after_call = crash->address >= crash->sp && crash->address - crash->sp < PAGE &&
			   is_after_call_of_system(image, crash->pc);
	if (o->is_after_call)
		return "it died when a system call came back: its stack was there before";
	uint64_t below_bytes = is_by_stack_pointer(image, fault->event) ? FRAME_BYTES : BELOW_BYTES;
	if (crash->address + below_bytes < crash->sp)
		return "the faulting address is not where the stack pointer leads";
	o->mapping = holding(&maps, crash->address);
	/* under a handler of the program's the kernel may have made the main thread's stack larger since */
	if (is_writable(o->mapping))
		return "the faulting address can be written";
	if (!writable_above(&maps, crash->address, &o->begin, &o->end))
		return "no stack lies above the faulting address";
	const struct ex_event *own = stack->top ? holding(&maps, stack->top - 1) : NULL;
	if (crash->sp < o->begin + below_bytes && crash->address < crash->sp + FRAME_BYTES &&
	    o->begin - crash->address <= FRAME_BYTES) {
		find_bounds(o, stack, &maps);
		if (o->kind == EX_STACK_OTHER && was_unmapped(image, crash->address, fault->event->time_ns))
			return "the memory where the stack pointer leads was unmapped";
		read_words(o, image);
		return NULL;
	}
	if (!is_writable(own) || crash->sp >= EX_EVENT(own, mapping)->begin ||
	    crash->address >= EX_EVENT(own, mapping)->begin)
		return "the stack pointer is not at the end of a stack";
	o->begin = EX_EVENT(own, mapping)->begin;
	o->end = EX_EVENT(own, mapping)->end;
	find_bounds(o, stack, &maps);
	/* the main thread's has only as much as it needed so far */
	if (o->kind == EX_STACK_MAIN && o->limit < UINT64_MAX && o->end - o->begin < o->limit)
		o->begin = o->end - o->limit;
	if (crash->sp >= o->begin)
		return "the main thread's stack might still have grown so far";
	o->frame = o->begin - crash->sp;
	if (o->frame > JUMP_MAX_BYTES || is_writable(holding(&maps, crash->sp)) ||
	    !leads_into(fault->event, o->begin, o->end))
		return "the stack pointer leads to nowhere near a stack";
	return NULL;
}

void ex_overflow_find(struct ex_overflow *o, const struct ex_image *image, const struct ex_fault *fault)
{
	memset(o, 0, sizeof(*o));
	o->why_not = find(o, image, fault);
}

uint64_t ex_overflow_bytes(const struct ex_overflow *o)
{
	return o->end - o->begin;
}

const char *ex_overflow_text(const struct ex_overflow *o, uint32_t tid)
{
	const char *bytes = ex_bytes_text(ex_overflow_bytes(o));
	switch (o->kind) {
	case EX_STACK_MAIN:
		return ex_format("the main thread's stack (%s)", bytes);
	case EX_STACK_THREAD:
		return ex_format("the stack of thread %u (%s)", tid, bytes);
	case EX_STACK_SIGNAL:
		return ex_format("the signal stack of thread %u (%s%s)", tid, bytes,
				 o->has_more ? " with what lies below it" : "");
	default:
		return ex_format("a stack of the program's own (%s at most)", bytes);
	}
}
