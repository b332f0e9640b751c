// a handler that a handler registers runs next
// row: main-end main
// row: handler outer
// row: handler inner
// row: handler innermost
// row: handler first
// ends: exit 0
#include "parts.h"

PART first(void)
{
	MARK("first");
}
PART innermost(void)
{
	MARK("innermost");
}
PART inner(void)
{
	MARK("inner");
	atexit(innermost);
}
PART outer(void)
{
	MARK("outer");
	atexit(inner);
}

int main(void)
{
	atexit(first);
	atexit(outer);
	return 0;
}
