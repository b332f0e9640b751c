/*
 * follow.h: keeping sight of a command that becomes, or starts, another program.
 */
#ifndef EX_FOLLOW_H
#define EX_FOLLOW_H

#include <stddef.h>

#define EX_LOOK_BYTES 2048 /* the ELF header and 35 program headers */

/* what the dynamic linker will make of a program: EX_follow_*, and a sanitizer's runtime that must be loaded first */
struct ex_program {
	int follow;
	char first[64]; /* soname of an address-sanitizer runtime that the program needs, or "" */
	unsigned char head[EX_LOOK_BYTES] __attribute__((aligned(16))); /* of the file */
};
void ex_program_look(struct ex_program *program, const char *path);
/* value of a variable, NULL when envp (which may be NULL) has none */
const char *ex_environment_value(char *const envp[], const char *name_and_equals);
/* option follow; and not from under a seccomp filter that the program has set: it outlives exec, and may kill the next
 * program for a system call that our start makes there */
int ex_follow_is_on(void);
/* the file that execvp would take, into path; 0 when there is none */
int ex_program_search(const char *file, char *path, size_t size);

/*
 * The environment to hand on: envp with our LD_PRELOAD and EXEUNT put (back) in front. The new array and its two strings
 * live in memory that the caller gives: exec hooks run in vfork children, where nothing may be allocated.
 */
struct ex_environment {
	char **array;
	size_t array_count; /* pointers that fit, the final NULL included */
	char *text;
	size_t text_bytes;
};
/* pointers and bytes that ex_environment_make needs at most */
void ex_environment_needs(char *const envp[], size_t *pointers, size_t *bytes);
/* envp itself when nothing has to change or nothing fits */
char *const *ex_environment_make(const struct ex_environment *room, char *const envp[],
				 const struct ex_program *program);

#endif
