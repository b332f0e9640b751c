/*
 * experiment_plan.c: which arms a candidate cause gets: the treatments that must cure if it is true, and one that must
 * not, because it treats a rival cause. docs/verdicts.md says why these.
 */
#include "experiment.h"

#include "text.h"

static struct ex_arm *plan_teardown(struct ex_experiment *x, const struct ex_candidate *c)
{
	struct ex_arm *flush =
		ex_experiment_arm(x, &(struct ex_arm){.name = "flush",
						      .role = EX_ROLE_CONFIRM,
						      .measure = EX_MEASURE_OUTCOME_PROFILE,
						      .treatment = ex_format("flush=before:%s", c->handler_name),
						      .treated = EX_TREATED_FLUSHED});
	ex_experiment_arm(x, &(struct ex_arm){.name = "skip",
					      .role = EX_ROLE_CONFIRM,
					      .treatment = ex_format("skip=%s", c->handler_name),
					      .treated = EX_TREATED_SKIPPED});
	/* no other handler to leave out: then the same treatment at the wrong time must change nothing */
	if (c->sham)
		ex_experiment_arm(x, &(struct ex_arm){.name = "sham",
						      .role = EX_ROLE_CONTROL,
						      .treatment = ex_format("skip=%s", c->sham_name),
						      .treated = EX_TREATED_SKIPPED});
	else
		ex_experiment_arm(x, &(struct ex_arm){.name = "late",
						      .role = EX_ROLE_CONTROL,
						      .treatment = ex_format("flush=after:%s", c->handler_name),
						      .treated = EX_TREATED_FLUSHED});
	return flush;
}

static void plan_skip(struct ex_experiment *x, const struct ex_candidate *c)
{
	ex_experiment_arm(x, &(struct ex_arm){.name = "skip",
					      .role = EX_ROLE_CONFIRM,
					      .treatment = ex_format("skip=%s", c->handler_name),
					      .treated = EX_TREATED_SKIPPED});
}

/* the handler next to H left out; where there is none, libraries that stay loaded: a rival cause's treatment */
static void plan_sham(struct ex_experiment *x, const struct ex_candidate *c, enum ex_treated treated)
{
	if (c->sham)
		ex_experiment_arm(x, &(struct ex_arm){.name = "sham",
						      .role = EX_ROLE_CONTROL,
						      .treatment = ex_format("skip=%s", c->sham_name),
						      .treated = treated});
	else
		ex_experiment_arm(x, &(struct ex_arm){.name = "modules",
						      .role = EX_ROLE_CONTROL,
						      .treatment = "keep=modules",
						      .treated = EX_TREATED_ACCEPTED});
}

/* memory that H took by no call that we see cannot be kept: that is no arm then, and no refutation */
static struct ex_arm *plan_taken(struct ex_experiment *x, const struct ex_candidate *c)
{
	plan_skip(x, c);
	if (c->can_keep)
		ex_experiment_arm(x, &(struct ex_arm){.name = "keep",
						      .role = EX_ROLE_CONFIRM,
						      .treatment = "keep=exit",
						      .treated = EX_TREATED_KEPT});
	plan_sham(x, c, EX_TREATED_SKIPPED);
	return NULL;
}

/* a thread that spoils its own memory is cured by being stopped too; leaving out H does not cure that */
static struct ex_arm *plan_threads(struct ex_experiment *x, const struct ex_candidate *c)
{
	ex_experiment_arm(x, &(struct ex_arm){.name = "park",
					      .role = EX_ROLE_CONFIRM,
					      .treatment = "park-threads=yes",
					      .treated = EX_TREATED_PARKED});
	plan_skip(x, c);
	/* the thread may die before that handler's turn. Were only those runs counted in which it comes, they would be
	 * chosen by their outcome */
	plan_sham(x, c, EX_TREATED_ACCEPTED);
	return NULL;
}

static struct ex_arm *plan_unloaded(struct ex_experiment *x)
{
	ex_experiment_arm(x, &(struct ex_arm){.name = "modules",
					      .role = EX_ROLE_CONFIRM,
					      .treatment = "keep=modules",
					      .treated = EX_TREATED_PINNED});
	ex_experiment_arm(x, &(struct ex_arm){.name = "keep",
					      .role = EX_ROLE_CONTROL,
					      .treatment = "keep=exit",
					      .treated = EX_TREATED_ACCEPTED});
	return NULL;
}

