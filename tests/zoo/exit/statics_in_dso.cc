// row: main-end main
// row: handler OfExe::~OfExe()
// row: fini last
// row: fini library_last
// row: handler OfLibrary::~OfLibrary()
// ends: exit 0
#include "parts.h"

struct OfExe {
	int n = 1;
	__attribute__((noinline)) ~OfExe() { MARK("OfExe::~OfExe()"); }
};
extern "C" int statics_dso(void);
static OfExe of_exe;
extern "C" DESTRUCTOR last(void) { MARK("last"); }

int main() { return of_exe.n - statics_dso(); }
