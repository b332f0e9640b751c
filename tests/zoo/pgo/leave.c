/* expect: ways out, never instrumented: those of prof_leave.h, and crashes that are nobody's but the program's */
#include "part.h"
#include "../prof_leave.h"

/* what a record's counters, read as an address, would be too: 2 */
static void use_null(void)
{
	volatile char *volatile nothing = NULL;
	nothing[2] = 1;
}
int leave(const char *how)
{
	if (!strcmp(how, "part-call")) {
		part_table[0] = NULL;
		part_steps(2);
	}
	if (!strcmp(how, "null"))
		use_null();
	if (!strcmp(how, "handler"))
		return atexit(use_null);
	return prof_leave(how);
}
