/*
 * rerun.c: asks a copy to make a process that goes on where it stands, carries its output, and waits. The process is not our
 * child: what came of it the copy writes into the page that we share. Must never leave such a process behind.
 */
#include "rerun.h"

#include "say.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 2
#define LOST_MS 200 /* between looks whether the copy is there at all */

struct pipes {
	int ends[2][2]; /* of standard output and error: where we read, where the program writes */
	int to[2];
};

static volatile sig_atomic_t stop_signal;

static void note_stop(int signo)
{
	stop_signal = signo;
}

static double now_s(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void write_all(int fd, const char *bytes, size_t count)
{
	while (count) {
		ssize_t put = write(fd, bytes, count);
		if (put < 0 && errno != EINTR)
			return; /* nobody reads it: the program shall not notice */
		bytes += put > 0 ? put : 0;
		count -= put > 0 ? (size_t)put : 0;
	}
}

/* what is in the pipes by now */
static void carry(const struct pipes *pipes)
{
	char bytes[65536];
	ssize_t got;
	for (int n = 0; n < 2; n++)
		while ((got = read(pipes->ends[n][0], bytes, sizeof(bytes))) > 0)
			write_all(pipes->to[n], bytes, (size_t)got);
}

static int make_pipes(struct pipes *pipes, int out_fd)
{
	*pipes = (struct pipes){.to = {out_fd, STDERR_FILENO}};
	for (int n = 0; n < 2; n++)
		if (pipe2(pipes->ends[n], O_CLOEXEC) || fcntl(pipes->ends[n][0], F_SETFL, O_NONBLOCK))
			return ex_fail(EX_MSG_OUR_FAILURE, "cannot make a pipe; close some files or raise ulimit -n",
				       strerror(errno));
	return 0;
}

static void close_pipes(const struct pipes *pipes)
{
	for (int n = 0; n < 2; n++) {
		close(pipes->ends[n][0]);
		close(pipes->ends[n][1]);
	}
}

static const char *name_of(const struct ex_clone *clone)
{
	return ex_format("%s:%u", clone->trace, clone->slot->number);
}

/* 0, or the exit status after a message */
static int wait_for(struct ex_reruns *reruns, struct ex_rerun *rerun, uint32_t asked, const struct pipes *pipes)
{
	struct ex_clone *clone = reruns->clone;
	struct ex_clone_slot *slot = clone->slot;
	double begin_s = now_s(), looked_s = begin_s;
	rerun->how = EX_RERUN_ENDED;
	while (__atomic_load_n(&slot->answered, __ATOMIC_ACQUIRE) != asked) {
		struct pollfd ends[2] = {{pipes->ends[0][0], POLLIN, 0}, {pipes->ends[1][0], POLLIN, 0}};
		poll(ends, 2, LOOK_MS);
		carry(pipes);
		double now = now_s();
		pid_t pid = (pid_t)__atomic_load_n(&slot->rerun, __ATOMIC_ACQUIRE);
		if (pid > 0)
			rerun->pid = (uint32_t)pid;
		if (pid > 0 && (stop_signal || now - begin_s > reruns->timeout_s)) {
			rerun->how = stop_signal ? EX_RERUN_INTERRUPTED : EX_RERUN_TIMED_OUT;
			kill(pid, SIGKILL);
		}
		if (now - looked_s < LOST_MS / 1e3)
			continue;
		looked_s = now;
		if (!ex_clone_lives(clone))
			return ex_fail(EX_MSG_CLONE_GONE, name_of(clone), "it was ended meanwhile");
	}
	carry(pipes);
	rerun->seconds = now_s() - begin_s;
	rerun->wait_status = slot->status;
	rerun->was_silent = slot->was_silent != 0;
	rerun->n = slot->reruns;
	if (slot->status < 0)
		rerun->how = EX_RERUN_NONE;
	return 0;
}

static int run_one(struct ex_reruns *reruns, const struct pipes *pipes)
{
	struct ex_clone_slot *slot = reruns->clone->slot;
	struct ex_rerun *rerun = &reruns->list[reruns->count];
	*rerun = (struct ex_rerun){.how = EX_RERUN_ENDED};
	slot->asker = (uint32_t)getpid();
	slot->out = pipes->ends[0][1];
	slot->err = pipes->ends[1][1];
	slot->rerun = 0;
	int status = wait_for(reruns, rerun, ex_clone_ask(reruns->clone, EX_CLONE_RERUN), pipes);
	if (status)
		return status;
	reruns->count++;
	if (rerun->how == EX_RERUN_NONE)
		return ex_fail(EX_MSG_CLONE_FAILED, name_of(reruns->clone), strerror(-rerun->wait_status));
	return 0;
}

static int run_all(struct ex_reruns *reruns)
{
	struct pipes pipes;
	int status = make_pipes(&pipes, reruns->out_fd);
	reruns->list = calloc((size_t)reruns->wanted, sizeof(*reruns->list));
	if (!reruns->list)
		abort();
	for (int n = 0; !status && !stop_signal && n < reruns->wanted; n++) {
		ex_progress("run %d of %d", n + 1, reruns->wanted);
		status = run_one(reruns, &pipes);
	}
	ex_progress(NULL);
	close_pipes(&pipes);
	return status;
}

int ex_reruns_do(struct ex_reruns *reruns)
{
	static const int stops[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction action = {.sa_handler = note_stop}, now;
	struct ex_clones *page = reruns->clone->page;
	int lock = open(reruns->clone->path, O_RDWR | O_CLOEXEC);
	if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB)) {
		close(lock);
		return ex_fail(EX_MSG_CLONE_BUSY, name_of(reruns->clone));
	}
	signal(SIGPIPE, SIG_IGN);
	for (size_t n = 0; n < sizeof(stops) / sizeof(*stops); n++)
		if (!sigaction(stops[n], NULL, &now) && now.sa_handler != SIG_IGN)
			sigaction(stops[n], &action, NULL);
	if (reruns->dir)
		strncpy(page->out, reruns->dir, sizeof(page->out) - 1);
	int status = run_all(reruns);
	memset(page->out, 0, sizeof(page->out));
	if (lock >= 0)
		close(lock);
	reruns->stopped_by = stop_signal;
	return status;
}

