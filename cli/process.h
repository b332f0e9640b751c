/*
 * process.h: the process images of a trace, who began whom, how each ended, and which one a report is about.
 */
#ifndef EX_PROCESS_H
#define EX_PROCESS_H

#include "trace.h"

struct ex_module {
	uint32_t n;
	uint64_t bias, begin, end;
	uint64_t from_ns, to_ns; /* loaded during; to_ns = UINT64_MAX while loaded */
	const char *path;
	const unsigned char *build_id;
	unsigned build_id_bytes;
};

enum ex_end_kind { /* names in ex_end_text: the JSON contract's words */
		   EX_END_EXIT,
		   EX_END_FAST, /* _exit */
		   EX_END_QUICK,
		   EX_END_ABORT,
		   EX_END_SIGNAL,
		   EX_END_EXEC,
		   EX_END_VANISHED, /* nothing in the process saw it and no one waited */
		   EX_END_RUNNING, /* not ended when the trace was read: its pid was never waited for and the launcher still runs */
};

struct ex_image {
	uint32_t pid, ppid;
	uint64_t image_ns, parent_image_ns;
	const char *exe, *cwd, *options;
	const char **argv;
	int argc;
	int is_fork;
	int is_rerun; /* a stopped copy that was made to run on: what it came to says nothing about the command */
	struct ex_module *modules;
	size_t module_count;
	enum ex_end_kind end;
	int status;	/* exit status, for EX_END_EXIT, FAST, QUICK */
	int signal;	/* EX_END_SIGNAL, EX_END_ABORT; else 0 */
	int exit_kind;	/* EX_exit_*, -1 when no EXIT_BEGIN was seen */
	int gave_up;	/* the abort was libc's own: a check of its found something broken */
	int has_writer; /* an LLVM profile writer registered in this very image (a fork child: or in its parent) */
	int writer_ran; /* at least one writer ran to its end, at exit or by an early flush, or its profile was salvaged */
	int is_bad;	/* 2: ended by a signal that is no plain end of a pipeline; 1: lost its profile; else 0 */
	const struct ex_event *crash;	   /* last CRASH with disposition default, NULL */
	const struct ex_event *first_exit; /* first EXIT_BEGIN of the process' own image, NULL */
	const struct ex_event **events;	   /* of this image, in time order */
	size_t event_count;
	const struct ex_event **writers, **registrations; /* its WRITER and REGISTER events, without its parent's */
	size_t writer_count, registration_count;
	uint64_t begin_ns, end_ns; /* first event; crash, else last event */
	int is_guest; /* ran in a sandbox that the launcher was outside of: numbers and clocks are of another kernel */
	const char *sandbox_end;       /* a guest that vanished: how its sandbox ended, in words; NULL: not known */
	const struct ex_image *parent; /* fork children: the image they were copied from, NULL when not in the trace */
};

struct ex_processes {
	struct ex_trace *trace;
	struct ex_image *images; /* in order of image_ns */
	size_t count;
	struct ex_image *judged;	/* the one a report is about */
	uint32_t root_pid;		/* first process of the command; from LAUNCH, or the first image */
	const struct ex_event **waited; /* all WAITED events of the trace */
	size_t waited_count;
	uint32_t launcher_pid; /* 0 without LAUNCH */
	int has_root_status;
	int root_status;     /* wait status as the launcher read it */
	const char *sandbox; /* the launcher's command starts a sandbox ("runsc"): what is observed is inside. NULL */
	uint32_t guest_root_pid; /* the first process inside, 0 = none */
};

void ex_processes_build(struct ex_processes *processes, struct ex_trace *trace);
/* the last image of that pid, NULL when the trace has none */
struct ex_image *ex_processes_find(struct ex_processes *processes, uint32_t pid);
/* the process of that number, as --pid gave it; NULL: the judged one. NULL: there is none, or status has the exit status
 * after a message */
const struct ex_image *ex_processes_choose(struct ex_processes *processes, const char *pid, int *status);
/* "1 (sh), 2 (app)": for messages */
const char *ex_processes_list(const struct ex_processes *processes);
const char *ex_end_text(enum ex_end_kind kind);
const char *ex_signal_name(int signal); /* "SIGSEGV", or "signal 42" */
/* the REGISTER event of handler id, also from before a fork; NULL */
const struct ex_event *ex_image_registration(const struct ex_image *image, uint32_t id);
/* whether handler id is an LLVM profile writer, also from before a fork */
int ex_image_is_writer(const struct ex_image *image, uint32_t id);
/* module mapped at addr at that time, NULL */
const struct ex_module *ex_image_module(const struct ex_image *image, uint64_t addr, uint64_t time_ns);
/* the program itself, NULL */
const struct ex_module *ex_image_program(const struct ex_image *image);

#endif
