/*
 * t_patch.c: the plan for every function of this folder (*.S, see pair.inc), byte for byte; then the function is patched for
 * real and called: through the hook and the trampoline it has to return what it returned before.
 */
#include "tap.h"

#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arch/arch.h"
#include "reason.h"

struct pair {
	const char *file;
	uint8_t *in, *in_end, *trampoline, *trampoline_end, *patched, *patched_end, *hook;
	const char *run, *why;
};
extern struct pair __start_pairs[], __stop_pairs[];

typedef long function(long, long);

static void print_bytes(const char *what, const uint8_t *bytes, size_t count)
{
	printf("# %s:", what);
	for (size_t i = 0; i < count; i++)
		printf(" %02x", bytes[i]);
	putchar('\n');
}

static void is_bytes(const uint8_t *got, size_t got_bytes, const uint8_t *wanted, size_t wanted_bytes, const char *file,
		     const char *what)
{
	if (!OK(got_bytes == wanted_bytes && !memcmp(got, wanted, wanted_bytes), "%s: %s", file, what)) {
		print_bytes("got", got, got_bytes);
		print_bytes("not", wanted, wanted_bytes);
	}
}

static int plan_of(const struct pair *p, struct ex_detour_plan *plan)
{
	return ex_arch_plan(plan, p->in, p->in_end - p->in, (uintptr_t)p->in, (uintptr_t)p->hook,
			    (uintptr_t)p->trampoline);
}

static void test_plan(const struct pair *p)
{
	struct ex_detour_plan plan;
	int result = plan_of(p, &plan);
	IS_TEXT(name_of(result), p->why, "%s: %s", p->file, p->why);
	if (result != EX_detour_PLACED || strcmp(p->why, "PLACED"))
		return;
	is_bytes(plan.trampoline, plan.trampoline_bytes, p->trampoline, p->trampoline_end - p->trampoline, p->file,
		 "the trampoline");
	uint8_t patched[64];
	size_t bytes = p->patched_end - p->patched, least = plan.at + EX_PATCH_BYTES;
	OK(bytes >= least && bytes <= sizeof(patched), "%s: says how all of the patch must look", p->file);
	memcpy(patched, p->in, sizeof(patched));
	memcpy(patched + plan.at, plan.patch, EX_PATCH_BYTES);
	is_bytes(patched, bytes, p->patched, bytes, p->file, "the function's begin");
}

/* ---- for real ---- */

static _Alignas(4096) uint8_t room[4096];
static int calls;

static long hook(long a, long b)
{
	calls++;
	return ((function *)(uintptr_t)room)(a, b);
}

static long landing(long a, long b)
{
	return 3 * a + b;
}

