/*
 * t_symbols.c: this very process, described as a trace would describe it: names, function starts and unwound stacks
 * must be those of the functions below.
 */
#include "encode.h"
#include "symbols.h"
#include "tap.h"

#include <dlfcn.h>
#include <link.h>
#include <ucontext.h>

static struct encode packet;
static uint64_t sample_regs[17];
static char sample_stack[8192];

static int describe(struct dl_phdr_info *info, size_t size, void *arg)
{
	static uint32_t n;
	uint64_t begin = UINT64_MAX, end = 0;
	unsigned char *id = NULL;
	unsigned id_bytes = 0;
	(void)size, (void)arg;
	for (int p = 0; p < info->dlpi_phnum; p++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[p];
		uint64_t at = info->dlpi_addr + segment->p_vaddr;
		if (segment->p_type == PT_LOAD) {
			begin = at < begin ? at : begin;
			end = at + segment->p_memsz > end ? at + segment->p_memsz : end;
		}
		for (uint64_t note = at; segment->p_type == PT_NOTE && note < at + segment->p_memsz;) {
			const ElfW(Nhdr) *header = (const void *)(uintptr_t)note;
			if (header->n_type == NT_GNU_BUILD_ID && header->n_namesz == 4) {
				id = (unsigned char *)(uintptr_t)note + sizeof(*header) + 4;
				id_bytes = header->n_descsz;
			}
			note += sizeof(*header) + ((header->n_namesz + 3) & ~3u) + ((header->n_descsz + 3) & ~3u);
		}
	}
	char self[512];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[length > 0 ? length : 0] = 0;
	ENCODE(&packet, MODULE, module, .n = n++, .bias = info->dlpi_addr, .begin = begin, .end = end);
	encode_text(&packet, info->dlpi_name[0] ? info->dlpi_name : self);
	encode_blob(&packet, id, id_bytes);
	return 0;
}

__attribute__((noinline)) void sample_here(void);
__attribute__((noinline)) void middle(void);
__attribute__((noinline)) void outer(void);

/* as the library samples: registers in DWARF order, stack from the stack pointer up */
__attribute__((no_sanitize("address"))) void sample_here(void)
{
	static const int order[17] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8,
				      REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};
	ucontext_t context;
	getcontext(&context);
	for (int n = 0; n < 17; n++)
		sample_regs[n] = (uint64_t)context.uc_mcontext.gregs[order[n]];
	const volatile char *from = (const volatile char *)(uintptr_t)sample_regs[7];
	for (size_t n = 0; n < sizeof(sample_stack); n++)
		sample_stack[n] = from[n];
}

void middle(void)
{
	sample_here();
	__asm__ volatile("");
}
void outer(void)
{
	middle();
	__asm__ volatile("");
}

static void check_names(struct ex_symbols *symbols)
{
	struct ex_place place = ex_symbols_place(symbols, (uint64_t)(uintptr_t)outer, 0);
	IS_TEXT(place.symbol, "outer", "a function's first byte has its name");
	OK(place.source == EX_SYMBOL_SYMTAB && place.symbol_offset == 0 && place.function == place.address,
	   "from .symtab");
	IS_TEXT(place.module_name, "t_symbols", "and its module");
	place = ex_symbols_place(symbols, (uint64_t)(uintptr_t)outer + 1, 0);
	IS_INT(place.symbol_offset, 1, "an address inside it has an offset");
	OK(place.file && strstr(place.file, "t_symbols.c") && place.line > 0, "and a source line");
	uint64_t stranger = (uint64_t)(uintptr_t)sample_regs;
	place = ex_symbols_place(symbols, (uint64_t)(uintptr_t)&stranger, 0);
	OK(!place.module && !place.symbol && !*place.module_name, "an address on the stack is in no module");
	void *fn = dlsym(RTLD_DEFAULT, "imaxabs");
	place = ex_symbols_place(symbols, (uint64_t)(uintptr_t)fn, 0);
	OK(place.symbol, "libc's functions by their plain names");
	OK(strncmp(place.module_name, "libc.so", 7) == 0 && place.function == place.address, "in libc");
}

