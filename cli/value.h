/*
 * value.h: what a word looks like that leads nowhere: text, a time, a number, bytes that some allocator or debugger fills
 * memory with. A clue for people, who then know whose word it was; nothing is concluded from it.
 */
#ifndef EX_VALUE_H
#define EX_VALUE_H

#include <stdint.h>

/* "text \"abcdefgh\"", "seconds since 1970: 2026-11-21 …", NULL: it looks like nothing that is known. now_s: of the run, since
 * 1970, 0 = not known */
const char *ex_value_text(uint64_t word, uint64_t now_s);

#endif
