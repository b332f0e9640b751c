/*
 * explain.c: a crash in words. Owns the sentences; each states one recorded fact. Must never name a cause: that is
 * for diagnose, which has other runs to compare with.
 */
#include "report.h"

#include "fault.h"
#include "heap_break.h"
#include "host.h"
#include "text.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	int signo, code;
	const char *name, *words;
} codes[] = {
	{SIGSEGV, SEGV_MAPERR, "SEGV_MAPERR", "nothing is mapped there"},
	{SIGSEGV, SEGV_ACCERR, "SEGV_ACCERR", "the mapping there does not permit that access"},
	{SIGSEGV, SEGV_BNDERR, "SEGV_BNDERR", "a bounds check of the processor's failed"},
	{SIGSEGV, SEGV_PKUERR, "SEGV_PKUERR", "the memory's protection key does not permit that access"},
	{SIGSEGV, 10, "SEGV_CPERR", "a return or jump that the processor's shadow stack does not permit"},
	{SIGSEGV, SI_KERNEL, "SI_KERNEL", "the processor gave no address, as for one that is not canonical"},
	{SIGBUS, BUS_ADRALN, "BUS_ADRALN", "the address is not aligned"},
	{SIGBUS, BUS_ADRERR, "BUS_ADRERR", "the mapped file has no such page"},
	{SIGBUS, BUS_OBJERR, "BUS_OBJERR", "the hardware reported an error"},
	{SIGBUS, BUS_MCEERR_AR, "BUS_MCEERR_AR", "the memory there is broken, and was used"},
	{SIGBUS, BUS_MCEERR_AO, "BUS_MCEERR_AO", "the memory there is broken"},
	{SIGBUS, SI_KERNEL, "SI_KERNEL", "the processor gave no address, as for a stack pointer that is not canonical"},
	{SIGFPE, FPE_INTDIV, "FPE_INTDIV", "integer division by zero"},
	{SIGFPE, FPE_INTOVF, "FPE_INTOVF", "integer overflow"},
	{SIGFPE, FPE_FLTDIV, "FPE_FLTDIV", "floating-point division by zero"},
	{SIGFPE, FPE_FLTOVF, "FPE_FLTOVF", "floating-point overflow"},
	{SIGFPE, FPE_FLTUND, "FPE_FLTUND", "floating-point underflow"},
	{SIGFPE, FPE_FLTRES, "FPE_FLTRES", "floating-point result that is not exact"},
	{SIGFPE, FPE_FLTSUB, "FPE_FLTSUB", "index out of range"},
	{SIGFPE, FPE_FLTINV, "FPE_FLTINV", "invalid floating-point operation"},
	{SIGILL, ILL_ILLOPC, "ILL_ILLOPC", "no such instruction"},
	{SIGILL, ILL_ILLOPN, "ILL_ILLOPN", "no such instruction operand"},
	{SIGILL, ILL_ILLADR, "ILL_ILLADR", "no such way to address memory"},
	{SIGILL, ILL_ILLTRP, "ILL_ILLTRP", "no such trap"},
	{SIGILL, ILL_PRVOPC, "ILL_PRVOPC", "an instruction that only the kernel may use"},
	{SIGILL, ILL_PRVREG, "ILL_PRVREG", "a register that only the kernel may use"},
	{SIGILL, ILL_COPROC, "ILL_COPROC", "an error of a coprocessor"},
	{SIGILL, ILL_BADSTK, "ILL_BADSTK", "an error of the internal stack"},
	{SIGTRAP, TRAP_TRACE, "TRAP_TRACE", "a single step"},
	{SIGTRAP, TRAP_BRANCH, "TRAP_BRANCH", "a branch that is traced"},
	{SIGTRAP, TRAP_HWBKPT, "TRAP_HWBKPT", "a breakpoint of the processor's, or a watched address"},
	{SIGTRAP, TRAP_BRKPT, "TRAP_BRKPT", "a breakpoint instruction"},
	{SIGTRAP, SI_KERNEL, "SI_KERNEL", "a breakpoint instruction"},
	{SIGSYS, 1, "SYS_SECCOMP", "the system call is forbidden by a seccomp filter"},
	{0, SI_USER, "SI_USER", "sent by kill()"},
	{0, SI_TKILL, "SI_TKILL", "sent to this thread, by raise(), abort() or tgkill()"},
	{0, SI_QUEUE, "SI_QUEUE", "sent by sigqueue()"},
	{0, SI_TIMER, "SI_TIMER", "sent by a timer"},
	{0, SI_MESGQ, "SI_MESGQ", "sent by a message queue"},
	{0, SI_ASYNCIO, "SI_ASYNCIO", "sent when asynchronous input or output was done"},
	{0, SI_SIGIO, "SI_SIGIO", "sent for a descriptor that is ready"},
	{0, SI_KERNEL, "SI_KERNEL", "sent by the kernel"},
};

