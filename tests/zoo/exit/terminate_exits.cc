// an exception out of main, and a terminate handler that exits
// row: handler own
// ends: exit 21
#include <exception>
#include "parts.h"

extern "C" PART own(void) { MARK("own"); }

int main()
{
	atexit(own);
	std::set_terminate([] { exit(21); });
	throw 1;
}
