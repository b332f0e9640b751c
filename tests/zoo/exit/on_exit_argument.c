// row: handler takes_two
// row: handler takes_one
// row: handler plain
// ends: exit 15
#include "parts.h"

PART plain(void)
{
	MARK("plain");
}
PART takes_one(int status, void *arg)
{
	MARK("takes_one");
	MUST(status == 15 && !strcmp(arg, "one"));
}
PART takes_two(int status, void *arg)
{
	MARK("takes_two");
	MUST(status == 15 && !strcmp(arg, "two"));
}

int main(void)
{
	atexit(plain);
	on_exit(takes_one, "one");
	on_exit(takes_two, "two");
	exit(15);
}
