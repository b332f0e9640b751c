/*
 * t_patch_libraries.c: a plan for every function of the C, C++ and math libraries and of an allocator. Where there is one,
 * an independent decoder has to read the same in the trampoline as in the function: the same instructions, and the same
 * addresses from another place. Where the reason to refuse is a branch, it has to see that branch.
 */
#include "oracle.h"

#ifdef HAVE_ORACLE
#include "library.h"
#include "reason.h"

enum { BASE = 0x10000000, REASONS = 32 };

static long displacement(const uint8_t *code, const struct ex_insn *i)
{
	int32_t wide;
	if (i->width == 1)
		return (int8_t)code[i->at];
	memcpy(&wide, code + i->at, sizeof(wide));
	return wide;
}

static uintptr_t target(const uint8_t *code, uintptr_t at, const struct ex_insn *i)
{
	return at + i->length + displacement(code, i);
}

/* whether both do the same: of moved ones only displacements differ, or the short form has become the long one */
static int does_the_same(const uint8_t *a, uintptr_t a_at, const struct ex_insn *i, const uint8_t *b, uintptr_t b_at,
			 const struct ex_insn *k)
{
	if (i->kind != k->kind || !i->width != !k->width || (i->width && target(a, a_at, i) != target(b, b_at, k)))
		return 0;
	if (i->width == 1) {
		unsigned prefixes = i->at - 1, condition = a[prefixes] & 15;
		if (memcmp(a, b, prefixes))
			return 0;
		return i->kind == EX_INSN_JUMP ? b[prefixes] == 0xe9
					       : b[prefixes] == 0x0f && b[prefixes + 1] == (0x80 | condition);
	}
	return i->length == k->length && !memcmp(a, b, i->width ? i->at : i->length) &&
	       !memcmp(a + i->at + i->width, b + i->at + i->width, i->length - i->at - i->width);
}

static int is_plan_right(const struct ex_detour_plan *p, const uint8_t *code, size_t bytes, uintptr_t fn,
			 uintptr_t hook, uintptr_t trampoline)
{
	unsigned o = p->at, t = 0, end = p->at + p->moved;
	struct ex_insn i = nothing, k;
	if (p->moved < EX_JUMP_BYTES || end > bytes || p->at != (memcmp(code, "\xf3\x0f\x1e\xfa", 4) ? 0 : 4))
		return 0;
	while (o < end) {
		if (!ask_zydis(code + o, bytes - o, &i) || !ask_zydis(p->trampoline + t, p->trampoline_bytes - t, &k) ||
		    !does_the_same(code + o, fn + o, &i, p->trampoline + t, trampoline + t, &k))
			return 0;
		o += i.length;
		t += k.length;
	}
	if (o != end)
		return 0;
	if (i.kind != EX_INSN_END && i.kind != EX_INSN_JUMP) {
		if (!ask_zydis(p->trampoline + t, p->trampoline_bytes - t, &k) || k.kind != EX_INSN_JUMP ||
		    target(p->trampoline + t, trampoline + t, &k) != fn + end)
			return 0;
		t += k.length;
	}
	if (t != p->trampoline_bytes || !ask_zydis(p->patch, EX_PATCH_BYTES, &k) || k.kind != EX_INSN_JUMP ||
	    k.length != EX_JUMP_BYTES || target(p->patch, fn + p->at, &k) != hook)
		return 0;
	for (unsigned n = EX_JUMP_BYTES; n < EX_PATCH_BYTES; n++)
		if (p->patch[n] != (n < p->moved ? 0xcc : code[p->at + n]))
			return 0;
	return 1;
}

/* a branch of the function into its first bytes; a call of its begin is none */
static int has_branch_into(const uint8_t *code, size_t bytes, unsigned at, unsigned end)
{
	struct ex_insn i;
	for (size_t o = at; o < bytes && ask_zydis(code + o, bytes - o, &i); o += i.length) {
		if (i.kind != EX_INSN_JUMP && i.kind != EX_INSN_BRANCH && i.kind != EX_INSN_FIXED &&
		    i.kind != EX_INSN_CALL)
			continue;
		size_t to = o + i.length + displacement(code + o, &i);
		if (to < end && (i.kind != EX_INSN_CALL || (to != 0 && to != at)))
			return 1;
	}
	return 0;
}

/* with a breakpoint on any instruction, the branch itself among them, such a function is still refused */
static int is_seen_past_breakpoints(const uint8_t *code, size_t bytes, uintptr_t fn)
{
	uint8_t *copy = malloc(bytes + 16);
	struct ex_detour_plan p;
	struct ex_insn i;
	int is_seen = 1;
	memcpy(copy, code, bytes);
	memset(copy + bytes, 0, 16);
	for (size_t o = 0; o < bytes && ask_zydis(code + o, bytes - o, &i); o += i.length) {
		copy[o] = 0xcc;
		is_seen &= ex_arch_plan(&p, copy, bytes, fn, fn, fn) != EX_detour_PLACED;
		copy[o] = code[o];
	}
	free(copy);
	return is_seen;
}

static void test_library(const char *name)
{
	struct library l;
	unsigned long results[REASONS] = {0}, wrong = 0, unseen = 0, hidden = 0;
	if (!open_library(&l, name))
		return;
	for (size_t i = 0; i < l.count; i++) {
		struct ex_detour_plan p;
		const uint8_t *code = at_address(&l, l.functions[i].begin);
		uintptr_t fn = BASE + l.functions[i].begin, hook = fn + 0x20000000, trampoline = fn - 0x8000000;
		size_t bytes = l.functions[i].bytes;
		int result = ex_arch_plan(&p, code, bytes, fn, hook, trampoline);
		int is_right = 1;
		results[result % REASONS]++;
		if (result == EX_detour_PLACED || result == EX_detour_BRANCH)
			is_right = has_branch_into(code, bytes, p.at, p.at + p.moved) == (result == EX_detour_BRANCH);
		unseen += !is_right;
		if (result == EX_detour_PLACED && !is_plan_right(&p, code, bytes, fn, hook, trampoline)) {
			wrong++;
			is_right = 0;
		}
		if (result == EX_detour_BRANCH && !is_seen_past_breakpoints(code, bytes, fn)) {
			hidden++;
			is_right = 0;
		}
		if (!is_right)
			printf("# %s+0x%lx: %s, at %u, moved %u\n", name, (unsigned long)l.functions[i].begin,
			       name_of(result), p.at, p.moved);
	}
	printf("# %s: %zu functions", name, l.count);
	for (int i = 0; i < REASONS; i++)
		if (results[i])
			printf(", %s %lu", name_of(i), results[i]);
	putchar('\n');
	OK(results[EX_detour_PLACED] > l.count / 2, "%s: most can be hooked", name);
	IS_INT(results[EX_detour_UNDECODED], 0, "%s: nothing is not understood", name);
	IS_INT(wrong, 0, "%s: every trampoline and patch does what Zydis reads in the function", name);
	IS_INT(unseen, 0, "%s: a branch into the moved bytes is seen where there is one, and nowhere else", name);
	IS_INT(hidden, 0, "%s: no breakpoint hides it", name);
	close_library(&l);
}

int main(void)
{
	ZydisDecoderInit(&zydis, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	test_library("libc.so.6");
	test_library("libstdc++.so.6");
	test_library("libm.so.6");
	test_library("libjemalloc.so.2");
	return tap_done();
}
#endif
