/*
 * stream.c: see stream.h.
 *
 * A stream is a row of files, each leased as a whole to one thread at a time, so every file is in time order and their
 * number is the peak of live threads, not their total. Files never grow (a packet between ftruncate and its magic
 * number would make the trace unreadable for whoever opens it, or for ever if we are killed there): a full one is
 * followed by a larger one.
 */
#include "stream.h"

#include "deadly.h"
#include "image.h"
#include "options.h"
#include "os/os.h"
#include "place.h"
#include "sandbox.h"
#include "stream_file.h"
#include "thread.h"

#define STREAMS 1024
#define MAX_PACKETS 64
#define LOOK_AGAIN_NS 100000000u
#define ENOMEM_ 12

struct ex_stream {
	uint32_t owner; /* tid, 0 = free */
	uint32_t part;
	unsigned char *file; /* mapped, NULL before the first */
	uint32_t packets, packet, packet_bytes;
	int has_counters; /* that are counted in place: the file stays mapped */
};

static struct ex_stream streams[STREAMS] EX_TABLE;

static void count_lost(uint64_t *reason)
{
	__atomic_fetch_add(reason, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&ex_image.lost, 1, __ATOMIC_RELAXED);
}

static struct ex_stream *take(struct ex_stream *s, uint32_t from, uint32_t tid)
{
	return __atomic_compare_exchange_n(&s->owner, &from, tid, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED) ? s : NULL;
}

static struct ex_stream *lease(uint32_t tid)
{
	for (int i = 0; i < STREAMS; i++)
		if (!streams[i].owner && take(&streams[i], 0, tid))
			return &streams[i];
	/* Threads that ended without our seeing it (raw clone, an event after their last destructor). Not at each event of
	 * each thread too many: with 1500 that grow, a thousand system calls a growth took 70 times as long as the run. */
	static uint64_t looked_ns;
	uint64_t now_ns = ex_os_now_ns();
	if (now_ns - __atomic_load_n(&looked_ns, __ATOMIC_RELAXED) < LOOK_AGAIN_NS)
		return NULL;
	__atomic_store_n(&looked_ns, now_ns, __ATOMIC_RELAXED);
	for (int i = 0; i < STREAMS; i++) {
		uint32_t owner = streams[i].owner;
		if (owner && !ex_os_thread_lives(owner) && take(&streams[i], owner, tid)) {
			__atomic_store_n(&looked_ns, 0, __ATOMIC_RELAXED);
			return &streams[i];
		}
	}
	return NULL;
}

static void give_back(struct ex_stream *s)
{
	if (s)
		__atomic_store_n(&s->owner, 0, __ATOMIC_RELEASE);
}

static struct ex_packet_header *packet_of(const struct ex_stream *s)
{
	return (struct ex_packet_header *)(s->file + (size_t)s->packet * s->packet_bytes);
}

/* the full file goes, where it may */
static void leave_old(struct ex_stream *s)
{
	/* during teardown nothing of ours may leave the map: the probe would take it for the program's loss */
	if (s->file && !s->has_counters && !ex_image.is_exiting)
		ex_os_unmap(s->file, (size_t)s->packets * s->packet_bytes);
	s->file = NULL;
}

static int make_file(struct ex_stream *s)
{
	/* most processes of a build or a script say less than fits a small first file */
	if (s->part)
		ex_sandbox_prepare();
	struct ex_stream_file file = {(uint32_t)(s - streams), s->part, 1,
				      s->part ? EX_PACKET_BYTES : EX_FIRST_PACKET_BYTES};
	if (s->part >= 2)
		file.packets = s->packets * 2 > MAX_PACKETS ? MAX_PACKETS : s->packets * 2;
	int error;
	unsigned char *made = ex_stream_file_make(&file, &error);
	if (!made && error == -ENOMEM_ && s->file) {
		/* the address space is used up: what the full file takes of it is enough for a small one */
		leave_old(s);
		file.packets = 1;
		made = ex_stream_file_make(&file, &error);
	}
	if (!made) {
		struct ex_ledger *ledger = ex_image_ledger();
		count_lost(error == EX_STREAM_LIMIT ? &ledger->lost_limit : &ledger->lost_no_file);
		return 0;
	}
	leave_old(s);
	ex_sandbox_touch(made, (size_t)file.packets * file.packet_bytes);
	s->file = made;
	s->has_counters = 0;
	s->packets = file.packets;
	s->packet_bytes = file.packet_bytes;
	s->packet = 0;
	s->part++;
	return 1;
}

