/*
 * t_stray.c: whether a system call was meant to write where it did, over functions of this very program: who made the call, and what
 * had set the argument by which it wrote.
 */
#include "stray.h"

#include "tap.h"

#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
#include "operation.h"

/* each begins with what its name says; at NAME_back the call has returned */
#define FUNCTION(name, code)                                                                                           \
	__asm__(".text\n.globl " #name "\n.type " #name ", @function\n" #name ": " code "\n.size " #name ", .-" #name  \
		"\n");                                                                                                 \
	extern const char name[]

FUNCTION(look, "mov (%rsi), %rax\nret");
FUNCTION(now, "mov $228, %eax\nsyscall\n.globl now_back\nnow_back: ret");
FUNCTION(now_by_rcx, "mov $267, %eax\nmov %rcx, %rdx\nsyscall\n.globl now_by_rcx_back\nnow_by_rcx_back: ret");
FUNCTION(stale, "push %rbx\ncall look\nxor %edi, %edi\ncall now\n.globl stale_back\nstale_back: pop %rbx\nret");
FUNCTION(set, "call look\nlea word(%rip), %rsi\ncall now\n.globl set_back\nset_back: ret");
FUNCTION(either, "test %edi, %edi\nje 1f\nlea word(%rip), %rsi\njmp 2f\n1: call look\n2: call now\n.globl either_back\n"
		 "either_back: ret");
FUNCTION(neither, "call look\ntest %eax, %eax\nje 1f\ncall look\n1: call now\n.globl neither_back\nneither_back: ret");
FUNCTION(given, "xor %edi, %edi\ncall now\n.globl given_back\ngiven_back: ret");
FUNCTION(gives, "call look\nlea word(%rip), %rsi\ncall given\n.globl gives_back\ngives_back: ret");
FUNCTION(leaves, "call look\ncall given\n.globl leaves_back\nleaves_back: ret");
FUNCTION(indirect, "call look\nlea now(%rip), %rax\ncall *%rax\n.globl indirect_back\nindirect_back: ret");
FUNCTION(other, "call look\ncall look\n.globl other_back\nother_back: ret");
FUNCTION(returned, "call look\nmov %rax, %rsi\ncall now\n.globl returned_back\nreturned_back: ret");
FUNCTION(moved, "lea word(%rip), %rcx\ncall now_by_rcx\n.globl moved_back\nmoved_back: ret");
FUNCTION(moved_stale,
	 "lea word(%rip), %rdx\nlea word(%rip), %rcx\ncall look\ncall now_by_rcx\n.globl moved_stale_back\n"
	 "moved_stale_back: ret");
FUNCTION(by_rdx, "mov $267, %eax\nsyscall\n.globl by_rdx_back\nby_rdx_back: ret");
FUNCTION(second, "call look\ncall by_rdx\n.globl second_back\nsecond_back: ret");
FUNCTION(kept, "push %rbp\nmov %rsp, %rbp\nsub $16, %rsp\nlea word(%rip), %rax\nmov %rax, -8(%rbp)\ncall look\n"
	       "mov -8(%rbp), %rsi\ncall now\n.globl kept_back\nkept_back: leave\nret");
extern const char now_back[], now_by_rcx_back[], stale_back[], set_back[], either_back[], neither_back[], given_back[],
	gives_back[], leaves_back[], indirect_back[], other_back[], returned_back[], moved_back[], moved_stale_back[],
	kept_back[], by_rdx_back[], second_back[];
__asm__(".data\n.balign 16\n.globl word, behind\n.type word, @object\n.size word, 16\nword: .zero 16\n"
	".type behind, @object\n.size behind, 8\nbehind: .zero 8\n.zero 64\n.text");
extern char word[], behind[];

static struct ex_module module = {.to_ns = UINT64_MAX};
static struct ex_image image = {.pid = 7, .options = "", .modules = &module, .module_count = 1};
static struct ex_symbols *symbols;
static struct ex_stray stray;
static uint64_t stack[4]; /* what stands on it at the call; nothing else says who called where frames end */

static int find_self(struct dl_phdr_info *info, size_t size, void *arg)
{
	static char path[4096];
	(void)size;
	(void)arg;
	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		return 1;
	module.path = path;
	module.bias = info->dlpi_addr;
	module.begin = UINT64_MAX;
	for (int n = 0; n < info->dlpi_phnum; n++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[n];
		uint64_t begin = info->dlpi_addr + p->p_vaddr;
		if (p->p_type != PT_LOAD)
			continue;
		module.begin = begin < module.begin ? begin : module.begin;
		module.end = begin + p->p_memsz > module.end ? begin + p->p_memsz : module.end;
	}
	return 1; /* the first is the program */
}

