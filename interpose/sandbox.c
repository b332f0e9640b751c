/*
 * sandbox.c: see sandbox.h. Must cost nothing on Linux: the vDSO's note and the auxiliary vector are in memory, and only
 * where Linux is not seen in there files are asked, 20 µs each under gVisor.
 */
#include "sandbox.h"

#include <elf.h>
#include <link.h>
#include <sys/mman.h>

#include "image.h"
#include "object.h"
#include "options.h"
#include "os/os.h"
#include "signals.h"
#include "stream.h"
#include "text.h"

enum {
#define SIGN(NAME, weight, doc) SIGN_##NAME,
#include "sandbox_signs.def"
#undef SIGN
	SIGNS
};

#define SURE 2
static const uint8_t weights[SIGNS] = {
#define SIGN(NAME, weight, doc) weight,
#include "sandbox_signs.def"
#undef SIGN
};

struct range {
	uintptr_t begin, end;
};

int ex_sandbox_is_gvisor;
static int is_prepared;
static struct ex_object self;

/* a note that Linux' build puts into every vDSO */
static int is_vdso_of_linux(uintptr_t vdso)
{
	const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)vdso;
	const ElfW(Phdr) *p = (const ElfW(Phdr) *)(vdso + header->e_phoff);
	for (int i = 0; i < header->e_phnum; i++) {
		const unsigned char *at = (const unsigned char *)(vdso + p[i].p_offset), *end = at + p[i].p_filesz;
		while (p[i].p_type == PT_NOTE && end - at >= (long)sizeof(ElfW(Nhdr))) {
			const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)at;
			if (note->n_namesz == 6 && !memcmp(at + sizeof(*note), "Linux", 6))
				return 1;
			at += sizeof(*note) + ((note->n_namesz + 3) & ~3u) + ((note->n_descsz + 3) & ~3u);
		}
	}
	return 0;
}

static int file_has(const char *path, const char *word)
{
	char text[4096];
	long bytes = ex_os_file_head(path, 0, text, sizeof(text) - 1);
	if (bytes <= 0)
		return 0;
	text[bytes] = 0;
	for (const char *s = text; *s; s++)
		if (ex_starts(s, word))
			return 1;
	return 0;
}

static void note_trap(void *arg, const struct ex_mapping *m)
{
	*(int *)arg |= ex_same(m->path, "[usertrap]");
}

static uint32_t signs_of_files(void)
{
	int is_trapped = 0;
	ex_os_maps(note_trap, &is_trapped);
	return (uint32_t)ex_os_exists("/proc/sentry-meminfo") << SIGN_MEMINFO_OF_SENTRY |
	       (uint32_t)file_has("/proc/cmdline", "gvisor") << SIGN_COMMAND_LINE |
	       (uint32_t)file_has("/proc/sys/vm/max_map_count", "2147483647") << SIGN_MAX_MAP_COUNT |
	       (uint32_t)file_has("/proc/version", "Sun Jan 10 15:06:54 PST 2016") << SIGN_BUILD_DATE |
	       (uint32_t)file_has("/proc/version", "gvisor") << SIGN_RELEASE | (uint32_t)is_trapped << SIGN_USERTRAP;
}

static void touch(uintptr_t begin, uintptr_t end, const struct ex_object *object)
{
	for (uintptr_t at = begin; at < end; at = (at | (ex_os_page_bytes() - 1)) + 1) {
		volatile unsigned char *byte = (volatile unsigned char *)at;
		if (!object || ex_object_is_writable(object, at)) /* its relocations are no more */
			*byte = *byte;
		else
			(void)*byte;
	}
}

void ex_sandbox_touch(void *begin, size_t bytes)
{
	if (ex_sandbox_is_gvisor)
		touch((uintptr_t)begin, (uintptr_t)begin + bytes, NULL);
}

/* as the map says: a signal stack may be given before there is memory behind it */
static void touch_writable(void *arg, const struct ex_mapping *m)
{
	const struct range *r = arg;
	uintptr_t begin = m->begin > r->begin ? m->begin : r->begin, end = m->end < r->end ? m->end : r->end;
	if (begin < end && m->prot == (PROT_READ | PROT_WRITE))
		touch(begin, end, NULL);
}

void ex_sandbox_touch_stack(uintptr_t begin, size_t bytes)
{
	struct range top = {begin, begin + bytes};
	if (!ex_sandbox_is_gvisor)
		return;
	if (bytes > EX_SIGNAL_STACK_TOUCHED_BYTES)
		top.begin = top.end - EX_SIGNAL_STACK_TOUCHED_BYTES;
	ex_os_maps_patiently(touch_writable, &top);
}

/* all of this library, code and data: 1.4 ms, where starting it takes 11 */
static int find_self(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	(void)arg;
	ex_object_from(&self, info);
	return ex_object_is_self(&self);
}

static void touch_self(void)
{
	for (int i = 0; i < self.phdr_count; i++) {
		const ElfW(Phdr) *p = &self.phdr[i];
		uintptr_t begin = self.bias + p->p_vaddr;
		if (p->p_type == PT_LOAD)
			touch(begin, begin + p->p_memsz, &self);
	}
}

/*
 * A fork child begins with nothing in its stub: what its parent touched has to be touched again. Not in each, since most only
 * exec: in those that have threads, or more to tell than a small file takes.
 */
void ex_sandbox_prepare(void)
{
	uintptr_t begin, end;
	if (!ex_sandbox_is_gvisor)
		return;
	ex_image_check_fork();
	if (is_prepared || !self.phdr_count || ex_os_is_sealed() || ex_image_is_borrowed())
		return;
	is_prepared = 1;
	touch_self();
	ex_os_signal_stack(&begin, &end);
	ex_sandbox_touch_stack(begin, end - begin);
	ex_stream_reserve_last_words();
}

void ex_sandbox_forget(void)
{
	is_prepared = 0;
}

void ex_sandbox_start(char **envp)
{
	uintptr_t vdso = envp ? ex_os_auxiliary(envp, AT_SYSINFO_EHDR) : 0;
	uint32_t signs = 0, weight = 0;
	if (vdso && is_vdso_of_linux(vdso))
		return;
	signs = (uint32_t)(vdso != 0) << SIGN_VDSO_WITHOUT_NOTE |
		(uint32_t)(envp && !ex_os_auxiliary(envp, 51 /* AT_MINSIGSTKSZ */)) << SIGN_NO_MINSIGSTKSZ |
		signs_of_files();
	for (int i = 0; i < SIGNS; i++)
		weight += signs >> i & 1 ? weights[i] : 0;
	ex_sandbox_is_gvisor = weight >= SURE;
	if (!ex_sandbox_is_gvisor)
		return;
	ex_object_each(find_self, NULL);
	ex_sandbox_prepare();
	EX_PUT(SANDBOX, sandbox,
	       (.kind = EX_sandbox_GVISOR,
		.platform = signs >> SIGN_USERTRAP & 1 ? EX_platform_SYSTRAP : EX_platform_UNKNOWN, .signs = signs,
		.mapping_limit = ex_options.host_mappings), );
}
