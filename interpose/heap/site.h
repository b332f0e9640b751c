/*
 * site.h: allocation sites: the innermost frames of who asked for a block. Rust's vec! and C++'s operator new call malloc from
 * one place for the whole program, so a return address alone says little. An identifier is the same in every run: it is made
 * of module names and offsets.
 */
#ifndef EX_HEAP_SITE_H
#define EX_HEAP_SITE_H

#include "cfi.h"
#include "thread.h"
#include "wire.h"

#define EX_SITES 65536 /* numbers: 1 to this, less one; 0 is a site that there was no room for */
#define EX_SITE_FRAMES_MAX EX_GUARD_FRAMES_MAX

/* the number of the site of a call, made and told by an event when it is new; the first frames by option guard-frames */
uint32_t ex_site_of(uintptr_t pc, uintptr_t sp, uintptr_t fp);
/* whether it is one that option guard=site: names */
int ex_site_is_wanted(uint32_t site);

/* pc, sp and fp of who called a wrapper; in the function with the return address */
#define EX_SITE_CALLER                                                                                                 \
	(uintptr_t) __builtin_return_address(0), EX_FRAME + 2 * sizeof(uintptr_t), *(const uintptr_t *)EX_FRAME

#endif
