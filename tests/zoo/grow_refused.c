/* expect: exit 0. Takes 64 MiB, and says whether malloc ever refused, and with which errno */
#include <errno.h>
#include <string.h>
#include "grow.h"

int main(void)
{
	struct grow_block *newest = NULL;
	int refused = 0, others = 0;
	GROW_MARK("begin");
	for (int i = 0; i < 64 * 16; i++) {
		errno = EBADF;
		struct grow_block *block = grow_block(64 << 10, newest);
		if (block) {
			newest = block;
			others += errno != EBADF;
		} else {
			refused++;
			others += errno != ENOMEM;
		}
	}
	grow_free(newest);
	if (others)
		return puts("another errno"), 1;
	puts(refused ? "NULL with ENOMEM" : "never NULL");
	GROW_MARK("end");
	return 0;
}
