/*
 * host.h: a process image that ran in a gVisor sandbox: what it cost the sandbox's host in mappings, and whether anybody
 * saw its end. Out of the events SANDBOX, BALLAST and GROWTH.
 */
#ifndef EX_HOST_H
#define EX_HOST_H

#include "process.h"

/*
 * Of the limit: from here on an estimate counts as near it. Measured at the moment of death (2, 4 and 8 threads; Debian's
 * 20221219, ptrace; 20260905, systrap and ptrace): the estimate was 63915 to 66419 where the host had 65530, 2.5 % less to
 * 1.4 % more. What no growth tells of, threads' stacks and libraries, is some hundred mappings more.
 */
#define EX_HOST_NEAR 0.90
/* so far above it the limit must be another one */
#define EX_HOST_BEYOND 1.25

struct ex_host {
	const struct ex_event *sandbox; /* NULL: it did not run in a gVisor */
	uint64_t limit;			/* mappings that the host allows, as the option host-mappings says */
	uint64_t least, worst;		/* estimates of what its growth took, as in growth.h; ballast counts */
	uint64_t ballast;
	uint64_t growths, switches; /* of arenas; of these, after one of another arena */
	uint64_t last_growth_ns;    /* 0: none */
};

void ex_host_find(struct ex_host *host, const struct ex_image *image);
/* the SANDBOX of the image, or of what it was forked from, where that is a gVisor; NULL */
const struct ex_event *ex_host_sandbox(const struct ex_image *image);
/*
 * Its end was not its own doing, as far as anybody saw: no fault, no call that ends it. The whole sandbox may have gone (a panic
 * of the Sentry, status 2; kill -9 of it), or only the process, so suddenly that no handler of a signal could begin.
 */
int ex_host_is_unseen(const struct ex_processes *processes, const struct ex_image *image);
int ex_host_is_near(const struct ex_host *host);
/* "63915 to 66446 mappings of the 65530 that its host allows" */
const char *ex_host_text(const struct ex_host *host);

#endif