static int next_file(struct ex_stream *s)
{
	/* Neither a descriptor nor half a file may be left behind. Under gVisor the file's own pages may be those that its host
	 * refuses, and a fault that is blocked ends the process without a word */
	uint64_t signals = ex_os_block_signals_but(ex_sandbox_is_gvisor ? EX_MEMORY_SIGNALS : 0);
	int is_made = make_file(s);
	ex_os_restore_signals(signals);
	return is_made;
}

static int make_room(struct ex_stream *s, size_t bytes)
{
	do { /* at most twice: an event with a whole stack may be larger than the first, small file */
		if (!s->file)
			continue;
		if (packet_of(s)->content_bits / 8 + bytes <= s->packet_bytes)
			return 1;
		if (s->packet + 1 < s->packets) {
			s->packet++;
			packet_of(s)->lost = (uint32_t)ex_image.lost;
			return 1;
		}
	} while (next_file(s));
	return 0;
}

static size_t tail_length(const struct ex_tail *tail)
{
	if (tail->count != EX_TAIL_TEXT)
		return tail->bytes ? tail->count : 0;
	size_t n = tail->bytes ? ex_length(tail->bytes) : 0;
	return n < EX_TEXT_MAX_BYTES ? n : EX_TEXT_MAX_BYTES;
}

static unsigned char *put_tail(unsigned char *at, const struct ex_tail *tail, size_t n)
{
	if (tail->count != EX_TAIL_TEXT) {
		uint16_t count = (uint16_t)n;
		memcpy(at, &count, 2);
		at += 2;
	}
	memcpy(at, tail->bytes, n);
	at += n;
	if (tail->count == EX_TAIL_TEXT)
		*at++ = 0;
	return at;
}

/* returns where it ends */
static unsigned char *put(struct ex_stream *s, int id, const void *fixed, size_t fixed_bytes,
			  const struct ex_tail *tails, const size_t *lengths, int tail_count)
{
	struct ex_packet_header *packet = packet_of(s);
	unsigned char *begin = (unsigned char *)packet + packet->content_bits / 8, *at = begin;
	struct ex_event_header header = {(uint16_t)id, ex_os_now_ns(), ex_thread_tid()};
	memcpy(at, &header, sizeof(header));
	memcpy(at + sizeof(header), fixed, fixed_bytes);
	at += sizeof(header) + fixed_bytes;
	for (int i = 0; i < tail_count; i++)
		at = put_tail(at, &tails[i], lengths[i]);
	/* the commit; a reader in another process may map the file at any moment */
	__atomic_store_n(&packet->content_bits, (uint64_t)(at - (unsigned char *)packet) * 8, __ATOMIC_RELEASE);
	return at;
}

/* nothing of this thread will be written any more */
static int is_last(int id, const void *fixed)
{
	return id == EX_EV_CRASH && ((const struct ex_ev_crash *)fixed)->disposition == EX_disposition_DEFAULT;
}

