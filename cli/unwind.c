/*
 * unwind.c: a stack sample (registers and some kilobytes of stack) as frames, by libdwfl with this file in the place
 * of the process. Owns the sample's memory as the unwinder sees it: the sample, and what module files never change.
 * Must never make frames up: where the sample or the unwind tables end, the stack ends.
 */
#include "object.h"

#include <stdlib.h>
#include <string.h>

#define TID 1 /* the one thread of the process that libdwfl believes in */

struct ex_unwinder {
	struct ex_symbols *symbols;
	Dwfl *dwfl;
	uint64_t *loaded; /* which modules it was made with, one bit each */
	size_t words;
	uint64_t regs[EX_REGS_MAX];
	unsigned reg_count, sp, pc;
	const char *stack;
	uint64_t stack_begin;
	unsigned stack_bytes;
	struct ex_text more; /* from more_begin on; length 0: none */
	uint64_t more_begin;
	/* output */
	struct ex_place *frames;
	int skip_self, count, max;
	int is_after_call; /* the first program counter is a return address */
};

static bool read_memory(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *result, void *arg)
{
	struct ex_unwinder *u = arg;
	(void)dwfl;
	*result = 0;
	if (address >= u->stack_begin && address - u->stack_begin < u->stack_bytes) {
		if (u->stack_bytes - (address - u->stack_begin) < 8)
			return false;
		memcpy(result, u->stack + (address - u->stack_begin), 8);
		return true;
	}
	if (u->more.length >= 8 && address - u->more_begin <= u->more.length - 8) {
		memcpy(result, u->more.bytes + (address - u->more_begin), 8);
		return true;
	}
	int index = ex_symbols_index(u->symbols, address);
	return index >= 0 && ex_object_read(ex_symbols_object(u->symbols, index), address, result, 8);
}

static pid_t next_thread(Dwfl *dwfl, void *arg, void **thread_arg)
{
	(void)dwfl;
	if (*thread_arg)
		return 0;
	*thread_arg = arg;
	return TID;
}

static bool set_registers(Dwfl_Thread *thread, void *arg)
{
	struct ex_unwinder *u = arg;
	Dwarf_Word words[EX_REGS_MAX];
	for (unsigned n = 0; n < u->reg_count; n++)
		words[n] = u->regs[n];
	/* aarch64 has no DWARF number for the program counter: the sample carries it last */
	unsigned numbered = u->pc == u->sp + 1 ? u->sp + 1 : u->reg_count;
	dwfl_thread_state_register_pc(thread, u->regs[u->pc]);
	return dwfl_thread_state_registers(thread, 0, numbered, words);
}

static const Dwfl_Thread_Callbacks thread_callbacks = {
	.next_thread = next_thread,
	.memory_read = read_memory,
	.set_initial_registers = set_registers,
};
static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
};

static void add_frame(struct ex_unwinder *u, uint64_t pc, int is_return_address)
{
	if (u->count >= u->max)
		return;
	struct ex_place place = ex_symbols_place(u->symbols, pc, is_return_address);
	if (u->skip_self && ex_place_is_ours(&place))
		return;
	u->skip_self = 0;
	u->frames[u->count++] = place;
}

static int take_frame(Dwfl_Frame *frame, void *arg)
{
	struct ex_unwinder *u = arg;
	Dwarf_Addr pc;
	bool is_activation;
	if (!dwfl_frame_pc(frame, &pc, &is_activation) || pc == 0)
		return DWARF_CB_ABORT;
	add_frame(u, pc, !is_activation || u->is_after_call);
	u->is_after_call = 0;
	return u->count < u->max ? DWARF_CB_OK : DWARF_CB_ABORT;
}

/* one view of all objects that were loaded at that moment; kept while the set stays the same */
static int prepare(struct ex_unwinder *u)
{
	const struct ex_symbols *symbols = u->symbols;
	size_t count = symbols->image->module_count;
	uint64_t *loaded = calloc(u->words, sizeof(*loaded));
	if (!loaded)
		return 0;
	for (size_t n = 0; n < count; n++) {
		const struct ex_module *m = &symbols->image->modules[n];
		/* by its first byte: the index says which of several modules was there at the time */
		if (ex_symbols_index(symbols, m->begin) == (int)n)
			loaded[n / 64] |= UINT64_C(1) << n % 64;
	}
	if (u->dwfl && memcmp(loaded, u->loaded, u->words * sizeof(*loaded)) == 0) {
		free(loaded);
		return 1;
	}
	if (u->dwfl)
		dwfl_end(u->dwfl);
	u->loaded = loaded;
	u->dwfl = dwfl_begin(&callbacks);
	if (!u->dwfl)
		return 0;
	dwfl_report_begin(u->dwfl);
	for (size_t n = 0; n < count; n++) {
		if (!(loaded[n / 64] & UINT64_C(1) << n % 64))
			continue;
		struct ex_object *object = ex_symbols_object(u->symbols, (int)n);
		if (object->file)
			dwfl_report_elf(u->dwfl, object->file, object->file, -1, object->module->bias, true);
	}
	dwfl_report_end(u->dwfl, NULL, NULL);
	return dwfl_attach_state(u->dwfl, NULL, TID, &thread_callbacks, u);
}

