/*
 * fills.c: see fills.h. Each hook passes on what it was given and what it got; only then, with blocks on pages of their own,
 * is it looked whether the kernel met one of those.
 */
#include "fills.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include "thread.h"
#include "object.h"
#include "os/os.h"
#include "pages.h"
#include "real.h"

#define EFAULT_ 14
#define ENOSYS_ 38

enum fill {
#define HOOK(ret, name, ...) FILL_##name,
#include "fills.def"
#undef HOOK
	FILLS
};
static const char *const names[] = {
#define HOOK(ret, name, ...) #name,
#include "fills.def"
#undef HOOK
};
static void *behind[FILLS];

/* as real.c does: the first definition in the objects behind us */
static int visit(struct dl_phdr_info *info, size_t size, void *arg)
{
	int *is_behind_us = arg;
	struct ex_object object;
	(void)size;
	ex_object_from(&object, info);
	for (size_t i = 0; *is_behind_us && i < FILLS; i++)
		if (!behind[i])
			__atomic_store_n(&behind[i], ex_object_symbol(&object, names[i]), __ATOMIC_RELEASE);
	if (!*is_behind_us)
		*is_behind_us = ex_object_is_self(&object);
	return 0;
}

void ex_fills_find(void)
{
	int is_behind_us = 0;
	ex_object_each(visit, &is_behind_us);
}

static void *find(enum fill n)
{
	void *found = __atomic_load_n(&behind[n], __ATOMIC_ACQUIRE);
	if (__builtin_expect(found != NULL, 1))
		return found;
	ex_fills_find();
	if (!behind[n])
		*ex_errno() = ENOSYS_;
	return behind[n];
}

/* the kernel took the bytes before a page that it may not write to, and says so only where there were none of them */
static void look(enum fill n, int fd, const char *at, size_t bytes, long got, const struct ex_cfi_frame *caller)
{
	int error = *ex_errno();
	if (got < 0 ? error == EFAULT_ : got > 0 && (size_t)got < bytes && fd >= 0 && ex_os_has_more(fd))
		ex_pages_tell_call((uintptr_t)at, bytes, got < 0 ? 0 : (size_t)got, names[n], caller);
	*ex_errno() = error;
}

/* each buffer of a list; where the program's own list cannot be read, the call has said so */
static void look_list(enum fill n, int fd, const struct iovec *list, size_t count, long got,
		      const struct ex_cfi_frame *caller)
{
	struct iovec one;
	size_t rest = got > 0 ? (size_t)got : 0;
	for (size_t i = 0; i < count; i++) {
		if (ex_os_peek(&one, (uintptr_t)&list[i], sizeof(one)) != sizeof(one))
			return;
		if (rest >= one.iov_len && one.iov_len) {
			rest -= one.iov_len;
			continue;
		}
		if (ex_pages_has(one.iov_base))
			look(n, got > 0 && !rest ? -1 : fd, one.iov_base, one.iov_len, rest ? (long)rest : got, caller);
		rest = 0;
		if (got >= 0)
			return;
	}
}

static const void *ex_fill_list(const void *message)
{
	struct msghdr header;
	return ex_os_peek(&header, (uintptr_t)message, sizeof(header)) == sizeof(header) ? header.msg_iov : NULL;
}

static long ex_fill_count(const void *message)
{
	struct msghdr header;
	return ex_os_peek(&header, (uintptr_t)message, sizeof(header)) == sizeof(header) ? (long)header.msg_iovlen : 0;
}

static __attribute__((noinline)) void look_at(enum fill n, int fd, const void *at, long bytes, long got,
					      const struct ex_cfi_frame *caller)
{
	if (bytes < 0)
		look_list(n, fd, at, (size_t)-bytes, got, caller);
	else if (ex_pages_has(at))
		look(n, fd, at, (size_t)bytes, got, caller);
}

/* names come put together: alone they would be expanded, and are banned here */
#define HOOK(ret, name, params, args, fd, at, bytes, got)                                                              \
	EX_EXPORT ret ex_fill_##name params __asm__(#name);                                                            \
	ret ex_fill_##name params                                                                                      \
	{                                                                                                              \
		ret(*real) params = (ret(*) params)find(FILL_##name);                                                  \
		if (!real)                                                                                             \
			return (ret)-1;                                                                                \
		ret result = real args;                                                                                \
		if (__builtin_expect(ex_pages_begin != 0, 0))                                                          \
			look_at(FILL_##name, fd, at, bytes, (long)(got), &(struct ex_cfi_frame){EX_SITE_CALLER});      \
		return result;                                                                                         \
	}
#include "fills.def"
#undef HOOK