static int can_run(const struct pair *p)
{
	if (!strcmp(p->run, "run"))
		return 1;
	if (!strcmp(p->run, "avx")) {
		if (__builtin_cpu_supports("avx"))
			return 1;
		printf("# %s is not called: this processor has no AVX\n", p->file);
		return 0;
	}
	if (strcmp(p->run, "landing"))
		return 0;
	void **at = mmap((void *)0x10000000, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (at != (void *)0x10000000) {
		printf("# %s is not called: its address is taken\n", p->file);
		return 0;
	}
	*at = (void *)landing;
	return 1;
}

static void test_run(const struct pair *p)
{
	static const long inputs[][2] = {{0, 0},    {0, 5},    {5, 0},	 {-1, 3}, {3, -1},
					 {1, 4095}, {4096, 9}, {-1, -1}, {2, 0}};
	enum { COUNT = sizeof(inputs) / sizeof(inputs[0]) };
	struct ex_detour_plan plan;
	long before[COUNT];
	if (!can_run(p))
		return;
	function *f = (function *)(uintptr_t)p->in;
	for (int i = 0; i < COUNT; i++)
		before[i] = f(inputs[i][0], inputs[i][1]);
	uint8_t *page = (uint8_t *)((uintptr_t)p->in & -4096ul);
	if (!OK(!mprotect(room, sizeof(room), PROT_READ | PROT_WRITE | PROT_EXEC) &&
			!mprotect(page, 2 * 4096, PROT_READ | PROT_WRITE | PROT_EXEC),
		"%s: text can be written", p->file))
		return;
	int result = ex_arch_plan(&plan, p->in, p->in_end - p->in, (uintptr_t)p->in, (uintptr_t)hook, (uintptr_t)room);
	IS_TEXT(name_of(result), "PLACED", "%s: can be hooked here, too", p->file);
	if (result != EX_detour_PLACED)
		return;
	uint64_t store, *at = (uint64_t *)(p->in + plan.at), old = *at;
	memset(room, 0xcc, sizeof(room));
	memcpy(room, plan.trampoline, plan.trampoline_bytes);
	memcpy(&store, plan.patch, sizeof(store));
	*(volatile uint64_t *)at = store;
	for (int i = 0; i < COUNT; i++) {
		calls = 0;
		long after = f(inputs[i][0], inputs[i][1]);
		if (after != before[i] || !calls)
			printf("# %s(%ld, %ld): %ld, not %ld; the hook was called %d times\n", p->file, inputs[i][0],
			       inputs[i][1], after, before[i], calls);
		result |= after != before[i] || !calls;
	}
	*(volatile uint64_t *)at = old;
	OK(result == EX_detour_PLACED, "%s: hooked, it returns what it returned before", p->file);
}

/* ---- distances ---- */

static const struct pair *pair_named(const char *name)
{
	for (const struct pair *p = __start_pairs; p < __stop_pairs; p++)
		if (strstr(p->file, name))
			return p;
	printf("Bail out! no %s\n", name);
	exit(1);
}

static void is_far(const char *name, int64_t hook_at, int64_t trampoline_at, const char *why)
{
	const struct pair *p = pair_named(name);
	struct ex_detour_plan plan;
	uintptr_t fn = 0x7f0000000000;
	int result = ex_arch_plan(&plan, p->in, p->in_end - p->in, fn, fn + hook_at, fn + trampoline_at);
	IS_TEXT(name_of(result), why, "%s: hook at %+lld, trampoline at %+lld: %s", name, (long long)hook_at,
		(long long)trampoline_at, why);
}

static void test_far(void)
{
	const int64_t reach = 0x7fffffff, back = -0x80000000ll;
	is_far("/one_move.S", reach + 5, 4096, "PLACED");
	is_far("/one_move.S", reach + 6, 4096, "FAR");
	is_far("/one_move.S", back + 5, 4096, "PLACED");
	is_far("/one_move.S", back + 4, 4096, "FAR");
	is_far("/endbr64.S", reach + 9, 4096, "PLACED"); /* the jump begins four bytes later */
	is_far("/endbr64.S", reach + 10, 4096, "FAR");
	is_far("/near_load.S", 4096, 1ll << 32, "FAR"); /* what it loads is out of the moved instruction's reach */
	is_far("/jcc_short.S", 4096, 1ll << 32, "FAR");
	is_far("/hooked_already.S", 4096, 1ll << 32, "FAR");

	/* what can stand anywhere may: the jump back has a long form */
	const struct pair *p = pair_named("/one_move.S");
	struct ex_detour_plan plan;
	uintptr_t fn = 0x7f0000000000;
	int result = ex_arch_plan(&plan, p->in, p->in_end - p->in, fn, fn + 4096, fn + (1ll << 32));
	static const uint8_t wanted[] = {0xb8, 7, 0, 0, 0, 0xff, 0x25, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0x7f, 0, 0};
	IS_TEXT(name_of(result), "PLACED", "one_move.S: a trampoline 4 GiB away");
	is_bytes(plan.trampoline, plan.trampoline_bytes, wanted, sizeof(wanted), "one_move.S",
		 "jumps back by an address of 64 bits");
	IS_INT(plan.moved, 5, "one_move.S: bytes moved");
	IS_INT(plan.first, 5, "one_move.S: no thread can be inside of one instruction");
	plan_of(pair_named("/lock_wait.S"), &plan);
	IS_INT(plan.first, 2, "lock_wait.S: a thread can be between the two");
}

/* ---- the functions that it is for ---- */

static void test_libc(const char *name)
{
	Dl_info info;
	const ElfW(Sym) *symbol = NULL;
	struct ex_detour_plan plan;
	const uint8_t *fn = dlsym(RTLD_DEFAULT, name);
	if (!fn || !dladdr1(fn, &info, (void **)&symbol, RTLD_DL_SYMENT) || !symbol) {
		printf("# this libc does not have %s\n", name);
		return;
	}
	int result =
		ex_arch_plan(&plan, fn, symbol->st_size, (uintptr_t)fn, (uintptr_t)fn + 4096, (uintptr_t)fn + 8192);
	IS_TEXT(name_of(result), "PLACED", "libc's %s: %u bytes at %u, the first instruction has %u", name, plan.moved,
		plan.at, plan.first);
}

int main(void)
{
#define DETOUR(symbol, group, ret, params, doc) test_libc(#symbol);
#include "detours.def"
#undef DETOUR
	OK(__stop_pairs - __start_pairs >= 40, "%d functions", (int)(__stop_pairs - __start_pairs));
	for (const struct pair *p = __start_pairs; p < __stop_pairs; p++)
		test_plan(p);
	for (const struct pair *p = __start_pairs; p < __stop_pairs; p++)
		test_run(p);
	test_far();
	return tap_done();
}