/* where the event ends, NULL when it could not be kept */
static unsigned char *keep(int id, const void *fixed, size_t fixed_bytes, const struct ex_tail *tails, int tail_count)
{
	struct ex_thread *self = &ex_self;
	unsigned char *end = NULL;
	size_t lengths[8], bytes = sizeof(struct ex_event_header) + fixed_bytes;
	if (!ex_image.is_started || ex_image.is_copy || tail_count > 8)
		return NULL;
	ex_image_check_fork();
	/* a signal arrived while this thread was writing: two events cannot share the end of a packet, so this one goes
	 * to another stream. One that ends the process may overwrite the half one, which will never be finished. */
	int is_nested = self->putting && !is_last(id, fixed) && !ex_thread_has_left(self->putting, EX_FRAME);
	for (int i = 0; i < tail_count; i++) {
		lengths[i] = tail_length(&tails[i]);
		bytes += lengths[i] + (tails[i].count == EX_TAIL_TEXT ? 1 : 2);
	}
	if (bytes > EX_EVENT_MAX_BYTES) {
		count_lost(&ex_image_ledger()->lost_too_large);
		return NULL;
	}
	if (!is_nested)
		self->putting = EX_FRAME;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	/* a thread that has said its last word could not give a stream back */
	int is_for_one = is_nested || self->is_ending;
	struct ex_stream *s = is_for_one || !self->stream ? lease(ex_thread_tid()) : self->stream;
	if (!s) {
		count_lost(is_nested ? &ex_image_ledger()->lost_reentry : &ex_image_ledger()->lost_no_file);
	} else if (make_room(s, bytes)) {
		end = put(s, id, fixed, fixed_bytes, tails, lengths, tail_count);
		s->has_counters |= id == EX_EV_COUNTERS;
	}
	if (is_for_one)
		give_back(s);
	else
		self->stream = s;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (!is_nested)
		self->putting = 0;
	return end;
}

void ex_put(int id, const void *fixed, size_t fixed_bytes, const struct ex_tail *tails, int tail_count)
{
	keep(id, fixed, fixed_bytes, tails, tail_count);
}

uint64_t *ex_put_counters(const uint64_t *zeros, size_t count)
{
	/* as many bytes more as it takes to align them */
	struct ex_ev_counters fields = {0};
	size_t bytes = (count + 1) * sizeof(*zeros) - 1;
	struct ex_tail values = {zeros, bytes};
	unsigned char *end = keep(EX_EV_COUNTERS, &fields, sizeof(fields), &values, 1);
	if (!end)
		return NULL;
	unsigned char *begin = end - bytes, *aligned = (unsigned char *)(((uintptr_t)begin + 7) & ~(uintptr_t)7);
	begin[-2 - (long)sizeof(fields)] = (unsigned char)(aligned - begin);
	return (uint64_t *)aligned;
}

void ex_stream_reserve(void)
{
	struct ex_thread *self = &ex_self;
	if (self->putting)
		return;
	self->putting = EX_FRAME;
	if (!self->stream)
		self->stream = lease(ex_thread_tid());
	if (self->stream)
		next_file(self->stream);
	self->putting = 0;
}

#define LAST_PACKETS 4	    /* 256 KiB: the places of 190 threads with their stacks */
#define RESERVED UINT32_MAX /* owner of the stream that nobody has until a crash */
static struct ex_stream *reserve;

void ex_stream_reserve_last_words(void)
{
	struct ex_stream *s = lease(RESERVED);
	if (!s)
		return;
	s->part = 2; /* not a small first file */
	s->packets = LAST_PACKETS / 2;
	if (next_file(s))
		reserve = s;
}

void ex_stream_last_words(void)
{
	struct ex_stream *s = __atomic_exchange_n(&reserve, NULL, __ATOMIC_ACQ_REL);
	ex_image.no_more_files = 1;
	if (!s)
		return;
	s->owner = ex_thread_tid();
	ex_self.putting = 0;
	ex_self.stream = s;
}

void ex_stream_release(void)
{
	struct ex_stream *s = ex_self.stream;
	ex_self.stream = NULL;
	give_back(s);
}

void ex_stream_forget_all(void)
{
	memset(streams, 0, sizeof(streams));
	reserve = NULL;
	ex_self.stream = NULL;
	ex_self.counters = NULL;
	ex_self.putting = 0;
}
