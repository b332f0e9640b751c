/* expect: a library to preload; with OWNALLOC_DESTROY=1 its exit handler forgets the heap: malloc faults in page 0 */
#define POOL_LET_GO the_pool = NULL
#include "own_allocator.h"
