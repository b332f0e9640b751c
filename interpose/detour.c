/*
 * detour.c: see detour.h.
 *
 * Trampolines live in a page of this library's own text, not in memory mapped near libc: the dynamic linker puts both
 * within reach of a jump, no search for a hole is needed (8 to 13 µs), no anonymous memory has to become executable
 * (refused under PR_SET_MDWE and SELinux), and a crash report finds every address inside a module.
 *
 * Order: trampolines first, then one store of 8 bytes a function. Whoever calls in between finds the old code or the
 * whole new one. A thread that is already inside the moved bytes is possible only when another constructor came before
 * ours and started it: then only functions whose first instruction alone makes room are patched.
 */
#include "detour.h"

#include "arch/arch.h"
#include "expand.h"
#include "object.h"
#include "os/os.h"
#include "stream.h"
#include "text.h"

struct ex_original ex_original;
struct ex_libc ex_libc;

enum { GROUP_growth, GROUP_exit };

static struct detour {
	const char *symbol;
	void *hook;
	size_t original; /* offset in ex_original */
	uintptr_t fn;
	int result; /* EX_detour_* */
	uint8_t moved, group;
} detours[] = {
#define DETOUR(symbol, group, ret, params, doc)                                                                        \
	{#symbol, (void *)ex_on_##symbol, offsetof(struct ex_original, symbol), 0, EX_detour_ABSENT, 0, GROUP_##group},
#include "detours.def"
#undef DETOUR
};

#define DETOURS ((int)(sizeof(detours) / sizeof(detours[0])))

static int is_placing_done, is_growth_wanted;

static int is_wanted(const struct detour *d)
{
	return d->group != GROUP_growth || is_growth_wanted;
}

static int find_libc(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct ex_object *libc = arg;
	(void)size;
	ex_object_from(libc, info);
	if (!ex_object_is_self(libc) && ex_object_symbol(libc, "__libc_start_main") && ex_object_symbol(libc, "sbrk"))
		return 1;
	libc->dynamic = NULL;
	return 0;
}

static void note_libc(const struct ex_object *libc)
{
	ex_object_range(libc, &ex_libc.begin, &ex_libc.end);
	ex_libc.break_now = ex_object_symbol(libc, "__curbrk");
	ex_libc.abort_message = ex_object_symbol(libc, "__abort_msg");
	for (int i = 0; i < libc->phdr_count; i++) {
		const ElfW(Phdr) *p = &libc->phdr[i];
		if (p->p_type != PT_LOAD || !(p->p_flags & PF_W))
			continue;
		ex_libc.data = libc->bias + p->p_vaddr;
		ex_libc.data_end = ex_libc.data + p->p_memsz;
	}
}

/*
 * glibc up to 2.30 called its lock functions from assembly that counts on almost all registers being kept
 * (lowlevellock.S, x86-64). The C version came together with a C function to wake.
 */
static int is_called_by_c(const struct ex_object *libc, const char *symbol)
{
	return !ex_starts(symbol, "__lll_") || ex_object_symbol(libc, "__lll_lock_wake_private") != NULL;
}

static void plan(struct detour *d, const struct ex_object *libc, struct ex_detour_plan *plan, uintptr_t trampoline,
		 int is_alone)
{
	struct ex_function fn;
	d->result = EX_detour_ABSENT;
	if (!ex_object_function(libc, d->symbol, &fn))
		return;
	d->fn = fn.address;
	if (fn.is_ifunc)
		d->result = EX_detour_IFUNC;
	else if (!is_called_by_c(libc, d->symbol))
		d->result = EX_detour_CONVENTION;
	else
		d->result = ex_arch_plan(plan, (const uint8_t *)fn.address, fn.bytes, fn.address, (uintptr_t)d->hook,
					 trampoline);
	if (d->result != EX_detour_PLACED || is_alone)
		return;
	/* a store across two cache lines could be seen by halves */
	int is_one_store = ((fn.address + plan->at) & 63) <= 64 - EX_PATCH_BYTES;
	if (plan->first < EX_JUMP_BYTES || !is_one_store)
		d->result = EX_detour_LATE;
}

void ex_detour_place(int is_alone, int with_growth)
{
	struct ex_object libc;
	struct ex_detour_plan plans[DETOURS];
	struct ex_os_text trampolines[DETOURS], patches[DETOURS];
	int count = 0;
	libc.dynamic = NULL;
	ex_object_each(find_libc, &libc);
	is_placing_done = 1;
	is_growth_wanted = with_growth;
	if (!libc.dynamic)
		return;
	note_libc(&libc);
	for (int i = 0; i < DETOURS; i++) {
		struct detour *d = &detours[i];
		uintptr_t trampoline = (uintptr_t)ex_trampolines + (size_t)i * EX_TRAMPOLINE_BYTES;
		if (!is_wanted(d))
			continue;
		plan(d, &libc, &plans[i], trampoline, is_alone);
		if (d->result != EX_detour_PLACED)
			continue;
		d->moved = plans[i].moved;
		trampolines[count] = (struct ex_os_text){trampoline, plans[i].trampoline, plans[i].trampoline_bytes};
		patches[count] = (struct ex_os_text){d->fn + plans[i].at, plans[i].patch, EX_PATCH_BYTES};
		count++;
	}
	int is_written = count && ex_os_text_write(trampolines, count) == 0;
	/* before the patches: a hook may be entered as soon as its own is there */
	for (int i = 0; is_written && i < DETOURS; i++)
		if (detours[i].result == EX_detour_PLACED)
			*(uintptr_t *)((char *)&ex_original + detours[i].original) =
				(uintptr_t)ex_trampolines + (size_t)i * EX_TRAMPOLINE_BYTES;
	if (is_written && ex_os_text_write(patches, count) == 0)
		return;
	/* some may have been written before the one that failed (/proc/self/mem, no memory for a copy of the page): those
	 * lead to their hooks, which need their originals */
	for (int i = 0; i < DETOURS; i++) {
		struct detour *d = &detours[i];
		if (d->result != EX_detour_PLACED ||
		    !memcmp((const void *)(d->fn + plans[i].at), plans[i].patch, EX_PATCH_BYTES))
			continue;
		d->result = EX_detour_UNWRITABLE;
		*(uintptr_t *)((char *)&ex_original + d->original) = 0;
	}
}

void ex_detour_tell(void)
{
	for (int i = 0; is_placing_done && i < DETOURS; i++)
		if (is_wanted(&detours[i]))
			EX_PUT(DETOUR, detour,
			       (.fn = detours[i].fn, .result = (uint8_t)detours[i].result, .moved = detours[i].moved),
			       EX_TEXT(detours[i].symbol), );
}

int ex_detour_is_at(const void *fn)
{
	for (int i = 0; i < DETOURS; i++)
		if (detours[i].result == EX_detour_PLACED && detours[i].fn == (uintptr_t)fn)
			return 1;
	return 0;
}
