// expect: exit 0; "order_exe quick" 0 by quick_exit; "order_exe exit" 3 by exit()
// row: main-end main
// row: tls-dtor Tls::~Tls()
// row: handler dso_atexit_from_call
// row: handler exe_on_exit
// row: handler exe_atexit_from_main
// row: handler Local::~Local()
// row: handler Global::~Global()
// row: handler exe_atexit_from_constructor
// row: handler exe_atexit_from_constructor_101
// row: fini exe_destructor
// row: fini exe_destructor_101
// row: fini dso_destructor
// row: handler dso_atexit_from_constructor_2
// row: handler dso_atexit_from_constructor
// row: fini dso_destructor_101
// ends: exit 0
#include <cstdlib>
#include <cstring>
#include "mark.h"

extern "C" int order_dso_work(int n);

struct Tls {
	int n = 1;
	__attribute__((noinline)) ~Tls() { MARK("Tls::~Tls()"); }
};
struct Global {
	int n = 2;
	__attribute__((noinline)) ~Global() { MARK("Global::~Global()"); }
};
struct Local {
	int n = 3;
	__attribute__((noinline)) ~Local() { MARK("Local::~Local()"); }
};
static thread_local Tls tls;
static Global global;

extern "C" {
__attribute__((noinline)) void exe_atexit_from_constructor_101() { MARK("exe_atexit_from_constructor_101"); }
__attribute__((noinline)) void exe_atexit_from_constructor() { MARK("exe_atexit_from_constructor"); }
__attribute__((noinline)) void exe_atexit_from_main() { MARK("exe_atexit_from_main"); }
__attribute__((noinline)) void exe_on_exit(int, void *) { MARK("exe_on_exit"); }
__attribute__((noinline)) void exe_at_quick_exit() { MARK("exe_at_quick_exit"); }
__attribute__((constructor(101))) void exe_constructor_101() { atexit(exe_atexit_from_constructor_101); }
__attribute__((constructor)) void exe_constructor() { atexit(exe_atexit_from_constructor); }
__attribute__((destructor(101))) void exe_destructor_101() { MARK("exe_destructor_101"); }
__attribute__((destructor)) void exe_destructor() { MARK("exe_destructor"); }
}

int main(int argc, char **argv)
{
	static Local local;
	const char *how = argc > 1 ? argv[1] : "";
	atexit(exe_atexit_from_main);
	on_exit(exe_on_exit, nullptr);
	at_quick_exit(exe_at_quick_exit);
	if (order_dso_work(tls.n + local.n + global.n) != 7)
		return 1;
	if (!strcmp(how, "quick"))
		quick_exit(0);
	if (!strcmp(how, "exit"))
		exit(3);
	return 0;
}
