/*
 * growth.c: see growth.h.
 */
#include "growth.h"

#include "arch/arch.h"
#include "arena.h"
#include "clone.h"
#include "contention.h"
#include "detour.h"
#include "image.h"
#include "object.h"
#include "options.h"
#include "os/os.h"
#include "real.h"
#include "serial.h"
#include "stream.h"
#include "swap.h"
#include "thread.h"

#define M_ARENA_MAX_ -8

static uint32_t numbers;	   /* growths of this image so far */
static uint32_t growing;	   /* threads inside a growing section */
static uintptr_t other, other_end; /* the other allocator's module */

int ex_is_other_allocator(uintptr_t address)
{
	return address - other < other_end - other;
}

static int note_module(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct ex_object object;
	uintptr_t begin, end, address = *(uintptr_t *)arg;
	(void)size;
	ex_object_from(&object, info);
	ex_object_range(&object, &begin, &end);
	if (address < begin || address >= end)
		return 0;
	other = begin;
	other_end = end;
	/* in the program itself they would be mostly the program's own locks */
	if (info->dlpi_name && *info->dlpi_name)
		ex_contention_watch(&object);
	return 1;
}

static void refuse_number(int why, const char *key, uint64_t value)
{
	char text[24];
	struct ex_buffer b;
	ex_buffer_init(&b, text, sizeof(text));
	ex_buffer_number(&b, value);
	ex_options_refuse(why, key, text);
}

/* what changes growth needs every way by which the heap grows */
static void check_treatments(void)
{
	const struct ex_options *o = &ex_options;
	if (ex_swap_is_needed()) {
		if (o->serialize)
			ex_options_refuse(EX_refusal_NO_WRAPPERS, "serialize", ex_options_serialize());
		else
			ex_options_refuse(EX_refusal_NO_WRAPPERS,
					  o->scribble	? "scribble"
					  : o->free_own ? "free"
							: "log",
					  o->scribble	? "yes"
					  : o->free_own ? "own"
							: "counters");
	}
	if (o->keep_exit && !(ex_original.munmap && ex_original.madvise))
		ex_options_refuse(EX_refusal_NO_DETOUR, "keep", "exit");
	if ((o->keep_code || o->keep_always) && !(ex_original.munmap && ex_original.mremap))
		ex_options_refuse(EX_refusal_NO_DETOUR, "keep", o->keep_code ? "exec" : "always");
	if (ex_original.mmap && ex_original.mprotect && ex_original.brk)
		return;
	if (o->grow_step_bytes)
		refuse_number(EX_refusal_NO_DETOUR, "grow-step", o->grow_step_bytes);
	if (o->serialize == EX_serialize_GROWTH)
		ex_options_refuse(EX_refusal_NO_DETOUR, "serialize", "growth");
	if (o->delay_us)
		ex_options_refuse(EX_refusal_NO_DETOUR, "delay", o->delay_text);
	if (o->fail_error)
		ex_options_refuse(EX_refusal_NO_DETOUR, "fail", o->fail_text);
	if (o->limits_raise)
		ex_options_refuse(EX_refusal_NO_DETOUR, "limits", "raise");
}

EX_EXPORT int mallopt(int what, int value)
{
	ex_real_find();
	if (what == M_ARENA_MAX_ && ex_options.arenas)
		return 1;
	return ex_real.mallopt ? ex_real.mallopt(what, value) : 0;
}

static void limit_arenas(int is_glibc)
{
	if (!ex_options.arenas)
		return;
	if (!is_glibc || !ex_real.mallopt || !ex_real.mallopt(M_ARENA_MAX_, (int)ex_options.arenas))
		refuse_number(EX_refusal_NO_EFFECT, "arenas", ex_options.arenas);
}

void ex_growth_start(int is_alone)
{
	uintptr_t binding = (uintptr_t)ex_object_binding("malloc");
	ex_detour_place(is_alone, ex_options.growth);
	if (binding && !ex_is_libc(binding))
		ex_object_each(note_module, &binding);
	limit_arenas(!other);
	check_treatments();
}

void ex_growth_forget(int goes_on)
{
	if (!goes_on)
		numbers = 0;
	growing = 0;
	ex_self.growing = 0;
	ex_self.new_heap = 0;
	ex_arena_forget();
	ex_serial_forget();
}

int ex_growth_is_on(void)
{
	return ex_image.is_started && ex_options.growth && !ex_image.is_copy;
}

#define CODE_SAMPLES 65536 /* a JIT may toggle its code for hours */

/* whose code it is, and who took it away, is what a crash in there is explained by. What is kept by treatment keep always has its
 * stack. Bytes of stack */
