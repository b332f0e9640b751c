/*
 * crash_stack.c: see crash_stack.h. Signal-safe, and nothing is read that is not there. All of its memory is static: a signal
 * stack has no room for it, and one thread speaks for a process.
 */
#include "crash_stack.h"

#include "os/os.h"
#include "place.h"
#include "stream.h"
#include "text.h"
#include "thread.h"

#define PROT_WRITE_ 2
#define PROT_EXEC_ 4
#define CODES 256
#define WORDS 2048 /* 16 KiB of stack: a frame of recursion is seldom larger */
#define TOLD 4
#define COUNTED_MAX_BYTES (256u << 20)	/* 0.12 s */
#define COUNTED_OTHER_BYTES (16u << 20) /* of a stack whose end is not known: what lies behind it is read too */

static struct {
	struct {
		uintptr_t begin, end;
	} codes[CODES];
	uint32_t code_count;
	uintptr_t sp;
	uintptr_t from; /* the first byte from sp up that can be there, 0 = none yet */
	uint64_t words[WORDS];
} seen EX_TABLE;

static struct counted {
	uint64_t word;
	uint32_t count;
	uintptr_t first, last;
} counted[TOLD];

static void note(void *arg, const struct ex_mapping *m)
{
	(void)arg;
	if (m->prot & PROT_EXEC_) {
		if (seen.code_count < CODES) {
			seen.codes[seen.code_count].begin = m->begin;
			seen.codes[seen.code_count++].end = m->end;
		}
	} else if (!seen.from && (m->prot & PROT_WRITE_) && m->end > seen.sp) {
		seen.from = m->begin > seen.sp ? m->begin : seen.sp;
	}
}

static int is_code(uint64_t word)
{
	for (uint32_t i = 0; i < seen.code_count; i++)
		if (word >= seen.codes[i].begin && word < seen.codes[i].end)
			return 1;
	return 0;
}

/* how often it is among the words, from at on; 0 when it was counted before */
static uint32_t often(size_t at, size_t count)
{
	uint32_t n = 0;
	for (size_t i = 0; i < at; i++)
		if (seen.words[i] == seen.words[at])
			return 0;
	for (size_t i = at; i < count; i++)
		n += seen.words[i] == seen.words[at];
	return n;
}

/* of the words nearest to the stack pointer, the most frequent that may be return addresses; the nearer of equals */
static void choose(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t n = is_code(seen.words[i]) ? often(i, count) : 0;
		for (int k = 0; n && k < TOLD; k++) {
			if (n <= counted[k].count)
				continue;
			for (int last = TOLD - 1; last > k; last--)
				counted[last] = counted[last - 1];
			counted[k] = (struct counted){.word = seen.words[i], .count = n};
			break;
		}
	}
	for (int k = 0; k < TOLD; k++)
		counted[k].count = 0;
}

static uintptr_t count_words(uintptr_t from, uintptr_t top)
{
	uintptr_t at = from;
	while (at < top) {
		size_t bytes = top - at < sizeof(seen.words) ? top - at : sizeof(seen.words);
		bytes = ex_os_peek(seen.words, at, bytes) & ~7ul;
		for (size_t i = 0; i < bytes / 8; i++)
			for (int k = 0; k < TOLD && counted[k].word; k++)
				if (seen.words[i] == counted[k].word) {
					counted[k].first = counted[k].first ? counted[k].first : at + i * 8;
					counted[k].last = at + i * 8;
					counted[k].count++;
				}
		at += bytes;
		if (bytes < sizeof(seen.words))
			break;
	}
	return at;
}

void ex_crash_stack_tell(uintptr_t sp)
{
	uintptr_t signal_begin, signal_end, top = ex_self.stack_top;
	ex_os_signal_stack(&signal_begin, &signal_end);
	seen.sp = sp &= ~7ul;
	seen.from = 0;
	seen.code_count = 0;
	memset(counted, 0, sizeof(counted));
	ex_os_maps(note, NULL);
	if (!seen.from)
		seen.from = sp;
	if (top < seen.from || top - seen.from > COUNTED_MAX_BYTES)
		top = seen.from + COUNTED_OTHER_BYTES;
	choose(ex_os_peek(seen.words, seen.from, sizeof(seen.words)) / 8);
	uintptr_t end = count_words(seen.from, top);
	EX_PUT(STACK, stack,
	       (.top = ex_self.stack_top, .sp = sp, .signal_begin = signal_begin,
		.signal_end = signal_end > signal_begin ? signal_end : signal_begin, .limit = ex_os_stack_limit(),
		.counted_begin = seen.from, .counted_end = end,
		.is_ours = ex_self.alternate == (void *)signal_begin), );
	for (int k = 0; k < TOLD && counted[k].word; k++)
		EX_PUT(STACK_WORD, stack_word,
		       (.word = counted[k].word, .count = counted[k].count, .first = counted[k].first,
			.last = counted[k].last), );
}
