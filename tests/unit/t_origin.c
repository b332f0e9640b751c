/*
 * t_origin.c: from a crash back to the word that the bad value came from. The code is the assembler's, out of this very file; what the
 * registers, the map and the stack hold is made up.
 */
#include "origin.h"

#include "body.h"

#include "tap.h"

#include <stdint.h>

#ifdef __x86_64__
#define PC 0x4000100ull
#define MEMORY 0x300000000000ull /* what base and pointers lead to */
#define STACK 0x7ffd00000000ull
#define GARBAGE 0x123456789aull
enum { RAX, RDX, RCX, RBX, RSI, RDI, RBP, RSP };

/* before: the code in front of the place of death; at: the instruction there */
#define CODE(name, before, at)                                                                                         \
	__asm__(".pushsection .rodata\n" #name "_begin: " before "\n" #name "_at: " at "\n" #name                      \
		"_end:\n.popsection");                                                                                 \
	extern const char name##_begin[], name##_at[], name##_end[];

CODE(plain, "mov 0x10(%rbx), %rcx", "mov %eax, (%rdi,%rcx,4)")
CODE(narrow, "movslq 8(%rbx), %rcx", "mov %eax, (%rdi,%rcx,4)")
CODE(chain, "movzwl 8(%rbx), %eax\nmov %rax, %rcx\nadd $1, %rcx\nshl $3, %rcx\nadd %rdi, %rcx", "movb $1, (%rcx)")
CODE(leaves, "mov 8(%rbx), %rdx\nlea 16(%rdi,%rdx,1), %rcx", "movb $1, (%rcx)")
CODE(slots, "mov 8(%rbx), %eax\nmov %eax, -0x14(%rbp)\nmov -0x14(%rbp), %edx\nmovslq %edx, %rdx",
     "movb $1, (%rdi,%rdx)")
CODE(local, "nop\nmov -0x18(%rbp), %rdx", "movb $1, (%rdi,%rdx)")
CODE(pointer, "mov 0x20(%rsp), %rax\nmov 8(%rax), %rax", "mov (%rax), %rax")
CODE(wide, "lea 0x30(%rdi), %rax\nmov (%rax,%rsi,8), %rax\nmov $0, %esi", "mov (%rax), %rax")
CODE(twice, "lea 0x30(%rdi), %rax\nmov (%rax,%rsi,8), %rax", "mov (%rax), %rax")
CODE(lost, "mov 8(%rbx), %rcx\nmov (%rsi), %rbx", "movb $1, (%rdi,%rcx)")
CODE(called, "mov 8(%rbx), %rcx\ncall *%rdx", "movb $1, (%rdi,%rcx)")
CODE(returned, "call *%rdx", "movb $1, (%rdi,%rax)")
CODE(constant, "movabs $0x123456789a, %rcx", "movb $1, (%rdi,%rcx)")
CODE(ways, "test %eax, %eax\nje 1f\nmov 8(%rbx), %rcx\njmp 2f\n1: mov 16(%rbx), %rcx\n2:", "movb $1, (%rdi,%rcx)")
CODE(loop, "mov 8(%rbx), %rcx\n1: dec %eax\njne 1b", "movb $1, (%rdi,%rcx)")
CODE(added, "mov $5, %ecx\nadd 8(%rbx), %rcx", "movb $1, (%rcx)")
CODE(small, "mov 8(%rbx), %rdx\nmov $5, %ecx\nadd %rdx, %rcx", "movb $1, (%rcx)")
CODE(computed, "mov 8(%rbx), %rcx\nxor %rdx, %rcx", "movb $1, (%rdi,%rcx)")
CODE(thread, "mov %fs:0x10, %rcx", "movb $1, (%rdi,%rcx)")
CODE(by_register, "mov 8(%rbx), %rax\ncall *%rax", "nop")
CODE(by_memory, "mov $1, %edi\ncall *0x18(%rbx)", "nop")
CODE(direct, "mov $1, %edi\ncall .+0x100", "nop")
CODE(returns, "mov 8(%rbx), %rax", "ret")

static struct world {
	struct ex_event crash, code, mappings[3];
	struct ex_ev_crash crash_fixed;
	struct ex_ev_code_bytes code_fixed;
	struct ex_ev_mapping mapping_fixed[3];
	const struct ex_event *order[5];
	uint64_t regs[17], stack[16];
	struct ex_image image;
	struct ex_origin origin;
} w;