static size_t code_index(int signo, int code)
{
	size_t n = 0;
	while (n < sizeof(codes) / sizeof(codes[0]) &&
	       (codes[n].code != code || (codes[n].signo != signo && codes[n].signo != 0)))
		n++;
	return n;
}

const char *ex_code_name(int signo, int code)
{
	size_t n = code_index(signo, code);
	char *text;
	if (n < sizeof(codes) / sizeof(codes[0]))
		return codes[n].name;
	return asprintf(&text, "%d", code) < 0 ? "?" : text;
}

const char *ex_code_words(int signo, int code)
{
	size_t n = code_index(signo, code);
	return n < sizeof(codes) / sizeof(codes[0]) ? codes[n].words : "";
}

__attribute__((format(printf, 2, 3))) static void say(struct ex_report *report, const char *format, ...)
{
	va_list args;
	char *text;
	va_start(args, format);
	int length = vasprintf(&text, format, args);
	va_end(args);
	report->explained = realloc(report->explained, (report->explained_count + 1) * sizeof(char *));
	if (length < 0 || !report->explained)
		abort();
	report->explained[report->explained_count++] = text;
}

static const char *row_name(const struct ex_row *row)
{
	char *text;
	const char *name = row->place.symbol ? row->place.symbol : ex_place_module_offset(&row->place);
	int length = row->n ? asprintf(&text, "#%u (%s %s)", row->n, ex_row_kind_text(row->kind), name)
			    : asprintf(&text, "the early profile write (%s)", name);
	return length < 0 ? "?" : text;
}

static void explain_address(struct ex_report *report, const struct ex_event *event)
{
	const struct ex_ev_crash *crash = EX_EVENT(event, crash);
	uint64_t address = crash->address;
	if (address < 4096)
		say(report, "the address lies in the first page: a null pointer, or a small offset from one");
	if (address == crash->pc)
		say(report, "the address is that of the instruction itself: a call or jump went there");
	for (size_t n = 0; n < report->teardown.count; n++) {
		const struct ex_row *row = &report->teardown.rows[n];
		for (size_t t = 0; t < row->took_count; t++)
			if (address >= row->took[t].begin && address < row->took[t].end && !ex_row_took_again(row, t))
				say(report, "that memory went away during %s: 0x%" PRIx64 "-0x%" PRIx64 " %s%s",
				    row_name(row), row->took[t].begin, row->took[t].end,
				    row->took[t].how == EX_release_GONE ? "" : "by ",
				    row->took[t].how == EX_release_GONE ? "by no call that was seen"
									: EX_KIND_TEXT(release, row->took[t].how));
	}
	for (size_t n = 0; n < report->image->module_count; n++) {
		const struct ex_module *module = &report->image->modules[n];
		if (address < module->begin || address >= module->end || event->time_ns < module->from_ns)
			continue;
		if (module->to_ns <= event->time_ns)
			say(report, "%s was there until it was unloaded", module->path);
		else
			say(report, "it lies in %s at offset 0x%" PRIx64, module->path, address - module->bias);
	}
}

