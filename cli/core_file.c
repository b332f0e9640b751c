/*
 * core_file.c: see core_file.h. ELF as core(5) and the kernel's fs/binfmt_elf.c have it: one PT_NOTE segment (a
 * NT_PRSTATUS for each thread, the one that died first, for gdb takes that as the current one), then a PT_LOAD for each
 * piece of memory. AT_ENTRY in NT_AUXV is how gdb learns where a position-independent program was loaded.
 */
#include "core_file.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/procfs.h>
#include <unistd.h>

#define PIECES_MAX 512
#define NOTE_ALIGN 4

struct core {
	const struct ex_image *image;
	struct ex_symbols *symbols;
	const struct machine *machine;
	char *notes;
	size_t note_bytes;
	struct piece {
		uint64_t begin;
		struct ex_text bytes;
		int is_code;
	} pieces[PIECES_MAX];
	size_t piece_count;
};

static void put(FILE *out, const void *bytes, size_t count)
{
	static const char zeros[NOTE_ALIGN];
	fwrite(bytes, 1, count, out);
	fwrite(zeros, 1, -count % NOTE_ALIGN, out);
}

static void put_note(FILE *out, unsigned type, const void *bytes, size_t count)
{
	Elf64_Nhdr header = {.n_namesz = sizeof("CORE"), .n_descsz = (Elf64_Word)count, .n_type = type};
	put(out, &header, sizeof(header));
	put(out, "CORE", sizeof("CORE"));
	put(out, bytes, count);
}

/* a piece of memory that begins where another does is told by the longer of the two */
static void keep_piece(struct core *core, uint64_t begin, struct ex_text bytes, int is_code)
{
	for (size_t i = 0; i < core->piece_count; i++)
		if (core->pieces[i].begin == begin) {
			if (core->pieces[i].bytes.length < bytes.length)
				core->pieces[i].bytes = bytes;
			return;
		}
	if (bytes.length && core->piece_count < PIECES_MAX)
		core->pieces[core->piece_count++] = (struct piece){begin, bytes, is_code};
}

static struct ex_text tail(const struct ex_event *event, const char *name)
{
	return event->tail[ex_event_tail(event->meta, name)];
}

/* struct elf_prstatus of 64-bit Linux up to the registers, which is the same for all processors; the trace may be from another
 * than this one */
struct status_head {
	int32_t signo, code, error;
	int16_t current;
	uint16_t padding;
	uint64_t pending, held;
	int32_t pid, ppid, group, session;
	uint64_t times[8];
};

#define REGS_MAX 34 /* and the word behind them that says whether there are floating-point registers */

static const struct machine {
	unsigned sampled; /* registers in a sample: registers.h */
	Elf64_Half elf;
	unsigned count;		    /* in the note, as ptrace gives them */
	int pc, sp, from[REGS_MAX]; /* which of the sample, -1: none */
	uint64_t constant[REGS_MAX];
} machines[] = {
	{17,
	 EM_X86_64,
	 27,
	 16,
	 19,
	 /* r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi, and orig_rax, rip, cs, eflags, rsp, ss, segments */
	 {15, 14, 13, 12, 6, 3, 11, 10, 9, 8, 0, 2, 1, 4, 5, -1, 16, -1, -1, 7, -1, -1, -1, -1, -1, -1, -1},
	 {[15] = UINT64_MAX, [17] = 0x33, [20] = 0x2b}},
	{33,
	 EM_AARCH64,
	 34,
	 32,
	 31,
	 /* x0 to x30, sp, pc, pstate */
	 {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16,
	  17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, -1},
	 {0}},
};

static const struct machine *machine_of(const struct ex_image *image)
{
	unsigned sampled = tail(image->crash, "regs").length / 8;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (machines[i].sampled == sampled)
			return &machines[i];
	return NULL;
}

/* registers: a sample; of a thread of which the system told only where it was it is empty */
static void put_status(FILE *out, const struct core *core, const struct status_head *head, struct ex_text sample,
		       uint64_t pc, uint64_t sp)
{
	const struct machine *machine = core->machine;
	struct {
		struct status_head head;
		uint64_t regs[REGS_MAX + 1];
	} status = {.head = *head};
	uint64_t registers[EX_REGS_MAX];
	unsigned n;
	memcpy(registers, sample.bytes, sample.length < sizeof(registers) ? sample.length : sizeof(registers));
	for (n = 0; n < machine->count; n++) {
		status.regs[n] = machine->constant[n];
		if (machine->from[n] >= 0 && sample.length == machine->sampled * 8)
			status.regs[n] = registers[machine->from[n]];
	}
	status.regs[machine->pc] = pc;
	status.regs[machine->sp] = sp;
	put_note(out, NT_PRSTATUS, &status, sizeof(status.head) + (machine->count + 1) * sizeof(uint64_t));
}

static void put_crashed(FILE *out, struct core *core)
{
	const struct ex_event *event = core->image->crash;
	const struct ex_ev_crash *crash = EX_EVENT(event, crash);
	struct status_head head = {.signo = crash->signo,
				   .code = crash->code,
				   .current = (int16_t)crash->signo,
				   .pid = (int32_t)event->tid};
	siginfo_t info = {.si_signo = crash->signo, .si_code = crash->code};
	info.si_addr = (void *)(uintptr_t)crash->address;
	if (crash->sender)
		info.si_pid = (pid_t)crash->sender;
	put_status(out, core, &head, tail(event, "regs"), crash->pc, crash->sp);
	put_note(out, NT_SIGINFO, &info, sizeof(info));
	keep_piece(core, crash->sp, tail(event, "stack"), 0);
}