/* registers that lead nowhere hold GARBAGE */
static void begin(void)
{
	static const uint64_t begins[] = {PC - 0x100, MEMORY, STACK}, bytes[] = {0x1000, 0x10000, 0x10000};
	memset(&w, 0, sizeof(w));
	w.crash = (struct ex_event){.tid = 7, .meta = ex_event_by_id(EX_EV_CRASH), .fixed = &w.crash_fixed};
	w.code = (struct ex_event){.tid = 7, .meta = ex_event_by_id(EX_EV_CODE_BYTES), .fixed = &w.code_fixed};
	w.order[0] = &w.crash;
	w.order[1] = &w.code;
	for (int n = 0; n < 3; n++) {
		w.mapping_fixed[n] = (struct ex_ev_mapping){.n = (uint32_t)n + 1,
							    .begin = begins[n],
							    .end = begins[n] + bytes[n],
							    .prot = 3};
		w.mappings[n] = (struct ex_event){.tid = 7,
						  .meta = ex_event_by_id(EX_EV_MAPPING),
						  .fixed = &w.mapping_fixed[n]};
		w.mappings[n].tail[0].bytes = "";
		w.order[2 + n] = &w.mappings[n];
	}
	w.image = (struct ex_image){.pid = 7, .options = "", .events = w.order, .event_count = 5, .crash = &w.crash};
	for (int n = 0; n < 16; n++)
		w.regs[n] = GARBAGE;
	w.regs[RBX] = MEMORY + 0x100;
	w.regs[RDI] = MEMORY + 0x1000;
	w.regs[RSP] = STACK + 0x100;
	w.regs[RBP] = STACK + 0x140;
	w.crash_fixed = (struct ex_ev_crash){.signo = 11, .code = 1, .pc = PC, .sp = w.regs[RSP], .address = GARBAGE};
}

static void find(const char *from, const char *at, const char *end)
{
	struct ex_text *regs = &w.crash.tail[ex_event_tail(w.crash.meta, "regs")];
	struct ex_text *stack = &w.crash.tail[ex_event_tail(w.crash.meta, "stack")];
	regs->bytes = (const char *)w.regs;
	regs->length = sizeof(w.regs);
	stack->bytes = (const char *)w.stack;
	stack->length = sizeof(w.stack);
	w.regs[16] = w.crash_fixed.pc;
	w.code_fixed = (struct ex_ev_code_bytes){.pc = w.crash_fixed.pc, .begin = PC - (uint64_t)(at - from)};
	w.code.tail[0].bytes = from;
	w.code.tail[0].length = (unsigned)(end - from);
	ex_origin_word(&w.origin, &w.image, ex_symbols_open(&w.image, NULL));
}
#define FIND(name) find(name##_begin, name##_at, name##_end)

static void word(uint64_t address, unsigned bytes, int reg, const char *what)
{
	if (!OK(w.origin.is_known && w.origin.address == address && w.origin.bytes == bytes && w.origin.reg == reg,
		"%s", what))
		printf("# 0x%llx, %u bytes, register %d, not 0x%llx, %u bytes, register %d; %s\n",
		       (unsigned long long)w.origin.address, w.origin.bytes, w.origin.reg, (unsigned long long)address,
		       bytes, reg, w.origin.why ? w.origin.why : "");
}

static void unknown(const char *why, const char *what)
{
	if (!OK(!w.origin.is_known && w.origin.why && strstr(w.origin.why, why), "%s", what))
		printf("# %s, 0x%llx\n", w.origin.why ? w.origin.why : "", (unsigned long long)w.origin.address);
}

static void loads(void)
{
	begin();
	FIND(plain);
	word(MEMORY + 0x110, 8, RCX, "an index, loaded just before");
	IS_TEXT(w.origin.where, "mapping #2 + 0x110", "where that is, for people");
	IS_TEXT(w.origin.word, "0x300000000110", "as watch= takes it");
	begin();
	FIND(narrow);
	word(MEMORY + 0x108, 4, RCX, "four bytes with a sign");
	begin();
	w.regs[RCX] = w.regs[RDI] + ((0xfedcull + 1) << 3);
	w.regs[RAX] = 0xfedc;
	w.mapping_fixed[1].end = MEMORY + 0x2000; /* the sum leads nowhere */
	FIND(chain);
	word(MEMORY + 0x108, 2, RCX, "added to its base, shifted, copied");
	IS_INT(w.origin.loaded, 0xfedc, "what the word held");
	begin();
	w.regs[RCX] = w.regs[RDI] + GARBAGE + 16;
	FIND(leaves);
	word(MEMORY + 0x108, 8, RCX, "added by lea");
	IS_INT(w.origin.loaded, GARBAGE, "what the word held");
	begin();
	FIND(added);
	word(MEMORY + 0x108, 8, RCX, "added from memory");
	IS_INT(w.origin.loaded, GARBAGE - 5, "what the word held");
	begin();
	FIND(small);
	word(MEMORY + 0x108, 8, RCX, "added to a small number");
	begin();
	FIND(twice);
	unknown("leads nowhere", "from an address that nothing can have been loaded from");
}

static void stack(void)
{
	begin();
	FIND(slots);
	word(MEMORY + 0x108, 4, RDX, "through a place of the function's own stack");
	begin();
	FIND(local);
	word(STACK + 0x128, 8, RDX, "a local, whose stores are not seen: that is the word");
	begin();
	w.stack[4] = MEMORY + 0x500;
	FIND(pointer);
	word(MEMORY + 0x508, 8, RAX, "a pointer that the recorded stack still has");
}