/* the code says less than the map, and under gVisor it may be wrong */
static const char *words_of(const struct ex_report *report, const struct ex_fault *fault)
{
	const struct ex_ev_crash *crash = EX_EVENT(report->image->crash, crash);
	const char *words = ex_code_words(crash->signo, crash->code);
	const char *mapping = fault->event == report->image->crash ? ex_fault_mapping_text(fault->map, " there") : NULL;
	int is_guest = ex_host_sandbox(report->image) != NULL;
	if (!mapping)
		return words;
	if (is_guest && ex_fault_is_permitted(fault))
		return ex_format("the map has %s: the sandbox's host refused memory", mapping);
	if (crash->signo != SIGSEGV || crash->code != SEGV_MAPERR)
		return ex_format("%s%sthe map has %s", words, *words ? "; " : "", mapping);
	if (is_guest && ex_fault_is_without_access(fault))
		return ex_format("the map has %s: reported as SEGV_MAPERR where Linux says SEGV_ACCERR", mapping);
	return ex_format("%s; a moment later the map had %s", words, mapping);
}

/* what libc said before it gave up */
const char *ex_report_abort_message(const struct ex_report *report)
{
	return ex_abort_message(report->image);
}

/* a number, and its program where that was observed too */
static const char *sender_text(const struct ex_report *report, uint32_t pid)
{
	const struct ex_processes *all = report->processes;
	if (pid == report->image->pid)
		return "the process itself";
	for (size_t n = all->count; n-- > 0;)
		if (all->images[n].pid == pid)
			return ex_format("process %u (%s)", pid, all->images[n].exe);
	return ex_format("process %u", pid);
}

void ex_report_explain(struct ex_report *report)
{
	const struct ex_event *event = report->image->crash;
	if (!event)
		return;
	const struct ex_ev_crash *crash = EX_EVENT(event, crash);
	int is_fault = crash->code > 0 && (crash->signo == SIGSEGV || crash->signo == SIGBUS);
	struct ex_fault fault;
	ex_fault_find(&fault, report->image);
	const char *words = words_of(report, &fault);
	const char *nearest = fault.event == event ? ex_fault_nearest_text(fault.map) : NULL;
	if (is_fault && crash->code != SI_KERNEL) {
		say(report, "%s at 0x%" PRIx64 "%s%s", ex_signal_name(crash->signo), crash->address, *words ? ": " : "",
		    words);
		if (nearest)
			say(report, "the nearest mapping: it is %s", nearest);
		explain_address(report, event);
	} else {
		say(report, "%s%s%s", ex_signal_name(crash->signo), *words ? ": " : "", words);
	}
	if (ex_report_abort_message(report))
		say(report, "libc said: %s", ex_report_abort_message(report));
	if (ex_heap_break_text(report->image))
		say(report, "%s", ex_heap_break_text(report->image));
	if (ex_heap_below_text(report->image))
		say(report, "%s", ex_heap_below_text(report->image));
	if (fault.event && fault.event != event)
		say(report, "%s %s%s%s%s",
		    fault.is_left ? "before that, the program recovered from"
				  : "it was in a handler of its own, called for",
		    ex_code_name(EX_EVENT(fault.event, crash)->signo, EX_EVENT(fault.event, crash)->code),
		    EX_EVENT(fault.event, crash)->code == SI_KERNEL
			    ? ""
			    : ex_format(" at 0x%" PRIx64, EX_EVENT(fault.event, crash)->address),
		    ex_fault_mapping_text(fault.map, " there") ? "; the map has " : "",
		    ex_fault_mapping_text(fault.map, " there") ? ex_fault_mapping_text(fault.map, " there") : "");
	for (size_t n = 0; n < report->profiles.misread_count; n++)
		if (!ex_misread_is_repeated(&report->profiles, report->profiles.misreads[n]))
			say(report, "%s", ex_misread_text(&report->profiles, report->profiles.misreads[n]));
	if (crash->sender && crash->code <= 0 && report->image->exit_kind != EX_exit_ABORT)
		say(report, "the signal was sent by %s", sender_text(report, crash->sender));
	if (report->teardown.crash_row)
		say(report, "it happened in %s", row_name(report->teardown.crash_row));
	else if (report->image->exit_kind == EX_exit_ABORT)
		return; /* that is how abort() ends a process: no news */
	else if (report->image->first_exit && report->image->first_exit->time_ns < event->time_ns)
		say(report, event->tid == report->image->first_exit->tid
				    ? "it happened after exit had begun, outside any handler"
				    : "it happened after exit had begun, in another thread than the exiting one");
	else
		say(report, "it happened before exit began");
}