/* by that call, whose arguments are all to; frames: where the call was made, and return addresses */
static int judged(int number, int64_t result, const void *to, const void *written, int count, const char *const *frames)
{
	struct ex_ev_wrote fixed = {.pid = 7, .syscall = number, .result = (uint64_t)result};
	struct ex_event event = {.tid = 7, .meta = ex_event_by_id(EX_EV_WROTE), .fixed = &fixed};
	uint64_t args[6];
	struct ex_write write = {.event = &event,
				 .writer = EX_watch_writer_SYSCALL,
				 .syscall = number,
				 .frame_count = count};
	for (int n = 0; n < 6; n++)
		args[n] = (uintptr_t)to;
	event.tail[ex_event_tail(event.meta, "args")] = (struct ex_text){.bytes = (const char *)args, .length = 48};
	uint64_t regs[17] = {[7] = 0x7ffd00000000};
	event.tail[ex_event_tail(event.meta, "regs")] =
		(struct ex_text){.bytes = (const char *)regs, .length = sizeof(regs)};
	event.tail[ex_event_tail(event.meta, "stack")] =
		(struct ex_text){.bytes = (const char *)stack, .length = sizeof(stack)};
	for (int n = 0; n < count; n++)
		write.frames[n] = ex_symbols_place(symbols, (uintptr_t)frames[n], n > 0);
	ex_stray_judge(&stray, &write, (uintptr_t)written, &image, symbols);
	return (int)stray.kind;
}
#define BY(...)                                                                                                        \
	(int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)), (const char *const[])                      \
	{                                                                                                              \
		__VA_ARGS__                                                                                            \
	}
#define CLOCK(...) judged(SYS_clock_gettime, 0, word, word + 8, BY(__VA_ARGS__))

static void is(int kind, int wanted, const char *what)
{
	IS_INT(kind, wanted, "%s", what);
	if (kind != wanted)
		printf("# %s\n", stray.why ? stray.why : "");
}

static void pointers(void)
{
	is(CLOCK(now_back, stale_back), EX_STRAY_LEFT, "nothing had set it since a call");
	OK(stray.argument == 2 && strstr(stray.why, "stood in rsi") && strstr(stray.why, "a call to look"),
	   "and which");
	is(CLOCK(now_back, set_back), EX_STRAY_MEANT, "set behind that call");
	is(CLOCK(now_back, either_back), EX_STRAY_MEANT, "set on one of two ways");
	is(CLOCK(now_back, neither_back), EX_STRAY_LEFT, "left on both ways");
	is(CLOCK(now_back), EX_STRAY_UNKNOWN, "nobody knows who called");
	is(CLOCK(now_back, given_back), EX_STRAY_UNKNOWN, "the caller's caller is not known");
	is(CLOCK(now_back, given_back, gives_back), EX_STRAY_MEANT, "the caller's caller had set it");
	is(CLOCK(now_back, given_back, leaves_back), EX_STRAY_LEFT, "nor had that one");
	is(CLOCK(now_back, indirect_back), EX_STRAY_UNKNOWN, "a call by a pointer: what was between is not known");
	is(CLOCK(now_back, other_back), EX_STRAY_UNKNOWN, "a call of another function, which went on to it");
	is(CLOCK(now_back, returned_back), EX_STRAY_MEANT, "what a call returned");
	is(CLOCK(now_back, kept_back), EX_STRAY_MEANT, "kept on the stack during a call");
	is(CLOCK(look, stale_back), EX_STRAY_UNKNOWN, "where it was made is no system call");
	stack[0] = (uintptr_t)stale_back;
	is(CLOCK(now_back), EX_STRAY_LEFT, "no unwind table: the caller by the stack");
	stack[0] = (uintptr_t)given_back;
	stack[1] = (uintptr_t)gives_back;
	is(CLOCK(now_back), EX_STRAY_MEANT, "and the caller's caller");
	stack[0] = (uintptr_t)other_back;
	is(CLOCK(now_back), EX_STRAY_UNKNOWN, "what stands there is no call of it");
	stack[0] = 0;
#define LINK(...) judged(SYS_readlinkat, 9, word, word + 8, BY(__VA_ARGS__))
	is(LINK(now_by_rcx_back, moved_back), EX_STRAY_MEANT, "copied from another register");
	is(LINK(by_rdx_back, second_back), EX_STRAY_UNKNOWN, "rdx may be what a call returned");
	is(LINK(now_by_rcx_back, moved_stale_back), EX_STRAY_LEFT, "copied from one that was left");
}

static void objects(void)
{
	is(judged(SYS_read, 24, word, behind, BY(now_back, set_back)), EX_STRAY_BEYOND, "read on into the next object");
	OK(strstr(stray.why, "leads to word, of which 16 bytes are left, and it wrote on into behind"),
	   "both are named");
	is(judged(SYS_read, 24, word + 8, behind, BY(now_back, set_back)), EX_STRAY_BEYOND, "from within it");
	is(judged(SYS_read, 24, word, word + 8, BY(now_back, set_back)), EX_STRAY_MEANT, "within it");
	is(judged(SYS_read, 16, word, behind, BY(now_back, set_back)), EX_STRAY_UNKNOWN, "so much was not read");
	is(judged(SYS_read, -4, word, behind, BY(now_back, set_back)), EX_STRAY_UNKNOWN, "it failed");
	is(judged(SYS_read, 80, behind, behind + 40, BY(now_back, set_back)), EX_STRAY_MEANT,
	   "behind it in nobody's memory");
	is(judged(SYS_getpid, 80, word, word, BY(now_back, set_back)), EX_STRAY_UNKNOWN, "a call that writes nothing");
}
#endif

int main(void)
{
#ifdef __x86_64__
	struct ex_operation op;
	if (ex_operation_decode(&op, (const unsigned char *)"\xc3", 1, 0)) {
		dl_iterate_phdr(find_self, NULL);
		symbols = ex_symbols_open(&image, NULL);
		pointers();
		objects();
		return tap_done();
	}
#endif
	OK(1, "# SKIP instructions cannot be read here: no Zydis, or no x86-64");
	return tap_done();
}
