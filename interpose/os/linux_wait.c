/*
 * linux_wait.c: waiting, and limits. See os.h.
 */
#include <linux/futex.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <time.h>

#include "os/os.h"
#include "sys.h"

int ex_os_wait(uint32_t *word, uint32_t value, uint64_t timeout_ns)
{
	struct timespec most = {(time_t)(timeout_ns / 1000000000u), (long)(timeout_ns % 1000000000u)};
	return ex_sys(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, &most) == -110; /* ETIMEDOUT */
}

void ex_os_wake(uint32_t *word)
{
	/* under a filter too: who went to sleep before it came would sleep for ever, and nobody else will wake the rest */
	ex_sys_anyway(SYS_futex, word, FUTEX_WAKE_PRIVATE, ex_sealed ? INT32_MAX : 1);
}

void ex_os_sleep_ns(uint64_t ns)
{
	struct timespec left = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
	while (ex_sys(SYS_nanosleep, &left, &left) == -4) /* EINTR */
		;
}

/* whether a limit is above what it was: raised just now, or by another thread since the refusal */
static int raise_limit(int which, uint64_t room_bytes, uint64_t *target)
{
	struct rlimit64 now, wanted;
	uint64_t none = 0, sum;
	if (ex_sys(SYS_prlimit64, 0, which, 0, &now) || now.rlim_cur == RLIM64_INFINITY)
		return 0;
	if (__builtin_add_overflow(now.rlim_cur, room_bytes, &sum))
		sum = RLIM64_INFINITY;
	if (__atomic_compare_exchange_n(target, &none, sum, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		none = sum;
	wanted = (struct rlimit64){none, now.rlim_max < none ? none : now.rlim_max};
	if (now.rlim_cur >= wanted.rlim_cur || ex_sys(SYS_prlimit64, 0, which, &wanted, 0) == 0)
		return 1;
	wanted = (struct rlimit64){now.rlim_max, now.rlim_max};
	return now.rlim_cur < now.rlim_max && ex_sys(SYS_prlimit64, 0, which, &wanted, 0) == 0;
}

/* once, and by half of what is free: somebody limited this program, perhaps because it takes all that it can get */
int ex_os_raise_limits(void)
{
	static uint64_t targets[2];
	struct sysinfo info;
	if (ex_sys(SYS_sysinfo, &info))
		return 0;
	uint64_t room_bytes = (uint64_t)info.freeram * info.mem_unit / 2;
	return raise_limit(RLIMIT_AS, room_bytes, &targets[0]) | raise_limit(RLIMIT_DATA, room_bytes, &targets[1]);
}

uint64_t ex_os_stack_limit(void)
{
	struct rlimit64 now;
	return ex_sys(SYS_prlimit64, 0, RLIMIT_STACK, 0, &now) ? 0 : now.rlim_cur;
}

uint64_t ex_os_address_space_limit(void)
{
	struct rlimit64 now;
	return ex_sys(SYS_prlimit64, 0, RLIMIT_AS, 0, &now) ? UINT64_MAX : now.rlim_cur;
}

/* a privileged process raises the hard limit too */
int ex_os_raise_stack_limit(uint64_t bytes)
{
	struct rlimit64 now, wanted;
	if (ex_sys(SYS_prlimit64, 0, RLIMIT_STACK, 0, &now))
		return 0;
	wanted = (struct rlimit64){bytes, now.rlim_max < bytes ? bytes : now.rlim_max};
	if (now.rlim_cur >= bytes || !ex_sys(SYS_prlimit64, 0, RLIMIT_STACK, &wanted, 0))
		return 1;
	wanted.rlim_cur = wanted.rlim_max = now.rlim_max;
	ex_sys(SYS_prlimit64, 0, RLIMIT_STACK, &wanted, 0);
	return 0;
}
