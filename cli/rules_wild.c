/*
 * rules_wild.c: the rule of wild-address: a fault where nothing is, and nothing was, and that no special cause explains. See
 * rules.h. It says what lies nearest and which registers lead there, for that is what tells a garbage index from a garbage
 * pointer. No arm can confirm it.
 */
#include "rules.h"

#include "fault.h"
#include "lead.h"
#include "registers.h"
#include "report.h"
#include "stack.h"
#include "text.h"
#include "use.h"

#include <signal.h>
#include <string.h>

/* a stack may be outgrown by a large frame: then its pointer is in the same hole as the address, or next to it */
#define NEAR_STACK_BYTES (64u << 10)

static int is_stacks(const struct ex_ev_crash *crash, const struct ex_ev_fault_map *map)
{
	uint64_t apart = crash->address > crash->sp ? crash->address - crash->sp : crash->sp - crash->address;
	if (apart < NEAR_STACK_BYTES)
		return 1;
	return map && crash->sp >= map->before_end && crash->sp < map->after_begin;
}

/* a call that took the memory there away, at any time; the map says that it is not there now */
static const struct ex_event *unmapping(const struct ex_image *image, uint64_t address, uint64_t until_ns)
{
	const struct ex_event *found = NULL;
	for (; image; until_ns = image->begin_ns, image = image->parent)
		for (size_t n = 0; n < image->event_count && image->events[n]->time_ns <= until_ns; n++) {
			const struct ex_event *event = image->events[n];
			if (event->meta->id != EX_EV_GROWTH)
				continue;
			const struct ex_ev_growth *g = EX_EVENT(event, growth);
			if (g->call == EX_memory_call_MUNMAP && !g->error && address >= g->begin &&
			    address - g->begin < g->bytes && g->class != EX_growth_HEAP_ALIGN_TRIM)
				found = event;
			if (g->call == EX_memory_call_MREMAP && !g->error && address >= g->old &&
			    address - g->old < g->old_bytes)
				found = event;
		}
	return found;
}

static int is_taken(const struct ex_teardown *t, uint64_t address)
{
	for (size_t n = 0; n < t->count; n++)
		for (size_t i = 0; i < t->rows[n].took_count; i++)
			if (address >= t->rows[n].took[i].begin && address < t->rows[n].took[i].end)
				return 1;
	return 0;
}

static unsigned registers_of(const struct ex_event *event, uint64_t *regs)
{
	struct ex_text sample = event->tail[ex_event_tail(event->meta, "regs")];
	unsigned count = sample.length / 8 < EX_REGS_MAX ? sample.length / 8 : EX_REGS_MAX;
	memcpy(regs, sample.bytes, count * 8);
	return count;
}

/* the bytes that it ran, as they were told at the crash, else as the file has them: for code of no file, and for a handler's fault */
static size_t code_at(const struct ex_teardown *t, const struct ex_event *crash, unsigned char *code, size_t room)
{
	uint64_t pc = EX_EVENT(crash, crash)->pc;
	size_t bytes = room;
	for (size_t n = 0; n < t->image->event_count; n++) {
		const struct ex_event *event = t->image->events[n];
		const struct ex_ev_code_bytes *told = EX_EVENT(event, code_bytes);
		if (event->meta->id != EX_EV_CODE_BYTES || event->tid != crash->tid || told->pc != pc ||
		    pc - told->begin >= event->tail[0].length)
			continue;
		bytes = event->tail[0].length - (pc - told->begin);
		bytes = bytes < room ? bytes : room;
		memcpy(code, event->tail[0].bytes + (pc - told->begin), bytes);
		return bytes;
	}
	ex_symbols_at(t->symbols, crash->time_ns);
	while (bytes && !ex_symbols_read(t->symbols, pc, code, bytes))
		bytes--; /* the end of what the file has */
	ex_symbols_at(t->symbols, UINT64_MAX - 1);
	return bytes;
}

/* which address the instruction used, where the processor told none: one that no mapping can have, or 0 */
static uint64_t impossible_address(const struct ex_teardown *t, const struct ex_event *event)
{
	uint64_t regs[EX_REGS_MAX], top = 0, address = 0;
	unsigned char code[EX_INSTRUCTION_BYTES];
	struct ex_instruction instruction;
	struct ex_text stack = event->tail[ex_event_tail(event->meta, "stack")];
	if (!t->symbols || registers_of(event, regs) != 17)
		return 0;
	if (stack.length >= sizeof(top))
		memcpy(&top, stack.bytes, sizeof(top));
	ex_instruction_decode(&instruction, code, code_at(t, event, code, sizeof(code)), regs[16], regs);
	return ex_instruction_impossible(&instruction, top, &address) ? address : 0;
}

