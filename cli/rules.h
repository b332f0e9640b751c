/*
 * rules.h: from the recorded facts of one run to the causes that could explain it. Pure: reads what the trace says
 * and nothing else; runs nothing. No rule may look at a name: with every symbol and allocator name gone the
 * candidates are the same, only the sentences change.
 */
#ifndef EX_RULES_H
#define EX_RULES_H

#include "profiles.h"
#include "teardown.h"

enum ex_verdict {
#define VERDICT(NAME, name, cause, evidence, confirm, control, advice) EX_VERDICT_##NAME,
#include "verdicts.def"
#undef VERDICT
	EX_VERDICT_COUNT
};

struct ex_verdict_meta {
	const char *name, *cause, *evidence, *confirm, *control, *advice;
};

extern const struct ex_verdict_meta ex_verdicts[];

struct ex_contention;

/* mixed-profile-layouts: how far the process came */
enum ex_mixed {
	EX_MIXED_RECORDING, /* it died in a function that records values, which was given a record of another layout */
	EX_MIXED_WRITING,   /* it died while the profile was written */
	EX_MIXED_NOTHING,   /* it ended well, and left no whole profile */
};

struct ex_facts {
	const struct ex_processes *processes;
	int is_bad;				/* the run's outcome is */
	const struct ex_contention *contention; /* NULL: not measured */
	const struct ex_teardown *teardown;	/* of processes->judged; rows may be none */
	int timed_out;				/* we ended it: nothing may be concluded from how it ended */
	int interrupted;			/* so did Ctrl-C */
	int profiles;	      /* whole raw profiles that the run left; -1: nobody knows where they would be */
	int profiles_due;     /* as many as objects that would have left one */
	const char *mismatch; /* what a profile runtime said of another version's records, on standard error; NULL */
};

struct ex_evidence {
	const char *id, *text;
};

struct ex_candidate {
	enum ex_verdict verdict;
	const char *cause;	      /* one sentence that names the handler, or NULL: the table's */
	const struct ex_row *handler; /* H, or NULL */
	const struct ex_row *writer;
	int can_keep;		   /* H took the memory by a call that keep=exit reaches */
	const struct ex_row *sham; /* the handler next to H whose skip must change nothing; NULL: there is none */
	const char *handler_name, *sham_name; /* as skip= takes them */
	int by_signal;			      /* profile-lost: a signal ended it, so that only salvage can help */
	int cannot_salvage;		      /* nor that: nothing in the process sees that signal */
	const struct ex_profile *profile;     /* of which there is none whole because its records are mixed; NULL */
	enum ex_mixed mixed;
	const char *recorders;	/* functions that record values, as value-profile= takes them; NULL: they have names */
	const char *doubt;	/* why this alone is no verdict, so that an arm must cure; NULL: none */
	uint64_t refused_bytes; /* growth-refused: where so much or less is refused, memory is still short */
	uint64_t caller_offset; /* foreign-free: of the call, in its module */
	uint64_t limit;		/* host-mapping-exhaustion: of the host's mappings */
	int is_code;		/* double-unmap: of memory that was executable */
	int was_code;		/* the first time too */
	uint64_t stack_bytes;	/* stack-overflow: of a stack that stack-size can make larger, 0 */
	uint64_t frame_bytes;	/* stack-overflow: what one frame took more than was left, 0 */
	int is_before;		/* heap-overflow: it was written before its beginning */
	uint64_t site;		/* heap-overflow, use-after-free, double-free: whose block it was */
	const char *word;	/* stray-kernel-write: as watch= takes it */
	unsigned arenas, arenas_enough; /* arena-contention: as many as there were; as many as none would be shared */
	struct ex_evidence evidence[12];
	unsigned evidence_count;
};

struct ex_exclusion {
	enum ex_verdict verdict;
	const char *why;
};

