/*
 * library.c: the walk as the library has it, in a shared object of its own: it leaves out its own frames. What it asks the rest of the
 * library for is answered here.
 */
#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "cfi.h"
#include "object.h"
#include "os/os.h"
#include "thread.h"

__thread struct ex_thread ex_self;

size_t ex_os_page_bytes(void)
{
	return 4096;
}

size_t ex_os_peek(void *to, uintptr_t from, size_t bytes)
{
	struct iovec local = {to, bytes}, remote = {(void *)from, bytes};
	ssize_t n = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
	return n > 0 ? (size_t)n : 0;
}

struct search {
	uintptr_t pc;
	struct ex_object *found;
	int is_found;
};

static int visit(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct search *s = arg;
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD &&
		    s->pc - info->dlpi_addr - info->dlpi_phdr[i].p_vaddr < info->dlpi_phdr[i].p_memsz) {
			*s->found = (struct ex_object){info->dlpi_addr, info->dlpi_phdr, info->dlpi_phnum, NULL};
			return s->is_found = 1;
		}
	return 0;
}

const struct ex_object *ex_module_object(uintptr_t address);
const struct ex_object *ex_module_object(uintptr_t address)
{
	static struct ex_object object;
	struct search s = {address, &object, 0};
	dl_iterate_phdr(visit, &s);
	return s.is_found ? &object : NULL;
}

__attribute__((visibility("default"), noinline)) unsigned cfi_walk(uintptr_t *pcs, unsigned max);
unsigned cfi_walk(uintptr_t *pcs, unsigned max)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	struct ex_cfi_frame caller = {(uintptr_t)__builtin_return_address(0), here + 2 * sizeof(uintptr_t),
				      *(const uintptr_t *)here};
	return ex_cfi_walk(caller, pcs, max);
}

__attribute__((visibility("default"))) void cfi_forget(void);
void cfi_forget(void)
{
	ex_cfi_forget();
}
