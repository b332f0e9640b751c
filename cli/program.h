/*
 * program.h: the file that a command would run, and whether a library can be preloaded into it. Reads files only:
 * nothing is executed. Paths are absolute, or relative to the command's working directory as the kernel would see them.
 */
#ifndef EX_PROGRAM_H
#define EX_PROGRAM_H

enum ex_program_kind {
	EX_PROGRAM_DYNAMIC,    /* can be observed */
	EX_PROGRAM_UNREADABLE, /* may be executed but not read: tried as it is */
	EX_PROGRAM_NOT_FOUND,
	EX_PROGRAM_NOT_EXECUTABLE, /* .why says it */
	EX_PROGRAM_STATIC,
	EX_PROGRAM_PRIVILEGED,
	EX_PROGRAM_FOREIGN,
};

struct ex_elf {
	int is_elf;	 /* has the magic number */
	int is_whole;	 /* and headers that make sense */
	int is_foreign;	 /* other class, byte order or machine than this exeunt */
	int is_dynamic;	 /* the dynamic linker runs it (or it is the dynamic linker) */
	int is_profiled; /* has LLVM profile counters */
	int exports_malloc;
	int has_static_asan; /* the address sanitizer's runtime is in the file itself */
	const char *asan;    /* DT_NEEDED name of the sanitizer's shared runtime, NULL */
	const char *search;  /* its DT_RUNPATH or DT_RPATH, "" */
	const char *interp;  /* PT_INTERP, NULL */
	const char **needed; /* DT_NEEDED, NULL-terminated */
};

struct ex_program {
	enum ex_program_kind kind;
	const char *name; /* as given */
	const char *path; /* as found along PATH */
	const char *file; /* the ELF file that runs in the end: path, or the interpreter of a script */
	const char *why;  /* NOT_EXECUTABLE: errno's text */
	int is_script;
	struct ex_elf elf;     /* of file */
	int has_sanitizer;     /* address sanitizer, shared or in the file */
	const char *sanitizer; /* what must stand first in LD_PRELOAD for it, NULL */
};

/* cwd NULL: ours. path: value of the command's PATH, NULL when it has none. Never fails: .kind says what was found */
void ex_program_examine(struct ex_program *program, const char *name, const char *cwd, const char *path);
/* 0 when it can be observed, else the exit status after a message */
int ex_program_refuse(const struct ex_program *program);
/* the word for doctor: "dynamic", "static", ... */
const char *ex_program_kind_text(enum ex_program_kind kind);

/* elf_peek.c: 0, or errno */
int ex_elf_peek(struct ex_elf *elf, const char *path);
/* runtime_path.c: full path of a shared library as the dynamic linker would find it, the bare name when it is nowhere */
const char *ex_runtime_path(const char *soname, const char *search, const char *origin_file);

#endif
