/*
 * doctor_mappings.c: how many mappings the host of a gVisor sandbox allows one process. Nothing inside can read that: a copy
 * of this process makes mappings that cannot be joined, until it dies of it. It has a stub process of its own, so nobody else
 * comes to the limit; measured with Debian's 20221219 (ptrace: 65519, 11 s) and 20260905 (systrap: 65502, 7 s; ptrace:
 * 65516), where vm.max_map_count is 65530. The Sentry lived on in all.
 */
#include "doctor.h"

#include "say.h"
#include "text.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 262144  /* a page of memory each, 1 GiB in all */
#define USUAL 65530  /* what Linux allows unless told otherwise, and option host-mappings */
#define OWN_MOST 500 /* what a process has besides */
#define PAUSE_NS 200000000L

/* each second page made accessible is a mapping of its own, in here and on the host */
__attribute__((noreturn)) static void make(volatile unsigned *made)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigaction(SIGSEGV, &plain, NULL);
	sigaction(SIGBUS, &plain, NULL);
	char *begin = mmap(NULL, MOST * 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	while (begin != MAP_FAILED && *made < MOST) {
		char *at = begin + *made * 2 * page;
		if (mprotect(at, page, PROT_READ | PROT_WRITE))
			break;
		*(volatile char *)at = 1;
		++*made;
	}
	_exit(0);
}

void ex_doctor_mappings(struct ex_doctor *doctor, int is_sandbox)
{
	static const struct timespec pause = {0, PAUSE_NS};
	static const char name[] = "host mappings";
	int status = 0;
	if (!is_sandbox) {
		ex_doctor_add(doctor, EX_FINDING_OK, name,
			      "not measured: no sandbox, the limit is in vm.max_map_count");
		return;
	}
	volatile unsigned *made = mmap(NULL, sizeof(*made), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (made == MAP_FAILED)
		return;
	*made = 0;
	pid_t pid = fork();
	if (!pid)
		make(made);
	while (pid > 0 && waitpid(pid, &status, WNOHANG) == 0) {
		ex_progress("host mappings: %u", *made);
		nanosleep(&pause, NULL);
	}
	ex_progress(NULL);
	if (pid < 0)
		ex_doctor_add(doctor, EX_FINDING_NOTE, name, "not measured: no process can be made (%s)",
			      strerror(errno));
	else if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		ex_doctor_add(doctor, EX_FINDING_OK, name, "a copy of this process made %u before it died of it: %s",
			      *made,
			      *made <= USUAL && *made > USUAL - OWN_MOST
				      ? ex_format("the host has the usual limit of %d, as -s host-mappings", USUAL)
				      : ex_format("give -s host-mappings=%u", *made));
	else if (WIFSIGNALED(status))
		ex_doctor_add(doctor, EX_FINDING_NOTE, name,
			      "a copy of this process was killed with %u made: memory ran out first", *made);
	else if (*made == MOST)
		ex_doctor_add(doctor, EX_FINDING_OK, name,
			      "more than %u: the host allows more than it usually does; give -s host-mappings=4194304, "
			      "or as it was told",
			      *made);
	else
		ex_doctor_add(doctor, EX_FINDING_NOTE, name, "the sandbox itself allowed no more than %u", *made);
}
