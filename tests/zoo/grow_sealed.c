/* expect: exit 0. A seccomp filter that kills for every system call but those that growing threads need, then threads grow.
 * Exit status 77 where there are no filters */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include "grow.h"

static const int allowed[] = {SYS_mmap,	      SYS_munmap,	SYS_mprotect,	    SYS_mremap, SYS_madvise,
			      SYS_brk,	      SYS_futex,	SYS_clone,	    SYS_clone3, SYS_rseq,
			      SYS_exit,	      SYS_exit_group,	SYS_rt_sigprocmask, SYS_write,	SYS_set_robust_list,
			      SYS_newfstatat, SYS_rt_sigreturn, SYS_rt_sigaction};
#define COUNT (sizeof allowed / sizeof *allowed)

static void *body(void *n)
{
	for (int i = 0; i < 3; i++)
		grow_free(grow_small(1 << 20, (unsigned)(long)n, NULL));
	return NULL;
}

int main(void)
{
	struct sock_filter filter[COUNT + 3];
	struct sock_fprog program = {COUNT + 3, filter};
	filter[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < COUNT; i++)
		filter[i + 1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)allowed[i],
							     (unsigned char)(COUNT - i), 0);
	filter[COUNT + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	filter[COUNT + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	grow_free(grow_block(100, NULL)); /* malloc's first call draws a random number */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0))
		return 77;
	GROW_MARK("begin");
	grow_threads(4, body);
	grow_free(grow_small(4 << 20, 1, NULL));
	return grow_done();
}
