/*
 * experiment_stack.c: the arms of stack-overflow, and what they showed. See experiment.h. A larger stack either cures, or is used up
 * as well, only later: both say that it was the stack that ended. So runs are told by how large the stack was that they used up.
 */
#include "experiment.h"

#include "stack.h"
#include "text.h"
#include "wire.h"

#define TIMES 8 /* as large: what needs twice or four times as much is cured, and recursion without end is not */
#define LEAST_BYTES (1ull << 20)

uint64_t ex_run_overflow_bytes(const struct ex_run *run)
{
	struct ex_fault fault;
	struct ex_overflow o;
	if (!run->processes || !run->processes->judged)
		return 0;
	ex_fault_find(&fault, run->processes->judged);
	ex_overflow_find(&o, run->processes->judged, &fault);
	return o.why_not ? 0 : ex_overflow_bytes(&o);
}

/* memory that is refused is another cause of a stack that does not grow */
void ex_experiment_plan_stack(struct ex_experiment *x, const struct ex_candidate *c)
{
	uint64_t bytes = c->stack_bytes * TIMES, enough = c->stack_bytes + c->frame_bytes + c->frame_bytes / 4;
	bytes = bytes < LEAST_BYTES ? LEAST_BYTES : bytes > EX_STACK_SIZE_MAX_BYTES ? EX_STACK_SIZE_MAX_BYTES : bytes;
	bytes = (bytes > enough ? bytes : enough + LEAST_BYTES - 1) / LEAST_BYTES * LEAST_BYTES;
	if (!c->stack_bytes || c->stack_bytes * 2 > bytes || bytes > EX_STACK_SIZE_MAX_BYTES)
		return;
	x->arms[0]->measure = EX_MEASURE_STACK;
	x->arms[0]->amount = bytes / 2;
	ex_experiment_arm(x,
			  &(struct ex_arm){.name = "larger",
					   .role = EX_ROLE_CONFIRM,
					   .measure = EX_MEASURE_STACK,
					   .treatment = ex_format("stack-size=%lluM", (unsigned long long)bytes >> 20),
					   .treated = EX_TREATED_ACCEPTED,
					   .amount = bytes / 2});
	ex_experiment_arm(x, &(struct ex_arm){.name = "raise",
					      .role = EX_ROLE_CONTROL,
					      .measure = EX_MEASURE_STACK,
					      .treatment = "limits=raise",
					      .treated = EX_TREATED_ACCEPTED,
					      .amount = bytes / 2});
}

void ex_experiment_tell_stack(struct ex_experiment *x, const struct ex_candidate *c, unsigned first)
{
	for (unsigned a = first; a < x->arm_count; a++) {
		const struct ex_arm *arm = x->arms[a];
		unsigned counted = ex_arm_counted(arm), again = 0, bad = 0;
		uint64_t most = 0;
		if (arm->role != EX_ROLE_CONFIRM || !counted)
			continue;
		for (unsigned i = 0; i < arm->count; i++) {
			uint64_t bytes = ex_run_counts(arm, &arm->runs[i]) ? ex_run_overflow_bytes(&arm->runs[i]) : 0;
			again += bytes != 0;
			bad += ex_run_counts(arm, &arm->runs[i]) && ex_run_ended_badly(&arm->runs[i]);
			most = bytes > most ? bytes : most;
		}
		ex_experiment_evidence(
			x, "larger",
			again == counted
				? ex_format("with %s it used up %s as well, in %u of %u runs: %s", arm->treatment,
					    ex_bytes_text(most), again, counted,
					    c->frame_bytes
						    ? "one frame takes more than that"
						    : "no stack is large enough for this, it is recursion without end")
			: !bad ? ex_format("with %s it lived, in %u of %u runs: it needs more stack than it has",
					   arm->treatment, counted, counted)
			       : ex_format("with %s %u of %u runs used up the larger stack, and %u ended badly in "
					   "another "
					   "way",
					   arm->treatment, again, counted, bad - again));
		if (again == counted && !c->frame_bytes)
			x->advice = "the stack shows which calls go round: one of them misses the condition to end";
		else if (!bad)
			x->advice = "give it a larger stack: ulimit -s, pthread_attr_setstacksize, RUST_MIN_STACK, the "
				    "thread "
				    "pool's own setting\n"
				    "or use less: large arrays belong on the heap, deep recursion into a loop";
	}
}