/* both arms have the library with malloc wrapped: that it is there must not be the cure */
static struct ex_arm *plan_foreign(struct ex_experiment *x, const struct ex_candidate *c)
{
	ex_experiment_arm(x, &(struct ex_arm){.name = "own",
					      .role = EX_ROLE_CONFIRM,
					      .treatment = "free=own",
					      .treated = EX_TREATED_FOREIGN,
					      .amount = c->caller_offset});
	ex_experiment_arm(x, &(struct ex_arm){.name = "serialize",
					      .role = EX_ROLE_CONTROL,
					      .treatment = "serialize=malloc",
					      .treated = EX_TREATED_ACCEPTED});
	return NULL;
}

/* the runtime's writer, or ours where that cannot: it has no turn in a process that a signal ends, and dies of records that
 * it misreads. None for a signal that nothing in the process sees */
static struct ex_arm *plan_lost(struct ex_experiment *x, const struct ex_candidate *c)
{
	struct ex_arm *flush = NULL, *salvage = NULL;
	x->arms[0]->measure = EX_MEASURE_PROFILE;
	if (!c->by_signal && !c->profile)
		flush = ex_experiment_arm(x, &(struct ex_arm){.name = "flush",
							      .role = EX_ROLE_CONFIRM,
							      .measure = EX_MEASURE_PROFILE,
							      .treatment = "flush=exit",
							      .treated = EX_TREATED_FLUSHED});
	if (!c->cannot_salvage)
		/* one cure is enough: a second would only ask for more runs */
		salvage = ex_experiment_arm(x, &(struct ex_arm){.name = "salvage",
								.role = flush ? EX_ROLE_EXPLORE : EX_ROLE_CONFIRM,
								.measure = EX_MEASURE_PROFILE,
								.treatment = "salvage=yes",
								.treated = EX_TREATED_SALVAGED});
	return flush ? flush : salvage;
}

/* the rival cause is a race between threads that grow. Fewer arenas would not do: each takes 64 MiB of address space, so
 * that under RLIMIT_AS it may well cure */
static struct ex_arm *plan_refused(struct ex_experiment *x, const struct ex_candidate *c)
{
	ex_experiment_arm(x, &(struct ex_arm){.name = "raise",
					      .role = EX_ROLE_CONFIRM,
					      .treatment = "limits=raise",
					      .treated = EX_TREATED_GRANTED,
					      .amount = c->refused_bytes});
	ex_experiment_arm(x, &(struct ex_arm){.name = "serialize",
					      .role = EX_ROLE_CONTROL,
					      .treatment = "serialize=growth",
					      .treated = EX_TREATED_ACCEPTED});
	return NULL;
}

static struct ex_arm *plan_contention(struct ex_experiment *x, const struct ex_candidate *c)
{
	x->arms[0]->measure = EX_MEASURE_CONTENTION;
	ex_experiment_arm(x, &(struct ex_arm){.name = "more",
					      .role = EX_ROLE_CONFIRM,
					      .measure = EX_MEASURE_CONTENTION,
					      .treatment = ex_format("arenas=%u", c->arenas_enough),
					      .treated = EX_TREATED_MORE,
					      .amount = c->arenas});
	ex_experiment_arm(x, &(struct ex_arm){.name = "same",
					      .role = EX_ROLE_CONTROL,
					      .measure = EX_MEASURE_CONTENTION,
					      .treatment = ex_format("arenas=%u", c->arenas),
					      .treated = EX_TREATED_ACCEPTED});
	return NULL;
}

/* larger steps leave the code as it is, and would cure what the other sandbox verdict is about */
static struct ex_arm *plan_fault_code(struct ex_experiment *x)
{
	ex_experiment_arm(x, &(struct ex_arm){.name = "code",
					      .role = EX_ROLE_CONFIRM,
					      .treatment = "fix-si-code=yes",
					      .treated = EX_TREATED_ACCEPTED});
	ex_experiment_arm(x, &(struct ex_arm){.name = "step",
					      .role = EX_ROLE_CONTROL,
					      .treatment = "grow-step=2M",
					      .treated = EX_TREATED_ALWAYS});
	return NULL;
}

