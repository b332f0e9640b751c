/*
 * doctor.h: what works here, as a list of findings. Used by doctor; of a program, by scan too.
 */
#ifndef EX_DOCTOR_H
#define EX_DOCTOR_H

#include "emit.h"
#include "program.h"

enum ex_finding_level {
	EX_FINDING_OK,
	EX_FINDING_NOTE,    /* works, and something is worth knowing */
	EX_FINDING_MISSING, /* does not work; the text says what follows from it */
};

struct ex_finding {
	enum ex_finding_level level;
	const char *name, *text;
};

struct ex_doctor {
	struct ex_finding findings[128]; /* one more is dropped */
	unsigned count;
	int status; /* what exeunt run would exit with, 0 = CMD can be observed */
};

void ex_doctor_add(struct ex_doctor *doctor, enum ex_finding_level level, const char *name, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* the findings, inside an open array */
void ex_doctor_emit(struct ex_emit *emit, const struct ex_doctor *doctor);

/* doctor_host.c: libc, kernel, limits, hooks */
void ex_doctor_host(struct ex_doctor *doctor, int measures_mappings);
/* doctor_kernel.c: what the kernel lacks; in a sandbox also what it has */
void ex_doctor_kernel(struct ex_doctor *doctor, int is_sandbox);
/* doctor_mappings.c: measures how many mappings the host allows: some seconds */
void ex_doctor_mappings(struct ex_doctor *doctor, int is_sandbox);
/* doctor_growth.c: what became of the detours in the trace of a trial; what limits memory; the libc that CMD will have */
void ex_doctor_detours(struct ex_doctor *doctor, const char *trial_dir);
void ex_doctor_limits(struct ex_doctor *doctor, int is_sandbox);
void ex_doctor_libc(struct ex_doctor *doctor, const char *path);
/* doctor_profile.c: a file that has LLVM profile counters, or the runtime for them */
void ex_doctor_profile(struct ex_doctor *doctor, const char *path);
/* doctor_program.c: the file that CMD would run, and what is in it */
void ex_doctor_program(struct ex_doctor *doctor, const char *name);
/* the same of one that was examined, without a message; status: what exeunt run would exit with */
void ex_doctor_examined(struct ex_doctor *doctor, const struct ex_program *program, int status);

#endif
