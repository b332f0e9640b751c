/*
 * code.h: which memory has been executable since it was mapped, whatever its protection is now: JITs write to their code,
 * make it executable, and may make it writable again before they give it back. Only what the program maps itself: the
 * dynamic linker's own calls do not come to us, and dlclose is told by module.
 */
#ifndef EX_CODE_H
#define EX_CODE_H

#include "ranges.h"

/* mmap or mprotect granted prot to that range. What mmap puts over a range is new: is_new */
void ex_code_note(uintptr_t begin, unsigned long length, int prot, int is_new);
void ex_code_moved(uintptr_t from, unsigned long length, uintptr_t to, unsigned long to_length);
void ex_code_gone(uintptr_t begin, unsigned long length);
/* the first piece of code in there; 0: there is none */
int ex_code_first(uintptr_t begin, uintptr_t end, struct ex_range *piece);
int ex_code_is_in(uintptr_t begin, unsigned long length);
/* there were more pieces than there is room for: some are not known */
int ex_code_is_incomplete(void);

#endif