/* What an untreated run does is chance: the place may be empty, or have other code by now. So runs are told by whether they end
 * at the stale use, which none can that keeps nothing. Libraries that stay loaded must not change that. */
static struct ex_arm *plan_code(struct ex_experiment *x)
{
	x->arms[0]->measure = EX_MEASURE_STALE;
	ex_experiment_arm(x, &(struct ex_arm){.name = "keep",
					      .role = EX_ROLE_CONFIRM,
					      .measure = EX_MEASURE_STALE,
					      .treatment = "keep=exec",
					      .treated = EX_TREATED_QUARANTINED});
	ex_experiment_arm(x, &(struct ex_arm){.name = "modules",
					      .role = EX_ROLE_CONTROL,
					      .measure = EX_MEASURE_STALE,
					      .treatment = "keep=modules",
					      .treated = EX_TREATED_ACCEPTED});
	return NULL;
}

/* An address that was never given out again cannot be taken away from anybody. Who uses memory after its own unmapping dies of that
 * with the treatment too, and nobody unmaps a second time. Keeping only code must change nothing, unless it was code */
static struct ex_arm *plan_unmap(struct ex_experiment *x, const struct ex_candidate *c)
{
	x->arms[0]->measure = EX_MEASURE_AGAIN;
	ex_experiment_arm(x, &(struct ex_arm){.name = "keep",
					      .role = EX_ROLE_CONFIRM,
					      .measure = EX_MEASURE_AGAIN,
					      .treatment = "keep=always",
					      .treated = EX_TREATED_QUARANTINED});
	ex_experiment_arm(x, &(struct ex_arm){.name = c->is_code ? "modules" : "code",
					      .role = EX_ROLE_CONTROL,
					      .measure = EX_MEASURE_AGAIN,
					      .treatment = c->is_code ? "keep=modules" : "keep=exec",
					      .treated = EX_TREATED_ACCEPTED});
	return NULL;
}

struct ex_arm *ex_experiment_plan(struct ex_experiment *x, const struct ex_candidate *c)
{
	x->arms[0]->measure = EX_MEASURE_OUTCOME;
	x->arms[0]->wants_all = 0;
	switch (c->verdict) {
	case EX_VERDICT_MIXED_PROFILE_LAYOUTS:
		return ex_experiment_plan_mixed(x, c);
	case EX_VERDICT_PROFILE_AFTER_TEARDOWN:
		return plan_teardown(x, c);
	case EX_VERDICT_PROFILE_LOST:
		return plan_lost(x, c);
	case EX_VERDICT_EXIT_LIST_ON_DEAD_HEAP:
	case EX_VERDICT_HEAP_AFTER_TEARDOWN:
		return plan_taken(x, c);
	case EX_VERDICT_UNLOADED_MODULE:
		return plan_unloaded(x);
	case EX_VERDICT_FOREIGN_FREE:
		return plan_foreign(x, c);
	case EX_VERDICT_THREADS_AT_EXIT:
		return plan_threads(x, c);
	case EX_VERDICT_HOST_MAPPING_EXHAUSTION:
		ex_experiment_plan_host(x, c);
		return NULL;
	case EX_VERDICT_MISREPORTED_FAULT_CODE:
		return plan_fault_code(x);
	case EX_VERDICT_DANGLING_CODE:
		return plan_code(x);
	case EX_VERDICT_DOUBLE_UNMAP:
		return plan_unmap(x, c);
	case EX_VERDICT_HEAP_OVERFLOW:
	case EX_VERDICT_USE_AFTER_FREE:
	case EX_VERDICT_DOUBLE_FREE:
		ex_experiment_plan_blocks(x, c);
		return NULL;
	case EX_VERDICT_STRAY_KERNEL_WRITE:
		ex_experiment_plan_word(x, c);
		return NULL;
	case EX_VERDICT_STACK_OVERFLOW:
		ex_experiment_plan_stack(x, c);
		return NULL;
	case EX_VERDICT_GROWTH_REFUSED:
		return plan_refused(x, c);
	case EX_VERDICT_ARENA_CONTENTION:
		return plan_contention(x, c);
	default:
		return NULL;
	}
}
