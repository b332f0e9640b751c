/*
 * x86_64_plan.c: moves the first instructions of a function elsewhere and puts a jump in their place. Refuses whatever
 * would not do the same afterwards: a function that cannot be hooked is a line in a report, one that was hooked wrongly
 * is somebody's crash.
 */
#include "arch/arch.h"

#include "expand.h"

#define ENDBR64 4	 /* its length */
#define ANY_NEXT 0xfffeu /* bits 1 to 15, see scan */

struct function {
	const uint8_t *code;
	size_t bytes;
	uintptr_t at; /* where it runs */
};

static int64_t little_endian(const uint8_t *p, unsigned width)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < width; i++)
		value |= (uint64_t)p[i] << (8 * i);
	return (int64_t)(value << (64 - 8 * width)) >> (64 - 8 * width);
}

/* what a relative instruction at that offset points to */
static uintptr_t target_of(const struct function *fn, size_t offset, const struct ex_insn *insn)
{
	return fn->at + offset + insn->length + little_endian(fn->code + offset + insn->at, insn->width);
}

static int ends_here(const struct ex_insn *insn)
{
	return insn->kind == EX_INSN_END || insn->kind == EX_INSN_JUMP;
}

/* how many bytes have to move */
static int measure(struct ex_detour_plan *plan, const struct function *fn)
{
	static const uint8_t endbr64[ENDBR64] = {0xf3, 0x0f, 0x1e, 0xfa};
	struct ex_insn insn;
	unsigned same = 0;
	while (same < ENDBR64 && same < fn->bytes && fn->code[same] == endbr64[same])
		same++;
	plan->at = same == ENDBR64 ? ENDBR64 : 0;
	while (plan->moved < EX_JUMP_BYTES) {
		size_t offset = plan->at + plan->moved;
		if (offset >= fn->bytes)
			return EX_detour_SHORT;
		if (!ex_arch_decode(fn->code + offset, fn->bytes - offset, &insn))
			return EX_detour_UNDECODED;
		switch (insn.kind) {
		case EX_INSN_TRAP:
			return EX_detour_TRAP;
		case EX_INSN_CALL: /* would leave a return address in the trampoline, which no unwinder knows */
		case EX_INSN_CALL_AT:
		case EX_INSN_FIXED:
			return EX_detour_PINNED;
		}
		if (!plan->moved)
			plan->first = insn.length;
		plan->moved += insn.length;
		/* what comes next may belong to somebody else, or be reached in a way that is not seen here */
		if (ends_here(&insn) && plan->moved < EX_JUMP_BYTES)
			return EX_detour_SHORT;
	}
	return EX_detour_PLACED;
}

static int is_inside(const struct ex_detour_plan *plan, const struct function *fn, uintptr_t target)
{
	return target - fn->at < (uintptr_t)plan->at + plan->moved;
}

