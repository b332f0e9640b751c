/*
 * t_use.c: which registers make an address, over registers and a map that are made up here: as x86-64 has it (base, index, scale,
 * displacement) and as aarch64 has it (base and register offset, where no instruction is decoded).
 */
#include "use.h"

#include "check.h"

#include <string.h>

#define BASE 0x300000000000ull /* a linear memory of 192 KiB */
#define BYTES (192ull << 10)
#define INDEX 0x3324386cull
#define PC 0x4000100ull
#define X86 17
#define ARM 33

static struct world {
	struct ex_event crash, code, mapping;
	struct ex_ev_crash crash_fixed;
	struct ex_ev_code_bytes code_fixed;
	struct ex_ev_mapping mapping_fixed;
	const struct ex_event *order[2], *mappings[1];
	uint64_t regs[ARM];
	struct ex_image image;
	struct ex_leads leads;
	struct ex_use use;
} w;

static void begin(void)
{
	memset(&w, 0, sizeof(w));
	w.crash_fixed.pc = PC;
	w.mapping_fixed = (struct ex_ev_mapping){.n = 12, .begin = BASE, .end = BASE + BYTES, .prot = 3};
	w.crash = (struct ex_event){.tid = 7, .meta = ex_event_by_id(EX_EV_CRASH), .fixed = &w.crash_fixed};
	w.code = (struct ex_event){.tid = 7, .meta = ex_event_by_id(EX_EV_CODE_BYTES), .fixed = &w.code_fixed};
	w.mapping = (struct ex_event){.tid = 7, .meta = ex_event_by_id(EX_EV_MAPPING), .fixed = &w.mapping_fixed};
	w.order[0] = &w.crash;
	w.order[1] = &w.code;
	w.mappings[0] = &w.mapping;
	w.image = (struct ex_image){.pid = 7, .options = "", .events = w.order, .event_count = 2, .crash = &w.crash};
	w.leads = (struct ex_leads){.image = &w.image, .mappings = w.mappings, .mapping_count = 1};
}

static void find(unsigned registers, const char *code, unsigned bytes, uint64_t address)
{
	struct ex_text *regs = &w.crash.tail[ex_event_tail(w.crash.meta, "regs")];
	regs->bytes = (const char *)w.regs;
	regs->length = registers * 8;
	w.code_fixed = (struct ex_ev_code_bytes){.pc = PC, .begin = PC};
	w.code.tail[0].bytes = code;
	w.code.tail[0].length = bytes;
	ex_use_find(&w.use, &w.leads, &w.crash, address);
}

static int is(int base, int index, unsigned scale)
{
	return w.use.base == base && w.use.index == index && w.use.scale == scale;
}

static void check_x86(void)
{
	begin();
	w.regs[3] = BASE;
	w.regs[2] = INDEX / 4;
	find(X86, "\x8b\x44\x8b\x08", 4, BASE + INDEX + 8); /* mov eax, [rbx+rcx*4+8] */
	CHECK(is(3, 2, 4));
	w.regs[3] = INDEX / 4; /* the encoding has them the other way round */
	w.regs[2] = BASE;
	find(X86, "\x8a\x04\x0b", 3, BASE + INDEX / 4); /* mov al, [rbx+rcx] */
	CHECK(is(2, 3, 1));
}

static void check_arm(void)
{
	begin();
	w.regs[21] = BASE;
	w.regs[9] = INDEX;
	find(ARM, "\xaa\x6a\x29\xb8", 4, BASE + INDEX); /* ldr w10, [x21, x9] */
	CHECK(is(21, 9, 1) && !w.use.instruction.is_known);
	w.regs[9] = INDEX >> 3; /* , lsl #3 */
	find(ARM, "\xaa\x7a\x69\xf8", 4, BASE + (INDEX >> 3 << 3));
	CHECK(is(21, 9, 8));
}

static void check_added_before(void)
{
	begin();
	w.regs[5] = BASE;
	w.regs[4] = BASE + INDEX;		    /* the address itself is no index */
	find(X86, "\x0f\xb6\x06", 3, BASE + INDEX); /* movzx eax, byte [rsi] */
	CHECK(is(-1, -1, 0));
	w.regs[8] = INDEX;
	find(X86, "\x0f\xb6\x06", 3, BASE + INDEX);
	CHECK(is(5, 8, 1));
	w.regs[6] = BASE + 16; /* of two that fit, the one that is a mapping's first byte */
	w.regs[9] = INDEX - 16;
	find(X86, "\x0f\xb6\x06", 3, BASE + INDEX);
	CHECK(is(5, 8, 1));
	w.regs[5] = 0;
	find(X86, "\x0f\xb6\x06", 3, BASE + INDEX);
	CHECK(is(6, 9, 1));
}

static void check_garbage(void)
{
	begin();
	w.regs[3] = BASE + 2 * BYTES; /* leads to nowhere: no base */
	w.regs[2] = INDEX;
	find(X86, "\x8a\x04\x0b", 3, BASE + 2 * BYTES + INDEX);
	CHECK(is(-1, -1, 0));
	w.regs[7] = BASE; /* a stack pointer is none, nor is the program counter an index */
	w.regs[16] = INDEX;
	w.regs[2] = w.regs[3] = 0;
	find(X86, "\x90", 1, BASE + INDEX);
	CHECK(is(-1, -1, 0));
}

int main(void)
{
	check_x86();
	check_arm();
	check_added_before();
	check_garbage();
	CHECK_DONE();
}