static void unknowns(void)
{
	begin();
	FIND(wide);
	unknown("nothing tells any more", "its index was overwritten");
	begin();
	FIND(lost);
	unknown("nothing tells any more", "its base was overwritten");
	begin();
	FIND(called);
	unknown("left", "a call in between may have changed it");
	begin();
	w.regs[RAX] = GARBAGE;
	FIND(returned);
	unknown("returned", "what a call returned");
	begin();
	FIND(constant);
	unknown("a constant", "a constant");
	begin();
	FIND(ways);
	unknown("one of 2 ways", "two instructions may have loaded it");
	begin();
	FIND(computed);
	unknown("computed", "computed from two");
	begin();
	FIND(thread);
	unknown("nothing tells any more", "of the thread's own memory");
	begin();
	w.regs[RCX] = MEMORY + 0x200;
	FIND(plain);
	unknown("both registers", "base and index are good");
	begin();
	w.regs[RDI] = GARBAGE;
	FIND(plain);
	unknown("no register", "neither is");
	begin();
	w.crash_fixed.code = 0;
	FIND(plain);
	unknown("no fault", "a signal that was sent");
	begin();
	FIND(loop);
	word(MEMORY + 0x108, 8, RCX, "a loop in between");
}

/* the program counter itself is the bad value */
static void calls(void)
{
	begin();
	w.crash_fixed.pc = w.crash_fixed.address = w.regs[RAX] = GARBAGE;
	w.stack[0] = PC;
	FIND(by_register);
	word(MEMORY + 0x108, 8, RAX, "a call by a register");
	begin();
	w.crash_fixed.pc = w.crash_fixed.address = GARBAGE;
	w.regs[RAX] = 5;
	w.stack[0] = PC;
	FIND(by_register);
	unknown("has another value", "another jump went there");
	begin();
	w.crash_fixed.pc = w.crash_fixed.address = GARBAGE;
	w.stack[0] = PC;
	FIND(by_memory);
	word(MEMORY + 0x118, 8, -1, "a call through memory");
	begin();
	w.crash_fixed.pc = w.crash_fixed.address = GARBAGE;
	w.stack[0] = PC;
	FIND(direct);
	unknown("not called from where", "a call of a function that went on from there");
	begin();
	w.stack[0] = GARBAGE << 24;
	FIND(returns);
	OK(w.origin.is_known && w.origin.is_return && w.origin.address == STACK + 0x100 &&
		   w.origin.value == GARBAGE << 24,
	   "a return address");
}

CODE(whole, "push %rbx\nmov %rsi, %rbx\ntest %edi, %edi\nje 1f\nmov $5, %esi\ncall *%rax\n1: mov %rbx, %rdx", "ret")
CODE(table, "mov 8(%rdi), %rax\njmp *(%rax,%rdx,8)\nmov $1, %ecx", "ret")
CODE(taken, "lea -0x20(%rbp), %rsi\nmov %rcx, -0x18(%rbp)\ncall *%rax\nmov -0x18(%rbp), %rdx", "ret")

/* all ways through a function */
static void bodies(void)
{
	struct ex_body body;
	int sources[4];
	ex_body_decode(&body, (const unsigned char *)whole_begin, (size_t)(whole_end - whole_begin), PC, 1);
	int at = ex_body_at(&body, PC + (uint64_t)(whole_at - whole_begin));
	IS_INT(at, 7, "eight instructions");
	IS_INT(ex_body_sources(&body, at, RBX, sources, 4), 1, "rbx has its value by one way, the call keeps it");
	IS_INT(sources[0], 1, "the copy");
	IS_INT(ex_body_sources(&body, at, RSI, sources, 4), 2, "rsi by two");
	OK((sources[0] == 5 && sources[1] == EX_BODY_ENTRY) || (sources[1] == 5 && sources[0] == EX_BODY_ENTRY),
	   "the call, which may change it, and the caller");
	IS_INT(ex_body_sources(&body, 0, RSI, sources, 4), 1, "at the beginning");
	IS_INT(sources[0], EX_BODY_ENTRY, "the caller alone");
	ex_body_decode(&body, (const unsigned char *)whole_begin, (size_t)(whole_end - whole_begin), PC, 0);
	IS_INT(ex_body_sources(&body, at, RSI, sources, 4), -1, "of a piece of a function nothing is said");
	ex_body_decode(&body, (const unsigned char *)table_begin, (size_t)(table_end - table_begin), PC, 1);
	IS_INT(ex_body_sources(&body, 3, RAX, sources, 4), -1, "nor of one with jumps by a table");
	ex_body_decode(&body, (const unsigned char *)taken_begin, (size_t)(taken_end - taken_begin), PC, 1);
	IS_INT(ex_body_stores(&body, 3, &body.list[3], sources, 4), 1, "a place whose address was given away");
	IS_INT(sources[0], 2, "may have been written by the call");
}
#endif

int main(void)
{
#ifdef __x86_64__
	struct ex_operation op;
	if (ex_operation_decode(&op, (const unsigned char *)"\xc3", 1, 0)) {
		loads();
		stack();
		unknowns();
		calls();
		bodies();
		return tap_done();
	}
#endif
	OK(1, "# SKIP instructions cannot be read here: no Zydis, or no x86-64");
	return tap_done();
}
