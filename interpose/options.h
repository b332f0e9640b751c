/*
 * options.h: the values of options.def as the target's environment gave them. Read once, at the start of an image.
 */
#ifndef EX_OPTIONS_H
#define EX_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "wire.h"

/* one HANDLER: "#n", "module+0xoffset" or "symbol" */
struct ex_spec {
	uint32_t row;	    /* #n, else 0 */
	const char *module; /* base name; NULL for a symbol */
	size_t module_length;
	uint64_t offset;
	const char *symbol;
};

enum { EX_CRASH_THREADS_AUTO, EX_CRASH_THREADS_YES, EX_CRASH_THREADS_NO };

struct ex_options {
	char out[EX_OPTION_MAX_BYTES];
	int follow, signals, probe, growth, log_counters, limits_raise;
	int serialize; /* EX_serialize_* */
	uint64_t arenas, grow_step_bytes, seed;
	uint32_t delay_us;	   /* in every growth, 0 = none */
	uint32_t delay_handler_us; /* before the handler delay_at, 0 = none */
	struct ex_spec delay_at;
	int fail_error;			/* errno, 0 = none */
	uint64_t fail_from, fail_count; /* the growths that are refused, the first is 1 */
	uint64_t stack_bytes, limit_bytes;
	int flush_point; /* EX_point_*, -1 = none */
	struct ex_spec flush_at;
	uint32_t flush_signal, flush_every_s; /* at EX_point_SIGNAL, EX_point_EVERY */
	int salvage, value_profile_off;
	struct ex_spec returns[EX_RETURNS_MAX]; /* functions that value-profile=off names */
	int returns_count;
	char salvage_to[EX_OPTION_MAX_BYTES], value_profile_text[EX_OPTION_MAX_BYTES];
	int clone_point;	   /* EX_point_*, -1 = none */
	struct ex_spec clone_spec; /* at EX_point_BEFORE, EX_point_CALL */
	uint64_t clone_n;	   /* that time alone, 0 = each */
	uint64_t clones, clone_life_s;
	uint32_t clone_every_s;
	char clone_text[EX_OPTION_MAX_BYTES],
		clone_name[EX_OPTION_MAX_BYTES]; /* the setting; what the spec points into */
	struct ex_spec skip[EX_SKIP_MAX], defer[EX_SKIP_MAX], first[EX_SKIP_MAX], enter[EX_ENTER_MAX];
	int skip_count, defer_count, first_count, enter_count;
	uint64_t host_mappings, ballast;
	uint64_t stack_size_bytes;
	int rescue, fix_si_code;
	int crash_threads; /* EX_CRASH_THREADS_* */
	int keep_exit, keep_modules, keep_code, keep_always;
	uint64_t keep_limit_bytes;
	int guard; /* EX_guard_* */
	uint64_t guard_sites[EX_GUARD_SITES_MAX], guard_sample, guard_frames;
	int guard_site_count, guard_starts;
	char guard_text[EX_OPTION_MAX_BYTES];
	char watch_text[EX_OPTION_MAX_BYTES];
	int watch_by, aslr_off;
	int free_own, scribble, park_threads, fast_exit;
	/* the specs point into these, cut at their commas */
	char flush_text[EX_OPTION_MAX_BYTES], skip_text[EX_OPTION_MAX_BYTES], defer_text[EX_OPTION_MAX_BYTES];
	char first_text[EX_OPTION_MAX_BYTES], enter_text[EX_OPTION_MAX_BYTES], delay_handler[EX_OPTION_MAX_BYTES];
	char delay_text[EX_OPTION_MAX_BYTES], fail_text[64];
	char all[8 * EX_OPTION_MAX_BYTES]; /* "EXEUNT=..." as children must find it */
};

extern struct ex_options ex_options __attribute__((visibility("hidden")));

/* value of the EXEUNT variable, or NULL; what is not understood is left alone and kept for ex_options_refused */
void ex_options_read(const char *value);
void ex_options_set_out(const char *dir);
/* puts the EXEUNT text for children together: after out is known */
void ex_options_settle(void);
/* calls back with what could not be honoured: why is EX_refusal_* */
void ex_options_refused(void (*each)(int why, const char *option));
/* one more of these; why is EX_refusal_* */
void ex_options_refuse(int why, const char *key, const char *value);
/* whether profiles are written from memory: asked for, or because flush needs it */
int ex_options_salvages(void);
/* the value of setting serialize, as it is written */
const char *ex_options_serialize(void);

#endif
