/*
 * text.h: text made out of values. It lives as long as the process, as all memory of the command does.
 */
#ifndef EX_TEXT_H
#define EX_TEXT_H

#include <stdint.h>

const char *ex_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* for people: "12.3 us", "32.1 MiB" */
const char *ex_duration_text(uint64_t ns);
const char *ex_bytes_text(uint64_t bytes);

#endif
