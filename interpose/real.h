/*
 * real.h: the functions behind the hooks, found by our own look-up (no dlsym: before glibc 2.34 it lives in libdl, and a
 * preload that needs it kills every program that does not link libdl).
 */
#ifndef EX_REAL_H
#define EX_REAL_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

struct timespec;
typedef void (*ex_sighandler)(int);

struct ex_real {
#define HOOK(ret, name, params, group, doc) ret(*name) params;
#define CALL(ret, name, params, doc) ret(*name) params;
#include "hooks.def"
#undef HOOK
#undef CALL
	int is_found; /* the search was made; single pointers may still be NULL */
};

extern struct ex_real ex_real __attribute__((visibility("hidden")));

/* idempotent; cheap when done */
void ex_real_find(void);
/* for a hook of which nothing was found: a library opened since may have brought what it belongs to (before glibc 2.34
 * libpthread and libdl came that way, by libc's own hidden dlopen). Takes the loader's lock. */
void ex_real_find_late(void);
/* calls back with the names of hooks that were not found */
void ex_real_missing(void (*each)(const char *name));

/* errno of the calling thread; a private word when libc has none to give */
int *ex_errno(void);

#define EX_EXPORT __attribute__((visibility("default")))

/* prototypes of all hooks, as the library exports them */
#define HOOK(ret, name, params, group, doc) EX_EXPORT ret name params;
#define CALL(ret, name, params, doc)
#include "hooks.def"
#undef HOOK
#undef CALL

#endif
