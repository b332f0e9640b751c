/* expect: a library to preload; with OWNALLOC_DESTROY=1 its exit handler unmaps the heap by munmap() */
#define POOL_LET_GO munmap(the_pool, POOL_BYTES)
#include "own_allocator.h"
