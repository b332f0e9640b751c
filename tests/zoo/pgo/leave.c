/* expect: ways out, never instrumented: those of prof_leave.h, and crashes that are nobody's but the program's */
#include "part.h"
#include "../prof_leave.h"

/* what a record's counters, read as an address, would be too: 2 */
static void use_null(void)
{
	volatile char *volatile nothing = NULL;
	nothing[2] = 1;
}
/* two numbers that are used as an address: those of part_steps' record, its counters and value sites, are 2 and 1 as well */
static void use_pair(void)
{
	const union {
		int numbers[2];
		volatile char *address;
	} pair = {.numbers = {2, 1}};
	*pair.address = 1;
}
/* what the first record that has value sites says of them is overwritten with what a misread one would say: 1 */
extern char records[] __asm__("__start___llvm_prf_data") __attribute__((visibility("hidden"), weak));
extern char records_end[] __asm__("__stop___llvm_prf_data") __attribute__((visibility("hidden"), weak));
static void stray(size_t record_bytes, size_t values_at, size_t sites_at)
{
	for (char *record = records; record < records_end; record += record_bytes)
		if (record[sites_at]) {
			*(volatile long *)(record + values_at) = 1;
			return;
		}
}
int leave(const char *how)
{
	if (!strcmp(how, "pair"))
		use_pair();
	if (!strcmp(how, "stray48"))
		stray(48, 32, 44);
	if (!strcmp(how, "stray64"))
		stray(64, 40, 52);
	if (!strcmp(how, "part-call")) {
		part_table[0] = NULL;
		part_steps(2);
	}
	if (!strcmp(how, "null"))
		use_null();
	if (!strcmp(how, "handler"))
		return atexit(use_null);
	return strncmp(how, "stray", 5) ? prof_leave(how) : 0;
}
