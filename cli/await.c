/*
 * await.c: the end of the command, and what comes to us meanwhile: signals to pass on, a time limit. Must never end
 * before the command has.
 */
#include "await.h"

#include "launcher.h"
#include "tracer.h"

#include <errno.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>

#define GRACE_S 2.0 /* between SIGTERM and SIGKILL */
#define PAUSE_S 1.0 /* a SIGCHLD that never comes costs this much */

static double now_s(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* signals that we take one by one while we wait; those that were ignored stay so. Two more only must not end us: a
 * trace that ulimit -f forbids, and a child that died before it read its pipe, are errors like others */
void ex_await_signals(sigset_t *set)
{
	static const int stops[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGXFSZ);
	sigaddset(set, SIGPIPE);
	for (size_t i = 0; i < sizeof(stops) / sizeof(*stops); i++) {
		struct sigaction action;
		if (!sigaction(stops[i], NULL, &action) && action.sa_handler != SIG_IGN)
			sigaddset(set, stops[i]);
	}
}

static int is_stop(int signo)
{
	return signo != SIGCHLD && signo != SIGXFSZ && signo != SIGPIPE;
}

/* a signal that came to us: tells the command, unless the terminal has told it already */
static void pass_on(const struct ex_launch *launch, struct ex_ending *ending, const siginfo_t *info)
{
	int is_terminal = info->si_signo == SIGINT || info->si_signo == SIGQUIT || info->si_code == SI_KERNEL;
	if (!is_stop(info->si_signo))
		return;
	ending->interrupted = info->si_signo;
	if (launch->own_group)
		kill(-ending->pid, info->si_signo);
	else if (!is_terminal)
		kill(ending->pid, info->si_signo);
}

static int has_ended(pid_t pid)
{
	siginfo_t info = {0};
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT))
		return errno != EINTR;
	return info.si_pid == pid;
}

void ex_await(const struct ex_launch *launch, struct ex_ending *ending, const sigset_t *signals,
	      struct ex_tracer *tracer)
{
	double begin_s = now_s();
	double term_s = launch->timeout_s > 0 ? begin_s + launch->timeout_s : 0, kill_s = 0;
	struct ex_launcher_rest *rest = NULL;
	siginfo_t info;
	pid_t target = launch->own_group ? -ending->pid : ending->pid;
	int over; /* -1: there is more to see to */
	while ((over = tracer ? ex_tracer_poll(tracer, &ending->wait_status) : has_ended(ending->pid)) <= 0) {
		double now = now_s(), pause = PAUSE_S, next = kill_s > 0 ? kill_s : term_s;
		if (next > 0 && now >= next) {
			rest = ending->sandbox && !rest ? ex_launcher_look(ending->pid) : rest;
			kill(target, kill_s > 0 ? SIGKILL : SIGTERM);
			ending->timed_out |= !ending->interrupted;
			kill_s = now + GRACE_S;
			next = kill_s;
		}
		if (next > 0 && next - now < pause)
			pause = next - now;
		if (over < 0)
			pause = 0;
		struct timespec limit = {(time_t)pause, (long)((pause - (double)(time_t)pause) * 1e9)};
		if (sigtimedwait(signals, &info, &limit) > 0) {
			rest = ending->sandbox && !rest && is_stop(info.si_signo) ? ex_launcher_look(ending->pid)
										  : rest;
			pass_on(launch, ending, &info);
			if (ending->interrupted && launch->own_group && kill_s <= 0)
				kill_s = now_s() + GRACE_S;
		}
	}
	ending->seconds = now_s() - begin_s;
	/* before it is reaped, so that the group's number is still its own */
	if (launch->own_group && (ending->timed_out || ending->interrupted))
		kill(-ending->pid, SIGKILL);
	ex_launcher_sweep(rest);
	if (!tracer)
		ending->wait_status = ex_await_reap(ending->pid);
}

int ex_await_reap(pid_t pid)
{
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

void ex_await_drain(struct ex_ending *ending, const sigset_t *signals)
{
	static const struct timespec at_once;
	siginfo_t info;
	while (sigtimedwait(signals, &info, &at_once) > 0)
		if (is_stop(info.si_signo))
			ending->interrupted = info.si_signo;
}