/* whether the instruction that a breakpoint at that offset hides could be a branch into the moved bytes */
static int may_hide_branch(const struct ex_detour_plan *plan, const struct function *fn, size_t offset)
{
	static const struct ex_insn shapes[] = {{2, 0, 1, 1}, {5, 0, 1, 4}, {6, 0, 2, 4}};
	for (unsigned i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (shapes[i].length <= fn->bytes - offset && is_inside(plan, fn, target_of(fn, offset, &shapes[i])))
			return 1;
	return 0;
}

/*
 * Nobody in the function may jump into the moved bytes, nor to their begin: that would be one more entry of the hook. A
 * call of the function's own begin is one. Jumps by table are not seen: compilers let none lead into a prologue.
 *
 * Where an instruction begins is not known behind a breakpoint, which hides a length, and behind a moved jump: where
 * that is another hook's, the rest of what it replaced follows. There all readings are looked at.
 */
static int scan(const struct ex_detour_plan *plan, const struct function *fn)
{
	uint32_t begins = 1; /* bit i: an instruction may begin i bytes from here */
	for (size_t offset = plan->at; offset < fn->bytes; offset++, begins >>= 1) {
		struct ex_insn insn;
		if (!(begins & 1))
			continue;
		if (!ex_arch_decode(fn->code + offset, fn->bytes - offset, &insn)) {
			if (begins == 1)
				return EX_detour_UNDECODED;
			continue;
		}
		begins |= 1u << insn.length;
		switch (insn.kind) {
		case EX_INSN_CALL: {
			uintptr_t target = target_of(fn, offset, &insn);
			if (is_inside(plan, fn, target) && target != fn->at && target != fn->at + plan->at)
				return EX_detour_BRANCH;
			break;
		}
		case EX_INSN_JUMP:
		case EX_INSN_BRANCH:
		case EX_INSN_FIXED:
			if (is_inside(plan, fn, target_of(fn, offset, &insn)))
				return EX_detour_BRANCH;
			break;
		case EX_INSN_TRAP:
			if (may_hide_branch(plan, fn, offset))
				return EX_detour_TRAP;
			begins |= ANY_NEXT;
			break;
		}
		if (ends_here(&insn) && offset < (size_t)plan->at + plan->moved)
			begins |= ANY_NEXT << (insn.length - 1);
	}
	return EX_detour_PLACED;
}

static void put(uint8_t *to, const void *from, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		to[i] = ((const uint8_t *)from)[i];
}

static void append(struct ex_detour_plan *plan, const void *code, unsigned bytes)
{
	put(plan->trampoline + plan->trampoline_bytes, code, bytes);
	plan->trampoline_bytes += bytes;
}

/* a displacement of 32 bits at `to`, counted from `next`; 0 when the target is out of reach */
static int put_displacement(uint8_t *to, uintptr_t next, uintptr_t target)
{
	int64_t distance = (int64_t)(target - next);
	int32_t displacement = (int32_t)distance;
	put(to, &displacement, sizeof(displacement));
	return displacement == distance;
}

/* one instruction into the trampoline */
static int move(struct ex_detour_plan *plan, const struct function *fn, size_t offset, const struct ex_insn *insn,
		uintptr_t trampoline)
{
	static const uint8_t room[4];
	const uint8_t *code = fn->code + offset;
	unsigned begin = plan->trampoline_bytes, at = insn->at;
	if (insn->width == 1) { /* the short forms of jmp and jcc have long ones; prefixes stay */
		uint8_t opcode = code[at - 1], near_jcc[] = {0x0f, 0x80 | (opcode & 15)}, near_jmp = 0xe9;
		append(plan, code, at - 1);
		if (insn->kind == EX_INSN_JUMP)
			append(plan, &near_jmp, 1);
		else
			append(plan, near_jcc, 2);
		at = plan->trampoline_bytes - begin;
		append(plan, room, sizeof(room));
	} else {
		append(plan, code, insn->length);
	}
	return !insn->width || put_displacement(plan->trampoline + begin + at, trampoline + plan->trampoline_bytes,
						target_of(fn, offset, insn));
}

static int fill_trampoline(struct ex_detour_plan *plan, const struct function *fn, uintptr_t trampoline)
{
	static const uint8_t jmp_near[] = {0xe9, 0, 0, 0, 0}, jmp_far[] = {0xff, 0x25, 0, 0, 0, 0}; /* *0(%rip) */
	size_t end = (size_t)plan->at + plan->moved;
	struct ex_insn insn;
	for (size_t offset = plan->at; offset < end; offset += insn.length) {
		if (!ex_arch_decode(fn->code + offset, fn->bytes - offset, &insn))
			return EX_detour_UNDECODED;
		if (!move(plan, fn, offset, &insn, trampoline))
			return EX_detour_FAR;
	}
	if (ends_here(&insn))
		return EX_detour_PLACED;
	uintptr_t back = fn->at + end;
	uint8_t *jmp = plan->trampoline + plan->trampoline_bytes;
	append(plan, jmp_near, sizeof(jmp_near));
	if (put_displacement(jmp + 1, trampoline + plan->trampoline_bytes, back))
		return EX_detour_PLACED;
	plan->trampoline_bytes -= sizeof(jmp_near);
	append(plan, jmp_far, sizeof(jmp_far));
	append(plan, &back, sizeof(back));
	return EX_detour_PLACED;
}

/* jmp, then int3 where moved bytes are left over, then what was there: the store is wider than the jump */
static int fill_patch(struct ex_detour_plan *plan, const struct function *fn, uintptr_t hook)
{
	for (unsigned i = 0; i < EX_PATCH_BYTES; i++)
		plan->patch[i] = i < plan->moved ? 0xcc : fn->code[plan->at + i];
	plan->patch[0] = 0xe9;
	return put_displacement(plan->patch + 1, fn->at + plan->at + EX_JUMP_BYTES, hook) ? EX_detour_PLACED
											  : EX_detour_FAR;
}

/* 4 bytes before the last instruction, two jumps among them widened by 4; that one, 15 or widened; 14 to jump back */
_Static_assert(4 + 2 * 4 + 15 + 4 + 14 <= EX_TRAMPOLINE_BYTES, "room for any plan");

int ex_arch_plan(struct ex_detour_plan *plan, const uint8_t *code, size_t bytes, uintptr_t fn, uintptr_t hook,
		 uintptr_t trampoline)
{
	struct function f = {code, bytes, fn};
	*plan = (struct ex_detour_plan){0};
	int result = measure(plan, &f);
	if (result == EX_detour_PLACED)
		result = scan(plan, &f);
	if (result == EX_detour_PLACED)
		result = fill_trampoline(plan, &f, trampoline);
	return result == EX_detour_PLACED ? fill_patch(plan, &f, hook) : result;
}
