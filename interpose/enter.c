/*
 * enter.c: see enter.h.
 *
 * Unlike the detours on libc these functions lie anywhere, the program itself included, which is farther from this library
 * than a jump goes. So each gets an island: a page close to its module with the moved instructions and a far jump to the
 * entry stub (arch/), which saves every register that a caller could count on: callers of local functions keep values in
 * registers that a function may change by the ABI, where the compiler saw that this one does not (-fipa-ra).
 */
#include "enter.h"

#include "arch/arch.h"
#include "clone.h"
#include "image.h"
#include "module.h"
#include "frame.h"
#include "object.h"
#include "options.h"
#include "os/os.h"
#include "refuse.h"
#include "stream.h"
#include "thread.h"

struct piece { /* of an island */
	uint8_t trampoline[EX_TRAMPOLINE_BYTES];
	uint8_t jump[EX_FAR_JUMP_BYTES];
};

static struct entered {
	uintptr_t fn; /* 0: not hooked */
	uint32_t count;
	int is_refused;
	uint8_t at, moved; /* where in the function the patch begins, bytes from there that are in the island instead */
	struct piece *island;
} entered[EX_ENTER_MAX + 1];
uintptr_t ex_entry_original[EX_ENTER_MAX + 1];

#define OF_CLONE EX_ENTER_MAX /* the function that clone-at=call: names */
_Static_assert(EX_ENTER_MAX + 1 <= EX_ENTRY_STUBS, "a stub for each");

/* NULL: none */
static const struct ex_spec *spec_of(unsigned i)
{
	if (i == OF_CLONE)
		return ex_options.clone_point == EX_point_CALL ? &ex_options.clone_spec : NULL;
	return i < (unsigned)ex_options.enter_count ? &ex_options.enter[i] : NULL;
}

void ex_entry_run(unsigned index, uintptr_t caller)
{
	uint32_t n = __atomic_add_fetch(&entered[index].count, 1, __ATOMIC_RELAXED);
	if (index == OF_CLONE) {
		ex_clone_at(EX_point_CALL);
		return;
	}
	if (!ex_enter())
		return;
	EX_PUT(ENTERED, entered, (.fn = entered[index].fn, .n = n, .id = ex_self.running, .caller = caller), );
	ex_leave();
}

static int plan_island(struct entered *e, unsigned i, uintptr_t fn, size_t bytes, struct ex_detour_plan *plan)
{
	struct piece piece;
	if (!e->island)
		e->island = ex_os_map_near(fn, ex_os_page_bytes());
	if (!e->island)
		return EX_detour_FAR;
	uintptr_t trampoline = (uintptr_t)e->island->trampoline;
	int result = ex_arch_plan(plan, (const uint8_t *)fn, bytes, fn, (uintptr_t)e->island->jump, trampoline);
	/* another thread could be inside what moves */
	if (result == EX_detour_PLACED && plan->first < EX_JUMP_BYTES && (ex_image.threads > 0 || !ex_os_is_alone()))
		return EX_detour_LATE;
	if (result == EX_detour_PLACED && ((fn + plan->at) & 63) > 64 - EX_PATCH_BYTES && !ex_os_is_alone())
		return EX_detour_LATE;
	if (result != EX_detour_PLACED)
		return result;
	memcpy(piece.trampoline, plan->trampoline, sizeof(piece.trampoline));
	ex_arch_far_jump(piece.jump, (uintptr_t)ex_entry_stubs + (uintptr_t)i * EX_ENTRY_STUB_BYTES);
	struct ex_os_text text = {trampoline, &piece, sizeof(piece)};
	return ex_os_text_write(&text, 1) == 0 ? result : EX_detour_UNWRITABLE;
}

static int place(unsigned i, uintptr_t fn, const struct ex_object *object)
{
	struct entered *e = &entered[i];
	struct ex_detour_plan plan;
	size_t bytes = ex_frame_bytes(object, fn);
	if (!bytes)
		return EX_detour_ABSENT;
	int result = plan_island(e, i, fn, bytes, &plan);
	if (result != EX_detour_PLACED)
		return result;
	ex_entry_original[i] = (uintptr_t)e->island->trampoline;
	e->fn = fn;
	e->at = plan.at;
	e->moved = plan.moved;
	struct ex_os_text patch = {fn + plan.at, plan.patch, EX_PATCH_BYTES};
	if (ex_os_text_write(&patch, 1) == 0)
		return result;
	e->fn = 0;
	return EX_detour_UNWRITABLE;
}

static void refuse(unsigned i)
{
	entered[i].is_refused = 1;
	if (i == OF_CLONE)
		ex_refuse(EX_refusal_NO_DETOUR, "clone-at", ex_options.clone_text);
	else
		ex_refuse(EX_refusal_NO_DETOUR, "enter", spec_of(i)->module);
}

static void visit(void *arg, uint32_t n, uintptr_t begin)
{
	struct ex_module_info module;
	const struct ex_object *object = ex_module_object(begin);
	(void)arg;
	(void)n;
	if (!object || !ex_module_find(begin, &module))
		return;
	for (unsigned i = 0; i <= OF_CLONE; i++) {
		const struct ex_spec *spec = spec_of(i);
		if (!spec || entered[i].fn || entered[i].is_refused || ex_length(module.name) != spec->module_length ||
		    memcmp(module.name, spec->module, spec->module_length) != 0)
			continue;
		if (place(i, module.bias + spec->offset, object) != EX_detour_PLACED)
			refuse(i);
	}
}

void ex_enter_place(void)
{
	static int is_prepared;
	if ((!ex_options.enter_count && !spec_of(OF_CLONE)) || ex_os_is_sealed())
		return;
	if (!is_prepared)
		ex_arch_entry_prepare();
	is_prepared = 1;
	ex_module_each(visit, NULL);
}

void ex_enter_forget(uintptr_t begin, uintptr_t end)
{
	for (unsigned i = 0; i <= OF_CLONE; i++)
		if (entered[i].fn && entered[i].fn >= begin && entered[i].fn < end) {
			entered[i].fn = 0;
			entered[i].island = NULL; /* it stays mapped: a thread may be on its way out of it */
		}
}

uintptr_t ex_enter_pc(uintptr_t pc)
{
	for (unsigned i = 0; i <= OF_CLONE; i++) {
		const struct entered *e = &entered[i];
		uintptr_t offset = pc - (uintptr_t)e->island; /* the trampoline is its begin */
		if (e->fn && e->island && offset < sizeof(e->island->trampoline))
			return e->fn + e->at + (offset < e->moved ? offset : e->moved);
	}
	return pc;
}
