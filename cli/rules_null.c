/*
 * rules_null.c: the rule of null-dereference: a fault in the first page, and no special cause. See rules.h. It says which field of what
 * would be at a null pointer, by the instruction; of a call, who made it.
 */
#include "rules.h"

#include "registers.h"
#include "report.h"
#include "text.h"
#include "use.h"

#include <signal.h>

static const char *not_null(const struct ex_findings *findings, const struct ex_facts *facts)
{
	const struct ex_image *image = facts->processes->judged;
	const struct ex_teardown *t = facts->teardown;
	int inside;

	if (!image->crash)
		return "no fault was seen";
	const struct ex_ev_crash *crash = EX_EVENT(image->crash, crash);
	/* other codes carry no address: SI_KERNEL, for one, comes with 0 whatever was touched */
	if (crash->signo != SIGSEGV || (crash->code != SEGV_MAPERR && crash->code != SEGV_ACCERR))
		return "the process did not die of an access to an address that the kernel named";
	if (crash->address >= EX_FIRST_PAGE_BYTES)
		return ex_format("the faulting address 0x%llx is not in the first page",
				 (unsigned long long)crash->address);
	if (ex_rules_writer_at_death(t, &inside) || t->crashed_in_flush)
		return "the fault was inside the profile writer, not in the program's own code";
	if (findings->count && findings->candidates[0].mixed == EX_MIXED_RECORDING &&
	    findings->candidates[0].verdict == EX_VERDICT_MIXED_PROFILE_LAYOUTS && !findings->candidates[0].doubt)
		return "the faulting address is where a profile record leads that was read by another layout";
	if (ex_rules_entry_frame(t, t->crash_frames, NULL) >= 0)
		return "the fault was inside an allocation function, not in the program's own code";
	if (image->first_exit && !t->crash_row && image->first_exit->tid != image->crash->tid)
		return "the fault was in another thread, after exit had begun";
	for (size_t i = 0; i < t->count; i++)
		if (t->rows[i].alive_after == EX_life_DEAD && t->alive_before != EX_life_DEAD)
			return ex_format("the allocator had stopped working after exit handler #%u", t->rows[i].n);
	return NULL;
}

/* the frame behind the first one: a call through a null pointer left its return address on the stack */
static void say_call(struct ex_candidate *c, const struct ex_teardown *t, uint64_t pc)
{
	const char *caller = t->crash_frames > 1 && t->crash_stack[1].module ? ex_place_text(&t->crash_stack[1]) : NULL;
	c->cause = ex_format("%s called a function through a null pointer%s.", caller ? caller : "The program",
			     pc ? ex_format(": to address 0x%llx, in the first page", (unsigned long long)pc) : "");
	ex_rules_evidence(c, "call", "the program counter itself is 0x%llx%s%s", (unsigned long long)pc,
			  caller ? ", and what a call left on the stack leads to " : "", caller ? caller : "");
}

static void say_field(struct ex_candidate *c, const struct ex_facts *facts, uint64_t address)
{
	const struct ex_image *image = facts->processes->judged;
	const struct ex_teardown *t = facts->teardown;
	struct ex_leads leads = {.image = image,
				 .symbols = t->symbols,
				 .end_ns = image->crash ? image->crash->time_ns : image->end_ns};
	struct ex_use use;
	ex_use_find(&use, &leads, image->crash, address);
	const struct ex_instruction *i = &use.instruction;
	const char *field = NULL;
	if (i->is_known && i->has_memory && i->is_memory_known && i->memory == address) {
		uint64_t base = i->base >= 0 ? use.regs[i->base] : 0;
		const char *name = i->base >= 0 ? ex_register_name(use.register_count, (unsigned)i->base) : NULL;
		if (!base && name && i->index >= 0 && use.regs[i->index])
			field = ex_format("element %lld (%s) of a null pointer", (long long)use.regs[i->index],
					  ex_register_name(use.register_count, (unsigned)i->index));
		else if (!base && name && address)
			field = ex_format("the field at +0x%llx of a null pointer", (unsigned long long)address);
		ex_rules_evidence(c, "instruction", "%s%s", i->text,
				  name ? ex_format(", with 0x%llx in %s%s%s", (unsigned long long)base, name,
						   field ? ": " : "", field ? field : "")
				       : "");
	}
	if (t->crash_frames)
		c->cause = ex_format("%s used a null pointer: the fault is at address 0x%llx, in the first page%s%s.",
				     ex_rules_frame_text(&t->crash_stack[0]), (unsigned long long)address,
				     field ? ", " : "", field ? field : "");
}

void ex_rules_null(struct ex_findings *findings, const struct ex_facts *facts)
{
	const char *why = not_null(findings, facts);
	if (why) {
		ex_rules_exclude(findings, EX_VERDICT_NULL_DEREFERENCE, why);
		return;
	}
	struct ex_candidate *c = ex_rules_candidate(findings, EX_VERDICT_NULL_DEREFERENCE);
	if (!c)
		return;
	const struct ex_ev_crash *crash = EX_EVENT(facts->processes->judged->crash, crash);
	if (crash->pc == crash->address)
		say_call(c, facts->teardown, crash->pc);
	else
		say_field(c, facts, crash->address);
	if (findings->lost.text)
		c->evidence[c->evidence_count++] = findings->lost;
}
