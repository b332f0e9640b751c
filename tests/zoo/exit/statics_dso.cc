#include "parts.h"

struct OfLibrary {
	int n = 1;
	__attribute__((noinline)) ~OfLibrary() { MARK("OfLibrary::~OfLibrary()"); }
};
static OfLibrary of_library;
extern "C" int statics_dso(void) { return of_library.n; }
extern "C" DESTRUCTOR library_last(void) { MARK("library_last"); }