static size_t code_sample(const struct ex_growth *growth)
{
	static uint32_t told;
	uint32_t n;
	if (!growth->is_code)
		return 0;
	n = __atomic_add_fetch(&told, 1, __ATOMIC_RELAXED);
	if (n <= EX_CODE_SAMPLES_WHOLE)
		return EX_CODE_SAMPLE_BYTES;
	return n <= CODE_SAMPLES || n % 64 == 0 ? EX_SAMPLE_BYTES : 0;
}

/* a growth can come a hundred thousand times: all of a thread's first, then ever fewer, carry where it came from. Refused
 * ones are counted apart: the first of them mostly comes late, and is what a death is explained by */
static int has_sample(int is_refused)
{
	uint32_t n = ++ex_self.sampled[is_refused];
	return n <= 32 || (n & (n - 1)) == 0 || n % 64 == 0;
}

static void tell(const struct ex_growth *growth)
{
	uint64_t regs[EX_REGS];
	struct ex_tail tails[2] = {{NULL, 0}, {NULL, 0}};
	size_t bytes = code_sample(growth);
	if (has_sample(growth->event.error != 0) && !bytes)
		bytes = EX_SAMPLE_BYTES;
	if (bytes) {
		ex_arch_capture(regs);
		tails[0] = (struct ex_tail)EX_BLOB(regs, sizeof(regs));
		tails[1] = (struct ex_tail)EX_BLOB((const void *)regs[EX_REG_SP],
						   ex_thread_stack_above(regs[EX_REG_SP], bytes));
	}
	ex_put(EX_EV_GROWTH, &growth->event, sizeof(growth->event), tails, 2);
}

static void section_begin(struct ex_growth *growth)
{
	if (!ex_self.growing) {
		if (ex_options.serialize == EX_serialize_GROWTH)
			ex_serial_enter();
		growth->event.overlap = (uint16_t)__atomic_fetch_add(&growing, 1, __ATOMIC_RELAXED);
		ex_self.growing = ex_self.in_heap ? ex_self.in_heap : (uintptr_t)growth;
		growth->is_section = 1;
	} else {
		growth->event.overlap = (uint16_t)(__atomic_load_n(&growing, __ATOMIC_RELAXED) - 1);
	}
}

void ex_growth_settle(void)
{
	if (ex_self.new_heap && ex_heap_tell(ex_self.new_heap))
		ex_self.new_heap = 0;
}

void ex_growth_section_end(void)
{
	ex_growth_settle();
	if (!ex_self.growing)
		return;
	ex_self.growing = 0;
	__atomic_fetch_sub(&growing, 1, __ATOMIC_RELAXED);
	if (ex_options.serialize == EX_serialize_GROWTH)
		ex_serial_release();
}

/* splitmix64 of seed and number: the same growth waits as long in every run */
static uint64_t drawn(uint64_t n)
{
	uint64_t z = ex_options.seed + n * 0x9e3779b97f4a7c15ull;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static void delay(uint64_t n)
{
	uint64_t ns = ex_options.delay_us * 1000ull;
	if (ex_options.seed)
		ns = drawn(n) % (2 * ns + 1);
	ex_os_sleep_ns(ns);
}

int ex_growth_begin(struct ex_growth *growth, int is_growth)
{
	struct ex_ev_growth *event = &growth->event;
	growth->errno_before = *ex_errno();
	growth->is_section = 0;
	ex_image_check_fork();
	ex_growth_settle();
	/* a signal handler left it by longjmp */
	if (ex_self.growing && ex_thread_has_left(ex_self.growing, (uintptr_t)growth))
		ex_growth_section_end();
	if (!is_growth) {
		uint32_t others = __atomic_load_n(&growing, __ATOMIC_RELAXED);
		event->overlap = (uint16_t)(others - (others && ex_self.growing));
		growth->begin_ns = ex_os_now_ns();
		return 0;
	}
	ex_clone_at(EX_point_GROWTH);
	event->n = __atomic_add_fetch(&numbers, 1, __ATOMIC_RELAXED);
	section_begin(growth);
	if (ex_options.fail_error && event->n >= ex_options.fail_from &&
	    event->n - ex_options.fail_from < ex_options.fail_count) {
		growth->begin_ns = 0;
		return ex_options.fail_error;
	}
	growth->begin_ns = ex_os_now_ns();
	if (ex_options.delay_us)
		delay(event->n);
	return 0;
}

void ex_growth_end(struct ex_growth *growth, int error)
{
	struct ex_ev_growth *event = &growth->event;
	event->duration = growth->begin_ns ? ex_os_now_ns() - growth->begin_ns : 0;
	event->error = error;
	tell(growth);
	if (!error) /* limits=raise: the first try left its own */
		*ex_errno() = growth->errno_before;
	if (growth->is_section && !ex_self.in_heap)
		ex_growth_section_end();
}
