/* expect: signal 6; the abort happens inside libc */
#undef NDEBUG
#include <assert.h>
int main(int argc, char **argv)
{
	(void)argv;
	assert(argc == 1107);
	return 0;
}