/* the image that a re-run wrote */
static const struct ex_image *image_of(const struct ex_processes *processes, const struct ex_reruns *reruns,
				       const struct ex_rerun *rerun)
{
	for (size_t i = processes->count; i-- > 0;) {
		const struct ex_image *image = &processes->images[i];
		for (size_t n = 0; image->is_rerun && n < image->event_count; n++) {
			const struct ex_event *event = image->events[n];
			if (event->meta->id == EX_EV_RERUN && EX_EVENT(event, rerun)->n == rerun->n &&
			    EX_EVENT(event, rerun)->number == reruns->clone->slot->number)
				return image;
		}
	}
	return NULL;
}

#define FRAMES 24

static int is_libc(const struct ex_place *place)
{
	return !strncmp(place->module_name, "libc.so", 7) || !strncmp(place->module_name, "libc-", 5);
}

/* where it died; what libc was called to do, as in abort, says less than who called it */
static void find_place(struct ex_rerun *rerun, struct ex_symbols *symbols, const struct ex_event *crash)
{
	struct ex_place frames[FRAMES];
	int regs = ex_event_tail(crash->meta, "regs"), stack = ex_event_tail(crash->meta, "stack"), count = 0, n = 0;
	if (regs >= 0 && stack >= 0)
		count = ex_symbols_unwind(symbols, crash->tail[regs], crash->tail[stack], 0, frames, FRAMES);
	while (n < count && (is_libc(&frames[n]) || ex_place_is_ours(&frames[n])))
		n++;
	rerun->place = n < count ? frames[n] : ex_symbols_place(symbols, EX_EVENT(crash, crash)->pc, 0);
	rerun->has_place = 1;
}

static const char *text_of(const struct ex_rerun *rerun)
{
	if (rerun->how == EX_RERUN_TIMED_OUT)
		return "not ended in time";
	if (rerun->how == EX_RERUN_INTERRUPTED)
		return "interrupted";
	if (!WIFSIGNALED(rerun->wait_status))
		return ex_format("exit status %d", WEXITSTATUS(rerun->wait_status));
	int signo = WTERMSIG(rerun->wait_status);
	return rerun->has_place
		       ? ex_format("signal %d %s at %s", signo, ex_signal_name(signo), ex_place_text(&rerun->place))
		       : ex_format("signal %d %s", signo, ex_signal_name(signo));
}

void ex_reruns_read(struct ex_reruns *reruns)
{
	struct ex_trace trace;
	struct ex_processes processes;
	struct ex_symbols *symbols = NULL;
	const char *why;
	int has_trace = ex_trace_open(&trace, reruns->dir ? reruns->dir : reruns->clone->trace, &why) == EX_TRACE_OK;
	if (has_trace)
		ex_processes_build(&processes, &trace);
	for (int n = 0; n < reruns->count; n++) {
		struct ex_rerun *rerun = &reruns->list[n];
		const struct ex_image *image = has_trace ? image_of(&processes, reruns, rerun) : NULL;
		rerun->pid = image ? image->pid : rerun->pid;
		/* all are copies of one process: what lies where is the same in each */
		if (image && !symbols)
			symbols = ex_symbols_open(image, NULL);
		if (image && image->crash && WIFSIGNALED(rerun->wait_status) && rerun->how == EX_RERUN_ENDED)
			find_place(rerun, symbols, image->crash);
		rerun->signal = WIFSIGNALED(rerun->wait_status) ? WTERMSIG(rerun->wait_status) : 0;
		rerun->text = text_of(rerun);
	}
}