static void put_thread(FILE *out, struct core *core, const struct ex_event *event)
{
	const struct ex_ev_thread_place *place = EX_EVENT(event, thread_place);
	struct status_head head = {.pid = (int32_t)place->thread};
	put_status(out, core, &head, tail(event, "regs"), place->pc, place->sp);
	keep_piece(core, place->sp, tail(event, "stack"), 0);
}

static void put_program(FILE *out, const struct ex_image *image)
{
	struct elf_prpsinfo info = {.pr_pid = (pid_t)image->pid, .pr_ppid = (pid_t)image->ppid, .pr_sname = 'R'};
	const char *name = strrchr(image->exe, '/');
	snprintf(info.pr_fname, sizeof(info.pr_fname), "%s", name ? name + 1 : image->exe);
	for (int i = 0; i < image->argc; i++) {
		size_t used = strlen(info.pr_psargs);
		snprintf(info.pr_psargs + used, sizeof(info.pr_psargs) - used, "%s%s", i ? " " : "", image->argv[i]);
	}
	put_note(out, NT_PRPSINFO, &info, sizeof(info));
}

/* where the program begins, by its file */
static uint64_t entry(const struct core *core)
{
	const struct ex_module *program = ex_image_program(core->image);
	const char *path = program ? ex_symbols_file(core->symbols, program) : NULL;
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	Elf64_Ehdr header;
	ssize_t got = fd < 0 ? -1 : read(fd, &header, sizeof(header));
	if (fd >= 0)
		close(fd);
	int is_read = got == (ssize_t)sizeof(header) && !memcmp(header.e_ident, ELFMAG, SELFMAG) &&
		      header.e_ident[EI_CLASS] == ELFCLASS64;
	return is_read ? program->bias + header.e_entry : 0;
}

static int collect(struct core *core)
{
	const struct ex_image *image = core->image;
	const Elf64_auxv_t vector[] = {{.a_type = AT_ENTRY, .a_un = {entry(core)}}, {.a_type = AT_NULL}};
	FILE *out = open_memstream(&core->notes, &core->note_bytes);
	if (!out)
		return -1;
	put_crashed(out, core);
	put_program(out, image);
	if (vector[0].a_un.a_val)
		put_note(out, NT_AUXV, vector, sizeof(vector));
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id == EX_EV_THREAD_PLACE && EX_EVENT(event, thread_place)->pc)
			put_thread(out, core, event);
		else if (event->meta->id == EX_EV_STACK_MORE && event->tid == image->crash->tid)
			keep_piece(core, EX_EVENT(event, stack_more)->begin, tail(event, "stack"), 0);
		else if (event->meta->id == EX_EV_CODE_BYTES && event->tid == image->crash->tid)
			keep_piece(core, EX_EVENT(event, code_bytes)->begin, tail(event, "bytes"), 1);
	}
	return fclose(out);
}

static void write_file(FILE *out, const struct core *core)
{
	Elf64_Ehdr header = {.e_type = ET_CORE,
			     .e_machine = core->machine->elf,
			     .e_version = EV_CURRENT,
			     .e_phoff = sizeof(header),
			     .e_ehsize = sizeof(header),
			     .e_phentsize = sizeof(Elf64_Phdr),
			     .e_phnum = (Elf64_Half)(1 + core->piece_count)};
	uint64_t at = sizeof(header) + header.e_phnum * sizeof(Elf64_Phdr);
	Elf64_Phdr notes = {.p_type = PT_NOTE, .p_offset = at, .p_filesz = core->note_bytes, .p_align = NOTE_ALIGN};
	memcpy(header.e_ident, ELFMAG, SELFMAG);
	header.e_ident[EI_CLASS] = ELFCLASS64;
	header.e_ident[EI_DATA] = ELFDATA2LSB;
	header.e_ident[EI_VERSION] = EV_CURRENT;
	fwrite(&header, sizeof(header), 1, out);
	fwrite(&notes, sizeof(notes), 1, out);
	at += core->note_bytes;
	for (size_t i = 0; i < core->piece_count; i++) {
		const struct piece *piece = &core->pieces[i];
		Elf64_Phdr load = {.p_type = PT_LOAD,
				   .p_flags = PF_R | (piece->is_code ? PF_X : PF_W),
				   .p_offset = at,
				   .p_vaddr = piece->begin,
				   .p_filesz = piece->bytes.length,
				   .p_memsz = piece->bytes.length,
				   .p_align = 1};
		fwrite(&load, sizeof(load), 1, out);
		at += piece->bytes.length;
	}
	fwrite(core->notes, 1, core->note_bytes, out);
	for (size_t i = 0; i < core->piece_count; i++)
		fwrite(core->pieces[i].bytes.bytes, 1, core->pieces[i].bytes.length, out);
}

int ex_core_file_write(const char *path, const struct ex_image *image, struct ex_symbols *symbols)
{
	struct core core = {.image = image, .symbols = symbols, .machine = machine_of(image)};
	if (!core.machine) {
		errno = ENOTSUP;
		return -1;
	}
	if (collect(&core))
		return -1;
	FILE *out = fopen(path, "we");
	if (!out)
		return -1;
	write_file(out, &core);
	int failed = ferror(out), error = errno;
	if (fclose(out) || failed) {
		errno = failed ? error : errno;
		return -1;
	}
	return 0;
}
