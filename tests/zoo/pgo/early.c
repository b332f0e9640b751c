/* expect: a part that works in a constructor, as an allocator does that somebody calls before main */
#include "part.h"

__attribute__((constructor)) static void early(void)
{
	part_steps(2);
}
