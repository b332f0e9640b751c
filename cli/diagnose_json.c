/*
 * diagnose_json.c: the verdict as the JSON of docs/diagnose.schema.json, which is a contract: every key is always
 * there, addresses are strings in hex.
 */
#include "diagnose.h"

#include "emit_process.h"

#include <string.h>

static void emit_advice(struct ex_emit *emit, const char *advice)
{
	ex_emit_array(emit, "advice");
	while (*advice) {
		size_t length = strcspn(advice, "\n");
		ex_emit_bytes(emit, NULL, advice, length);
		advice += length + (advice[length] == '\n');
	}
	ex_emit_end(emit);
}

static void emit_stack(struct ex_emit *emit, const struct ex_experiment *x, const char *key, enum ex_stack which)
{
	const struct ex_place *frames = NULL;
	int count = ex_diagnose_stack(x, which, &frames);
	ex_emit_frames(emit, key, frames, count);
}

static void emit_arm(struct ex_emit *emit, const struct ex_arm *arm)
{
	unsigned bad = ex_arm_bad(arm), runs = ex_arm_counted(arm);
	struct ex_interval interval = ex_stats_wilson(bad, runs);
	ex_emit_object(emit, NULL);
	ex_emit_text(emit, "name", arm->name);
	ex_emit_text(emit, "role", ex_role_text(arm->role));
	ex_emit_text(emit, "treatment", arm->treatment);
	ex_emit_uint(emit, "runs", runs);
	ex_emit_uint(emit, "bad", bad);
	ex_emit_array(emit, "interval");
	ex_emit_real(emit, NULL, interval.low);
	ex_emit_real(emit, NULL, interval.high);
	ex_emit_end(emit);
	ex_emit_text(emit, "repeat", arm->repeat);
	ex_emit_end(emit);
}

void ex_diagnose_json(const struct ex_experiment *x, FILE *out)
{
	struct ex_emit emit;
	ex_emit_begin(&emit, out);
	ex_emit_object(&emit, NULL);
	ex_emit_text(&emit, "schema", "exeunt.diagnose/1");
	ex_emit_text(&emit, "verdict", ex_verdicts[x->verdict].name);
	ex_emit_text(&emit, "status", ex_status_text(x->status));
	ex_emit_text(&emit, "cause", x->cause);
	emit_advice(&emit, x->advice);
	ex_emit_process(&emit, x->run && x->run->processes ? x->run->processes->judged : NULL);
	ex_emit_array(&emit, "evidence");
	for (unsigned i = 0; i < x->evidence_count; i++) {
		ex_emit_object(&emit, NULL);
		ex_emit_text(&emit, "id", x->evidence[i].id);
		ex_emit_text(&emit, "text", x->evidence[i].text);
		ex_emit_end(&emit);
	}
	ex_emit_end(&emit);
	ex_emit_object(&emit, "stacks");
	emit_stack(&emit, x, "fault", EX_STACK_FAULT);
	emit_stack(&emit, x, "owner", EX_STACK_OWNER);
	emit_stack(&emit, x, "writer", EX_STACK_WRITER);
	ex_emit_end(&emit);
	ex_emit_array(&emit, "excluded");
	for (unsigned i = 0; i < x->findings.excluded_count; i++) {
		ex_emit_object(&emit, NULL);
		ex_emit_text(&emit, "verdict", ex_verdicts[x->findings.excluded[i].verdict].name);
		ex_emit_text(&emit, "why", x->findings.excluded[i].why);
		ex_emit_end(&emit);
	}
	ex_emit_end(&emit);
	ex_emit_array(&emit, "arms");
	for (unsigned i = 0; i < x->arm_count; i++)
		emit_arm(&emit, x->arms[i]);
	ex_emit_end(&emit);
	ex_emit_text(&emit, "trace", x->run ? x->run->ending.dir : NULL);
	ex_emit_end(&emit);
}
