/*
 * swap.h: a bare preload of libexeunt.so whose settings ask for the wrapped malloc family.
 */
#ifndef EX_SWAP_H
#define EX_SWAP_H

/* whether the settings need wrappers that this library does not have */
int ex_swap_is_needed(void);
/* starts the program again with libexeunt-heap.so in our place: before anything of it has run. Returns when it cannot */
void ex_swap(char *const argv[], char *const envp[]);

#endif