struct ex_findings {
	struct ex_candidate candidates[12]; /* in order of precedence */
	unsigned count;
	struct ex_exclusion excluded[32];
	unsigned excluded_count;
	struct ex_evidence death; /* how the judged process ended; text NULL when it is not known */
	struct ex_evidence taken; /* the handler that took the memory which the fault was on; text NULL when none did */
	struct ex_evidence lost;  /* its profile went with it; text NULL when not so */
};

void ex_rules_apply(struct ex_findings *findings, const struct ex_facts *facts);
void ex_rules_exclude(struct ex_findings *findings, enum ex_verdict verdict, const char *why);
void ex_rules_evidence(struct ex_candidate *candidate, const char *id, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* images that had a profile writer, left without running it, and did not leave by exec */
unsigned ex_rules_lost_profiles(const struct ex_processes *processes);
/* "module+0x12", or "#3" for a handler outside every module */
const char *ex_rules_row_name(const struct ex_row *row);

/* "module+0x12 (function)" */
const char *ex_rules_frame_text(const struct ex_place *place);

/* rules_rows.c: pieces that rules share */
/* a handler that can be named to a treatment, ran and returned by then */
int ex_rules_has_ended_by(const struct ex_row *row, uint64_t end_ns);
int ex_rules_row_contains(const struct ex_row *outer, const struct ex_row *inner);
/* the handler whose skip must change nothing: nearest to H, neither around H or the writer nor inside H, and
 * it registered neither of them */
const struct ex_row *ex_rules_sham(const struct ex_teardown *teardown, const struct ex_row *handler,
				   const struct ex_row *writer);
/* the writer that was running when the process died, and how many of the innermost frames belong to its call */
const struct ex_row *ex_rules_writer_at_death(const struct ex_teardown *teardown, int *frames_inside);
/* first frame below `frames` that is an allocation function as the process binds it; -1; symbol may be NULL */
int ex_rules_entry_frame(const struct ex_teardown *teardown, int frames, const char **symbol);
/* the handler that ended before end_ns and took the memory that the fault was on, NULL */
const struct ex_row *ex_rules_taker(const struct ex_teardown *teardown, const struct ex_row *except, uint64_t end_ns,
				    const struct ex_ev_crash *crash, const struct ex_took **took);
#define EX_FIRST_PAGE_BYTES 4096 /* the verdict table's words; no kernel lets programs map below it by default */
/* si_addr is the memory that was touched */
int ex_rules_is_memory_fault(const struct ex_ev_crash *crash);

/* rules_lead.c: from a death back to the handler that made it */
struct ex_lead {
	const struct ex_row *handler; /* H */
	const struct ex_took *took;   /* the memory that the fault was on; NULL: the allocator no more answered */
	int is_dead;		      /* trial allocations were answered before H and failed after it */
	unsigned alive_count;
	int entry; /* frame of an allocation function, -1 */
	const char *symbol;
	const char *damaged;		/* why a handler after which allocation failed is not H, NULL */
	const struct ex_row *discarded; /* the fault is in the first page, and this handler made memory read as zero */
	int can_keep;
};
/* of the process' crash, in any thread, whatever ran when it died; 0: there is none */
int ex_rules_lead(struct ex_lead *lead, const struct ex_teardown *teardown);
void ex_rules_say_lead(struct ex_candidate *candidate, const struct ex_teardown *teardown, const struct ex_lead *lead);
/* the handler after which the allocator stopped to answer and never did again; alive_count: probes before it */
const struct ex_row *ex_rules_killer(const struct ex_teardown *teardown, const struct ex_row *except, uint64_t end_ns,
				     unsigned *alive_count);
/* why H may only have damaged the heap that entry's call was of, NULL */
const char *ex_rules_only_damaged(const struct ex_teardown *teardown, const struct ex_row *handler, int entry);
const char *ex_rules_described(const struct ex_row *row);
void ex_rules_say_taken(struct ex_candidate *candidate, const struct ex_ev_crash *crash, const struct ex_took *took);
void ex_rules_say_dead(struct ex_candidate *candidate, const struct ex_teardown *teardown, unsigned alive_count);
/* a new candidate with the death as its first evidence; NULL: there are too many */
struct ex_candidate *ex_rules_candidate(struct ex_findings *findings, enum ex_verdict verdict);
void ex_rules_blame(struct ex_candidate *candidate, const struct ex_teardown *teardown, const struct ex_lead *lead);
/* rules_who.c: "WHAT by thread N, 3 ms before the end: who" */
void ex_rules_say_event(struct ex_candidate *candidate, const struct ex_teardown *teardown, const char *id,
			const char *what, const struct ex_event *event, uint64_t end_ns);
/* rules_exit_list.c: the death was in libc's function that runs exit handlers, in no handler */
int ex_rules_is_in_runner(const struct ex_teardown *teardown);
/* rules_unloaded.c: the module that was there and is unloaded, NULL */
const struct ex_module *ex_rules_unloaded_at(const struct ex_image *image, uint64_t address, uint64_t time_ns);

/* the rules: each adds candidates or an exclusion */
void ex_rules_mixed_layouts(struct ex_findings *findings, const struct ex_facts *facts);
void ex_rules_exit_list(struct ex_findings *findings, const struct ex_facts *facts);
void ex_rules_heap(struct ex_findings *findings, const struct ex_facts *facts);
void ex_rules_unloaded_module(struct ex_findings *findings, const struct ex_facts *facts);
void ex_rules_threads(struct ex_findings *findings, const struct ex_facts *facts);
void ex_rules_foreign_free(struct ex_findings *findings, const struct ex_facts *facts);
void ex_rules_profile_after_teardown(struct ex_findings *findings, const struct ex_facts *facts);
void ex_rules_profile_lost(struct ex_findings *findings, const struct ex_facts *facts);
void ex_rules_host_mappings(struct ex_findings *findings, const struct ex_facts *facts);
void ex_rules_fault_code(struct ex_findings *findings, const struct ex_facts *facts);
void ex_rules_dangling_code(struct ex_findings *findings, const struct ex_facts *facts);
void ex_rules_write_xor_execute(struct ex_findings *findings, const struct ex_facts *facts);
void ex_rules_double_unmap(struct ex_findings *findings, const struct ex_facts *facts);
/* behind ex_rules_dangling_code: which of the two is tried first */
void ex_rules_order_unmap(struct ex_findings *findings);
void ex_rules_growth_refused(struct ex_findings *findings, const struct ex_facts *facts);
void ex_rules_stack(struct ex_findings *findings, const struct ex_facts *facts);
void ex_rules_arena_contention(struct ex_findings *findings, const struct ex_facts *facts);
void ex_rules_null(struct ex_findings *findings, const struct ex_facts *facts);
void ex_rules_wild(struct ex_findings *findings, const struct ex_facts *facts);
/* of an object with a writer, whose records are not all its runtime's; NULL */
const struct ex_profile *ex_rules_mixed_profile(const struct ex_image *image);
/* distinct objects of the command whose writers registered, where one of them has such records; else 1 */
int ex_rules_profiles_due(const struct ex_processes *processes);
/* rules_layouts.c: the same in words */
const char *ex_rules_mixed_cause(const struct ex_profile *profile, enum ex_mixed mixed);
void ex_rules_say_layouts(struct ex_candidate *candidate, const struct ex_profile *profile);
/* the first process that has such an object, ran its writer and ended well; NULL */
struct ex_image *ex_rules_left_unwritten(const struct ex_processes *processes);
/* a process that had a writer of its own, did not run it, and did not leave by exec or a plain exit */
int ex_rules_leaves_without_writing(const struct ex_image *image);
/* at its turn or in an early flush, whatever became of that */
int ex_rules_writer_began(const struct ex_teardown *teardown);

#endif
