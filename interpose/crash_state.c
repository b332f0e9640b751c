/*
 * crash_state.c: see crash_state.h. Signal-safe; nothing is read that is not there: where a page of it cannot be read, less
 * is told.
 */
#include "crash_state.h"

#include <signal.h>

#include "detour.h"
#include "heap_walk.h"
#include "os/os.h"
#include "place.h"
#include "stream.h"
#include "text.h"

#define MAPPINGS_MAX 8192
#define BEFORE_BYTES                                                                                                   \
	64u /* instructions that led there; no longer than some of them, so that a decoder falls into step */
#define AFTER_BYTES 64u
#define MESSAGE_BYTES 512

struct maps {
	uint32_t count;
	uintptr_t heap_begin, heap_end;
};

static void tell_mapping(void *arg, const struct ex_mapping *m)
{
	struct maps *maps = arg;
	uint32_t *n = &maps->count;
	if (m->path && ex_same(m->path, "[heap]") && !maps->heap_end) {
		maps->heap_begin = m->begin;
		maps->heap_end = m->end;
	}
	if (++*n > MAPPINGS_MAX)
		return;
	EX_PUT(MAPPING, mapping,
	       (.n = *n, .begin = m->begin, .end = m->end, .prot = (uint32_t)m->prot, .offset = m->offset),
	       EX_TEXT(m->path), );
}

static void tell_code(uint64_t pc)
{
	unsigned char bytes[BEFORE_BYTES + AFTER_BYTES];
	uint64_t begin = pc - BEFORE_BYTES;
	size_t count = pc > BEFORE_BYTES ? ex_os_peek(bytes, begin, sizeof(bytes)) : 0;
	if (count <= BEFORE_BYTES) { /* a page begins between, or the pc is nowhere */
		begin = pc;
		count = ex_os_peek(bytes, begin, AFTER_BYTES);
	}
	if (count)
		EX_PUT(CODE_BYTES, code_bytes, (.pc = pc, .begin = begin), EX_BLOB(bytes, count), );
}

/* struct abort_msg_s of glibc, 2.4 to 2.42: malloc, assert and __fortify_fail leave there what they print */
static void tell_message(void)
{
	struct {
		uint32_t bytes;
		char text[MESSAGE_BYTES];
	} said;
	size_t count = ex_libc.abort_message && *ex_libc.abort_message
			       ? ex_os_peek(&said, (uintptr_t)*ex_libc.abort_message, sizeof(said))
			       : 0;
	if (count <= sizeof(said.bytes))
		return;
	count -= sizeof(said.bytes);
	size_t length = 0;
	while (length < count && length + 1 < sizeof(said.text) && said.text[length] && said.text[length] != '\n')
		length++;
	said.text[length] = 0;
	EX_PUT(ABORT_MESSAGE, abort_message, (.room = said.bytes), EX_TEXT(said.text), );
}

void ex_crash_state_tell(int signo, uint64_t pc)
{
	struct maps maps = {0, 0, 0};
	if (signo == SIGABRT)
		tell_message();
	tell_code(pc);
	ex_os_maps(tell_mapping, &maps);
	/* what malloc gives up over, or dies of, is in its heap */
	if (maps.heap_end && (signo == SIGABRT ? ex_libc.abort_message && *ex_libc.abort_message : ex_is_libc(pc)))
		ex_heap_walk_tell(maps.heap_begin, maps.heap_end);
}