/* libc's heap walks pointers that lie in its blocks: who has damaged them is another question */
static int is_in_allocation(const struct ex_teardown *t)
{
	static const char *const names[] = {"malloc", "calloc", "realloc", "free"};
	if (ex_rules_entry_frame(t, t->crash_frames, NULL) >= 0)
		return 1;
	for (int f = 0; f < t->crash_frames && t->symbols; f++)
		for (unsigned n = 0; n < sizeof(names) / sizeof(names[0]); n++)
			if (t->crash_stack[f].module && t->crash_stack[f].function &&
			    ex_symbols_export(t->symbols, t->crash_stack[f].module, names[n]) ==
				    t->crash_stack[f].function)
				return 1;
	return 0;
}

static const char *not_wild(const struct ex_findings *findings, const struct ex_facts *facts,
			    const struct ex_fault *fault)
{
	const struct ex_image *image = facts->processes->judged;
	const struct ex_teardown *t = facts->teardown;
	const struct ex_event *gone;
	struct ex_overflow overflow;
	int inside;
	if (!fault->event)
		return "its end was no fault that was seen";
	if (fault->is_left)
		return "it had recovered from the last fault: the handler of its own was left by a jump";
	const struct ex_ev_crash *crash = EX_EVENT(fault->event, crash);
	const struct ex_ev_fault_map *map = fault->map ? EX_EVENT(fault->map, fault_map) : NULL;
	if (crash->signo != SIGSEGV || (crash->code != SEGV_MAPERR && crash->code != SI_KERNEL))
		return "it did not die of an access to an address that nothing is mapped at";
	if (crash->code == SEGV_MAPERR) {
		if (!map)
			return "what the map has at the faulting address was not told";
		if (map->begin)
			return ex_format("the map has %s at the faulting address",
					 ex_fault_mapping_text(fault->map, ""));
		if (crash->address < EX_FIRST_PAGE_BYTES)
			return "the faulting address is in the first page";
		ex_overflow_find(&overflow, image, fault);
		if (overflow.is_after_call)
			return overflow.why_not;
		if (!overflow.is_told && is_stacks(crash, map))
			return "the faulting address is where the stack pointer leads: the stack is too small for what "
			       "it "
			       "is used for";
		if (ex_rules_unloaded_at(image, crash->address, fault->event->time_ns))
			return "a library had been there";
		if (is_taken(t, crash->address))
			return "that memory went away while an exit handler ran";
		gone = unmapping(image, crash->address, fault->event->time_ns);
		if (gone)
			return ex_format("memory was there until it was unmapped, %s before",
					 ex_duration_text(fault->event->time_ns - gone->time_ns));
	}
	if (crash->code == SI_KERNEL && !impossible_address(t, fault->event))
		return ex_instruction_is_possible() ? "the processor told no address, and what the instruction used is "
						      "none that no mapping can have"
						    : "the processor told no address, and this exeunt cannot read "
						      "instructions: it was built without Zydis "
						      "(libzydis-dev)";
	for (unsigned n = 0; n < findings->count; n++)
		if (!findings->candidates[n].doubt)
			return "a special cause may explain it";
	if (ex_rules_writer_at_death(t, &inside) || t->crashed_in_flush)
		return "the fault was inside the profile writer, not in the program's own code";
	if (is_in_allocation(t))
		return "the fault was inside an allocation function, not in the program's own code";
	if (image->first_exit && !t->crash_row && image->first_exit->time_ns < fault->event->time_ns &&
	    image->first_exit->tid != fault->event->tid)
		return "the fault was in another thread, after exit had begun";
	for (size_t i = 0; i < t->count; i++)
		if (t->rows[i].alive_after == EX_life_DEAD && t->alive_before != EX_life_DEAD)
			return ex_format("the allocator had stopped working after exit handler #%u", t->rows[i].n);
	return NULL;
}

/* a module's data and its neighbours are one place for people */
static const char *place_of(const struct ex_image *image, uint64_t address, uint64_t time_ns)
{
	const struct ex_module *module = ex_image_module(image, address, time_ns);
	const char *slash = module ? strrchr(module->path, '/') : NULL;
	return module ? ex_format(" of %s", slash ? slash + 1 : module->path) : "";
}

static void say_registers(struct ex_candidate *c, const struct ex_image *image, const struct ex_fault *fault)
{
	const struct ex_event *event = fault->event;
	uint64_t address = EX_EVENT(event, crash)->address, begin = 0, end = 0, regs[EX_REGS_MAX];
	unsigned count = registers_of(event, regs);
	if (!fault->map || !ex_fault_nearest(fault->map, &begin, &end))
		begin = end = 0;
	for (unsigned n = 0; n < count; n++) {
		const char *name = ex_register_name(count, n);
		if (!name || ex_register_is_pc(count, n))
			continue;
		if (fault->map && regs[n] == address)
			ex_rules_evidence(c, "register", "register %s holds the faulting address", name);
		else if (begin && regs[n] >= begin && regs[n] < end && !ex_register_is_sp(count, n))
			ex_rules_evidence(
				c, "register",
				regs[n] == begin
					? "register %s holds 0x%llx, the first byte of that mapping%s: the faulting "
					  "address is %s from there"
					: "register %s holds 0x%llx, inside that mapping%s: the faulting address is "
					  "%s from there",
				name, (unsigned long long)regs[n], place_of(image, regs[n], event->time_ns),
				ex_bytes_text(address > regs[n] ? address - regs[n] : regs[n] - address));
		else if (!fault->map && ex_address_is_impossible(regs[n]))
			ex_rules_evidence(c, "register", "register %s holds 0x%llx, which no address can be", name,
					  (unsigned long long)regs[n]);
	}
}