static struct ex_unwinder *unwinder_of(struct ex_symbols *symbols)
{
	if (!symbols->unwinder) {
		symbols->unwinder = calloc(1, sizeof(*symbols->unwinder));
		if (!symbols->unwinder)
			abort();
		symbols->unwinder->symbols = symbols;
		symbols->unwinder->words = symbols->image->module_count / 64 + 1;
	}
	return symbols->unwinder;
}

void ex_symbols_more_stack(struct ex_symbols *symbols, uint64_t begin, struct ex_text stack)
{
	struct ex_unwinder *u = unwinder_of(symbols);
	u->more = stack;
	u->more_begin = begin;
}

#define JIT_FRAMES 16

static int read_word(struct ex_unwinder *u, uint64_t address, uint64_t *word)
{
	Dwarf_Word value;
	if (address % 8 || address < u->regs[u->sp] || !read_memory(NULL, address, &value, u))
		return 0;
	*word = value;
	return 1;
}

/* the instruction before is a call: e8 and a distance, or ff /2 with or without a displacement */
static int is_after_a_call(struct ex_unwinder *u, uint64_t address)
{
	unsigned char bytes[8];
	int index = ex_symbols_index(u->symbols, address);
	if (index < 0 || !ex_object_read(ex_symbols_object(u->symbols, index), address - 8, bytes, 8))
		return 0;
	if (bytes[3] == 0xe8)
		return 1;
	for (int length = 2; length <= 7; length++)
		if (bytes[8 - length] == 0xff && (bytes[9 - length] & 0x38) == 0x10)
			return 1;
	return 0;
}

/* Out of code that a program made: it has no unwind tables that we could read, but mostly frame pointers, which lead up the stack
 * to where a module called it. x86-64. The registers become those of that caller; 0: they do not lead there */
static int leave_jit(struct ex_unwinder *u)
{
	uint64_t frame = u->regs[6], above, back;
	for (int n = 0; n < JIT_FRAMES && read_word(u, frame, &above) && read_word(u, frame + 8, &back); n++) {
		if (is_after_a_call(u, back)) {
			u->regs[6] = above;
			u->regs[u->sp] = frame + 16;
			u->regs[u->pc] = back;
			return 1;
		}
		if (above <= frame || ex_symbols_index(u->symbols, back) >= 0)
			return 0;
		frame = above;
	}
	return 0;
}

int ex_symbols_unwind(struct ex_symbols *symbols, struct ex_text regs, struct ex_text stack, int skip_self,
		      struct ex_place *frames, int max)
{
	struct ex_unwinder *u = unwinder_of(symbols);
	u->reg_count = regs.length / 8;
	if (u->reg_count != 17 && u->reg_count != 33)
		return 0; /* x86-64 and aarch64; nobody else writes samples yet */
	memcpy(u->regs, regs.bytes, u->reg_count * 8);
	u->sp = u->reg_count == 17 ? 7 : 31;
	u->pc = u->reg_count == 17 ? 16 : 32;
	u->stack = stack.bytes;
	u->stack_begin = u->regs[u->sp];
	u->stack_bytes = stack.length;
	u->frames = frames;
	u->skip_self = skip_self;
	u->count = 0;
	u->max = max;
	u->is_after_call = 0;
	if (ex_symbols_index(symbols, u->regs[u->pc]) < 0) {
		/* A jump to nowhere, or into code without unwind tables. If a call led there, its return address is
		 * on top of the stack; where it has run on, its frame pointer may lead there. Else it cannot be unwound. */
		add_frame(u, u->regs[u->pc], 0);
		uint64_t back;
		if (u->reg_count == 17 && stack.length >= 8)
			memcpy(&back, stack.bytes, 8);
		else
			back = u->reg_count == 33 ? u->regs[30] : 0;
		if (ex_symbols_index(symbols, back) >= 0) {
			u->regs[u->pc] = back;
			u->regs[u->sp] += u->reg_count == 17 ? 8 : 0;
		} else if (u->reg_count != 17 || !leave_jit(u)) {
			return u->count;
		}
		u->is_after_call = 1;
	}
	int before = u->count;
	if (prepare(u))
		dwfl_getthread_frames(u->dwfl, TID, take_frame, u);
	if (u->count == before)
		add_frame(u, u->regs[u->pc], before > 0);
	return u->count;
}
