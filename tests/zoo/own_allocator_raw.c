/* expect: a library to preload; with OWNALLOC_DESTROY=1 its exit handler unmaps the heap by a raw system call */
#define POOL_LET_GO syscall(SYS_munmap, the_pool, POOL_BYTES)
#include "own_allocator.h"
