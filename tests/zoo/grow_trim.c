/* expect: exit 0. Two threads, each more than one heap's worth of blocks, given back newest first: heaps shrink and are
 * deleted; then every second block of many, and malloc_trim gives back the pages between */
#include <malloc.h>
#include "grow.h"

/* only the first page of each is touched, and none is large enough for a mapping of its own */
#define BLOCK_BYTES (64 << 10)

static void *body(void *unused)
{
	struct grow_block *newest = NULL;
	for (int i = 0; i < 2200; i++)
		if (!(newest = grow_block(BLOCK_BYTES, newest)))
			GROW_FAIL("malloc");
	grow_free(newest);
	struct grow_block *kept = NULL, *gone = NULL;
	for (int i = 0; i < 100; i++) {
		kept = grow_block(BLOCK_BYTES, kept);
		gone = grow_block(BLOCK_BYTES, gone);
		if (!kept || !gone)
			GROW_FAIL("malloc");
	}
	grow_free(gone);
	malloc_trim(0);
	grow_free(kept);
	return unused;
}

int main(void)
{
	GROW_MARK("begin");
	grow_threads(2, body);
	body(NULL);
	return grow_done();
}
