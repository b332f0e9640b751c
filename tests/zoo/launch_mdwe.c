/* expect: status of PROGRAM ARGUMENT…, which it becomes with memory that may not be made executable (PR_SET_MDWE); 77 where
 * the kernel does not know that */
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#define PR_SET_MDWE_ 65
#define REFUSE_EXEC_GAIN 1

int main(int argc, char **argv)
{
	if (argc < 2)
		return 0;
	if (prctl(PR_SET_MDWE_, REFUSE_EXEC_GAIN, 0, 0, 0))
		return 77;
	execv(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
