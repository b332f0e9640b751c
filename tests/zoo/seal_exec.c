/* expect: exit 0: sets a filter that kills for calls which neither this program nor /bin/true makes, then starts /bin/true
 * twice by vfork and becomes it */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#define KILL_FOR(number)                                                                                               \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
int main(void)
{
	struct sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
				     KILL_FOR(SYS_fallocate), KILL_FOR(SYS_linkat), KILL_FOR(SYS_sigaltstack),
				     BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog filter = {sizeof(code) / sizeof(code[0]), code};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		return 77;
	for (int i = 0; i < 2; i++) {
		int status = 0;
		pid_t child = vfork();
		if (!child) {
			execl("/bin/true", "true", NULL);
			_exit(9);
		}
		if (waitpid(child, &status, 0) != child || status)
			return 1;
	}
	execl("/bin/true", "true", NULL);
	return 9;
}