/* the index is in no register any more */
static const char *say_base(struct ex_candidate *c, const struct ex_leads *leads, const struct ex_use *use,
			    const struct ex_fault *fault)
{
	uint64_t begin, end;
	if (!fault->map || !ex_fault_nearest(fault->map, &begin, &end))
		return NULL;
	for (unsigned n = 0; n < use->register_count; n++) {
		const char *lead = ex_lead_text(leads, begin);
		if (use->regs[n] != begin || ex_register_is_sp(use->register_count, n) || !lead)
			continue;
		ex_rules_evidence(c, "base", "0x%llx is the %s", (unsigned long long)begin, lead);
		return ex_format("; its first byte is in %s", ex_register_name(use->register_count, n));
	}
	return NULL;
}

/* a right base and a garbage index, for the end of the sentence; NULL */
static const char *say_index(struct ex_candidate *c, const struct ex_teardown *t, const struct ex_fault *fault,
			     uint64_t address)
{
	const struct ex_image *image = t->image;
	struct ex_leads leads;
	struct ex_use use;
	if (!t->symbols || !image->crash || fault->event->tid != image->crash->tid)
		return NULL;
	ex_leads_find(&leads, image, t->symbols);
	ex_use_find(&use, &leads, fault->event, address);
	for (unsigned n = 0; n < use.register_count; n++) {
		const char *filled = ex_lead_scribbled_text(&leads, use.regs[n]);
		if (filled)
			ex_rules_evidence(c, "scribbled", "register %s holds 0x%llx, %s",
					  ex_register_name(use.register_count, n), (unsigned long long)use.regs[n],
					  filled);
	}
	if (use.instruction.is_known)
		ex_rules_evidence(c, "instruction", "%s", use.instruction.text);
	if (use.base < 0)
		return say_base(c, &leads, &use, fault);
	uint64_t base = use.regs[use.base];
	const char *name = ex_register_name(use.register_count, (unsigned)use.base),
		   *index = ex_register_name(use.register_count, (unsigned)use.index),
		   *lead = ex_lead_text(&leads, base);
	ex_rules_evidence(c, "base", "the base is in %s, 0x%llx%s%s: it leads to memory that is there", name,
			  (unsigned long long)base, lead ? ", " : "", lead ? lead : "");
	ex_rules_evidence(c, "index", "the index is in %s, 0x%llx (%lld)%s: base and index make the address", index,
			  (unsigned long long)use.regs[use.index], (long long)use.regs[use.index],
			  use.scale > 1 ? ex_format(", times %u", use.scale) : "");
	return ex_format("; base %s is good, index %s is not", name, index);
}

void ex_rules_wild(struct ex_findings *findings, const struct ex_facts *facts)
{
	const struct ex_image *image = facts->processes->judged;
	struct ex_fault fault;
	if (!facts->is_bad)
		return;
	ex_fault_find(&fault, image);
	const char *why = not_wild(findings, facts, &fault);
	if (why) {
		ex_rules_exclude(findings, EX_VERDICT_WILD_ADDRESS, why);
		return;
	}
	struct ex_candidate *c = ex_rules_candidate(findings, EX_VERDICT_WILD_ADDRESS);
	if (!c)
		return;
	const struct ex_teardown *t = facts->teardown;
	const struct ex_ev_crash *crash = EX_EVENT(fault.event, crash);
	const char *who =
		image->crash == fault.event && t->crash_frames ? ex_place_text(&t->crash_stack[0]) : "The program";
	const char *nearest = ex_fault_nearest_text(fault.map);
	uint64_t impossible = crash->code == SI_KERNEL ? impossible_address(t, fault.event) : 0;
	const char *index = say_index(c, t, &fault, impossible ? impossible : crash->address);
	if (impossible)
		c->cause = ex_format("%s used an address that belongs to nothing: 0x%llx, which no mapping can have%s.",
				     who, (unsigned long long)impossible, index ? index : "");
	else
		c->cause = ex_format("%s used an address that belongs to nothing: 0x%llx%s%s%s.", who,
				     (unsigned long long)crash->address, nearest ? ", " : "", nearest ? nearest : "",
				     index ? index : "");
	if (nearest)
		ex_rules_evidence(c, "nearest", "nothing is mapped at 0x%llx; it is %s",
				  (unsigned long long)crash->address, nearest);
	say_registers(c, image, &fault);
	if (fault.is_handled)
		ex_rules_evidence(c, "handled", "a handler of the program's own saw that fault, %s before the end",
				  ex_duration_text(fault.lived_ns));
	if (findings->lost.text)
		ex_rules_evidence(c, findings->lost.id, "%s", findings->lost.text);
}
