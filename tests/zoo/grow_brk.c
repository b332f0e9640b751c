/* expect: exit 0. The main thread takes MIB MiB (16) in small blocks and gives them back, ROUNDS times (2): the break goes
 * up in many steps and down again */
#include "grow.h"

int main(int argc, char **argv)
{
	size_t bytes = (size_t)grow_argument(argc, argv, 1, 16) << 20;
	int rounds = grow_argument(argc, argv, 2, 2);
	GROW_MARK("begin");
	for (int i = 0; i < rounds; i++)
		grow_free(grow_small(bytes, 1, NULL));
	return grow_done();
}
