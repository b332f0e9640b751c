// row: main-end main
// row: handler own
// row: handler counted x70
// ends: exit 70
#include "parts.h"

int many_dso(void);
PART own(void)
{
	MARK("own");
}

int main(void)
{
	atexit(own);
	return many_dso();
}