static void check_gaps(struct ex_symbols *symbols, const struct ex_image *image)
{
	/* a stripped library: most of libc's functions have no name, and must not get a neighbour's */
	const struct ex_module *libc = NULL;
	unsigned unnamed = 0, wrong = 0;
	for (size_t n = 0; n < image->module_count; n++)
		if (strstr(image->modules[n].path, "/libc.so"))
			libc = &image->modules[n];
	for (uint64_t at = libc ? libc->begin : 0; libc && at < libc->end; at += 4099) {
		struct ex_place place = ex_symbols_place(symbols, at, 0);
		Dl_info info;
		const ElfW(Sym) *symbol = NULL;
		if (!place.symbol) {
			unnamed++;
			wrong += place.function > at;
		} else if (dladdr1((void *)(uintptr_t)at, &info, (void **)&symbol, RTLD_DL_SYMENT) && symbol &&
			   symbol->st_size && at >= (uint64_t)(uintptr_t)info.dli_saddr + symbol->st_size &&
			   place.source == EX_SYMBOL_DYNSYM) {
			wrong++; /* the dynamic linker's nearest symbol ends before the address */
		}
	}
	OK(libc && wrong == 0, "no address of libc gets the name of a neighbour (%u without a name)", unnamed);
}

static void check_unwinding(struct ex_symbols *symbols)
{
	struct ex_place frames[32];
	struct ex_text regs = {(const char *)sample_regs, sizeof(sample_regs)},
		       stack = {sample_stack, sizeof(sample_stack)};
	static const char *const wanted[] = {"sample_here", "middle", "outer", "main"};
	int count = ex_symbols_unwind(symbols, regs, stack, 0, frames, 32);
	OK(count >= 4, "a sample unwinds (%d frames)", count);
	for (int n = 0; n < 4; n++)
		IS_TEXT(n < count ? frames[n].symbol : NULL, wanted[n], "frame %d is %s", n, wanted[n]);
	/* a call through a pointer to nowhere: the return address is on top of the stack */
	uint64_t lost[17], back = (uint64_t)(uintptr_t)outer + 6;
	static char deeper[sizeof(sample_stack)];
	memcpy(lost, sample_regs, sizeof(lost));
	lost[16] = 0x10;
	lost[7] -= 8;
	memcpy(deeper, &back, 8);
	memcpy(deeper + 8, sample_stack, sizeof(deeper) - 8);
	regs.bytes = (const char *)lost;
	stack.bytes = deeper;
	count = ex_symbols_unwind(symbols, regs, stack, 0, frames, 32);
	OK(count >= 2 && frames[0].address == 0x10 && !frames[0].module, "a jump to nowhere is frame 0");
	IS_TEXT(count >= 2 ? frames[1].symbol : NULL, "outer", "and its caller frame 1");
	for (unsigned length = 0; length <= sizeof(sample_stack); length += 24) {
		regs.bytes = (const char *)sample_regs;
		stack = (struct ex_text){sample_stack, length};
		count = ex_symbols_unwind(symbols, regs, stack, 0, frames, 32);
		if (count < 1 || !frames[0].symbol || strcmp(frames[0].symbol, "sample_here") != 0)
			break;
	}
	OK(stack.length + 24 > sizeof(sample_stack), "a sample cut at any length still begins right");
	regs.length = 3;
	IS_INT(ex_symbols_unwind(symbols, regs, stack, 0, frames, 32), 0, "registers of another kind are refused");
}

static void check_other_build(struct ex_image *image)
{
	struct ex_module own = image->modules[0], *modules = image->modules;
	static const unsigned char other[20] = {1, 2, 3};
	image->modules[0].build_id = other;
	struct ex_symbols *symbols = ex_symbols_open(image, NULL);
	struct ex_place place = ex_symbols_place(symbols, (uint64_t)(uintptr_t)outer, 0);
	OK(place.module == modules && !place.symbol && !place.function, "a file of another build gives no names");
	image->modules[0] = own;
	symbols = ex_symbols_open(image, "/nonexistent");
	place = ex_symbols_place(symbols, (uint64_t)(uintptr_t)outer, 0);
	OK(place.symbol && strcmp(place.symbol, "outer") == 0,
	   "what a sysroot lacks is taken from here, if it is the same build");
}

int main(void)
{
	const char *dir = make_trace();
	struct ex_trace trace;
	struct ex_processes processes;
	volatile char room[sizeof(sample_stack)]; /* so that a whole sample lies below the stack's end */
	room[0] = 0;
	outer();
	room[1] = room[0];
	encode_begin(&packet, 7, 1000);
	dl_iterate_phdr(describe, NULL);
	encode_write(&packet, dir, "s.7.1000.0.0");
	OK(ex_trace_open(&trace, dir, NULL) == EX_TRACE_OK, "the trace opens");
	ex_processes_build(&processes, &trace);
	struct ex_symbols *symbols = ex_symbols_open(processes.judged, NULL);
	check_names(symbols);
	check_gaps(symbols, processes.judged);
	check_unwinding(symbols);
	check_other_build(processes.judged);
	remove_trace(dir);
	return tap_done();
}
