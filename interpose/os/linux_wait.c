/*
 * linux_wait.c: waiting, and limits. See os.h.
 */
#include <linux/futex.h>
#include <sys/resource.h>
#include <time.h>

#include "os/os.h"
#include "sys.h"

void ex_os_wait(uint32_t *word, uint32_t value)
{
	ex_sys(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, 0);
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

static int raise_limit(int which)
{
	struct rlimit64 now, wanted = {RLIM64_INFINITY, RLIM64_INFINITY};
	if (ex_sys(SYS_prlimit64, 0, which, 0, &now) || now.rlim_cur == RLIM64_INFINITY)
		return 0;
	if (ex_sys(SYS_prlimit64, 0, which, &wanted, 0) == 0)
		return 1;
	if (now.rlim_cur == now.rlim_max)
		return 0;
	wanted = (struct rlimit64){now.rlim_max, now.rlim_max};
	return ex_sys(SYS_prlimit64, 0, which, &wanted, 0) == 0;
}

int ex_os_raise_limits(void)
{
	return raise_limit(RLIMIT_AS) | raise_limit(RLIMIT_DATA);
}
