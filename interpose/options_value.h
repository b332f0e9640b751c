/*
 * options_value.h: values of settings, from text and back.
 */
#ifndef EX_OPTIONS_VALUE_H
#define EX_OPTIONS_VALUE_H

#include <stdint.h>

#include "text.h"

int64_t ex_value_size(const char *s); /* "16", "8K", "64M", "1G"; -1 when it is none of these */
int ex_value_flag(const char *s);     /* 1, 0, or -1 */
/* these leave what they should set alone, and note a refusal, when the value does not parse */
void ex_set_flag(int *flag, const char *key, const char *value);
void ex_set_size(uint64_t *bytes, uint64_t max, const char *key, const char *value);
/* to has room for EX_OPTION_MAX_BYTES */
void ex_set_text(char *to, const char *value);

/* " key=value" of the EXEUNT variable, blanks and the like as %XX */
void ex_put_value(struct ex_buffer *b, const char *value);
void ex_put_pair(struct ex_buffer *b, const char *key, const char *value);
void ex_put_pair_number(struct ex_buffer *b, const char *key, uint64_t value);

/* the settings of the teardown: options_teardown.c. 0 when the key is none of theirs */
int ex_options_set_teardown(const char *key, const char *value);
void ex_options_put_teardown(struct ex_buffer *b);
struct ex_spec;
/* HANDLER: 1, or 0 when it is none; the spec points into s */
int ex_value_spec(struct ex_spec *spec, const char *s);
/* one of these words: its place, or -1 */
int ex_value_word(const char *s, const char *const *words, int count);

/* the settings of sandboxes and crashes: options_sandbox.c. 0 when the key is none of theirs */
int ex_options_set_sandbox(const char *key, const char *value);
void ex_options_put_sandbox(struct ex_buffer *b);

/* the settings of treatment guard: options_guard.c. 0 when the key is none of theirs */
int ex_options_set_guard(const char *key, const char *value);
void ex_options_put_guard(struct ex_buffer *b);

/* the settings of watch: options_watch.c. 0 when the key is none of theirs */
int ex_options_set_watch(const char *key, const char *value);
void ex_options_put_watch(struct ex_buffer *b);

/* the settings of copies of the process: options_clone.c. 0 when the key is none of theirs */
int ex_options_set_clone(const char *key, const char *value);
void ex_options_put_clone(struct ex_buffer *b);

/* the settings of LLVM profiles: options_profile.c. 0 when the key is none of theirs */
int ex_options_set_profile(const char *key, const char *value);
void ex_options_put_profile(struct ex_buffer *b);

/* the settings of growth: options_growth.c. 0 when the key is none of theirs */
int ex_options_set_growth(const char *key, const char *value);
void ex_options_put_growth(struct ex_buffer *b); /* those that are not as they are by default */

#endif
