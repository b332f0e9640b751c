/*
 * tracer_thread.h: what tracer.c, tracer_stop.c and tracer_word.c share: the threads that are traced, and the memory that they
 * have in common, with the word in it. Nobody else needs it.
 */
#ifndef EX_TRACER_THREAD_H
#define EX_TRACER_THREAD_H

#include "tracee.h"
#include "tracer.h"
#include "watch_log.h"
#include "watch_word.h"

/* one address space: a process, and children that borrow it (vfork) */
struct ex_space {
	pid_t pid;
	int users;
	int is_there; /* the word is, and is watched */
	int is_told;  /* that it comes later */
	uint64_t address, value;
	uint64_t writes, calls;
	unsigned strange; /* stops since it changed and nobody was seen to do it (steps) */
};

struct ex_thread {
	pid_t tid, pid; /* pid: its process */
	struct ex_space *space;
	int is_stopped, is_armed;
	int in_call;	 /* between the entry and the end of a system call; call has its arguments */
	int was_hit;	 /* a debug register stopped it, and the stop has not been seen to */
	int wants_frame; /* it was given a signal, and stops when the frame is there */
	int has_status;	 /* it stopped while another was looked at; status is to be seen to */
	int status;
	struct ex_tracee_regs call;
	int has_before; /* steps: registers before the instruction */
	struct ex_tracee_regs before;
};

struct ex_tracer {
	struct ex_watch_word word;
	int asked; /* EX_watch_by_* of the setting */
	int way;   /* what is done */
	int follows;
	int is_randomised;
	unsigned stack_bytes;
	pid_t root;
	int has_ended, root_status;
	pid_t gone;	/* thread that has just ended */
	pid_t refused;	/* a process that traces others itself */
	int is_unarmed; /* watch-by=breakpoint, and there are no debug registers */
	struct ex_thread **threads;
	size_t thread_count;
	struct ex_watch_log *log;
};

/* tracer.c */
void ex_tracer_note(struct ex_tracer *tracer, pid_t pid, int note, const char *text);
/* stops the threads of that space that run in user code, so that what they stored is known; but: it is stopped already, NULL */
void ex_tracer_halt(struct ex_tracer *tracer, const struct ex_space *space, const struct ex_thread *but);
/* a thread in a system call: whether that ends now, a few milliseconds at most; its stop is seen to later */
int ex_tracer_await_call(struct ex_thread *thread);
void ex_tracer_end_all(struct ex_tracer *tracer);

/* tracer_stop.c: one stop; the thread goes on, or listens */
void ex_tracer_stopped(struct ex_tracer *tracer, struct ex_thread *thread, int status);

/* tracer_space.c: bytes that could be read */
size_t ex_space_read(pid_t tid, uint64_t address, void *buffer, size_t bytes);
int ex_space_read_word(const struct ex_tracer *tracer, pid_t tid, uint64_t address, uint64_t *value);
void ex_space_join(struct ex_tracer *tracer, struct ex_thread *thread);
void ex_space_leave(struct ex_tracer *tracer, struct ex_thread *thread, int wait_status);
/* the map may have changed: whether the word is there now */
void ex_space_find_word(struct ex_tracer *tracer, struct ex_thread *thread);
void ex_space_arm(struct ex_tracer *tracer, struct ex_thread *thread);
/* tracer_word.c: whether a debug register stopped it since it was last asked; then the store is recorded */
int ex_space_take_hit(struct ex_tracer *tracer, struct ex_thread *thread);
/* how: EX_watch_writer_SYSCALL at the end of thread's call, SIGNAL at a handler's begin, EXIT: thread has ended, UNKNOWN at any
 * other stop */
void ex_space_look(struct ex_tracer *tracer, struct ex_thread *thread, int how);
/* behind a single step */
void ex_space_stepped(struct ex_tracer *tracer, struct ex_thread *thread, int is_frame);

#endif
