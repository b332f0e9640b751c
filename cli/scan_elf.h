/*
 * scan_elf.h: what one ELF file, or a member of an archive, tells.
 */
#ifndef EX_SCAN_ELF_H
#define EX_SCAN_ELF_H

#include "doctor.h"
#include "elf_file.h"
#include "scan.h"
#include "scan_profile.h"

struct ex_scan_compiler {
	const char *text;
	unsigned llvm; /* release; 0: none, or not known */
};

struct ex_scan_allocator {
	const char *name, *version; /* version NULL: not known */
	const char *how;	    /* "symbol", "mark" */
};

struct ex_scan_elf {
	const char *kind;    /* "executable", "shared object", "object" */
	const char *machine; /* "x86-64" */
	int is_64, is_little;
	const char *build_id; /* hex; NULL */
	const char *interpreter;
	const char *linkage; /* "dynamic", "static"; NULL of an object */
	const char *relro;   /* "none", "partial", "full"; NULL of an object */
	const char *malloc;  /* "offered" to others, "inside"; NULL: not defined here */
	int is_stripped;
	struct ex_scan_compiler *compilers;
	size_t compiler_count;
	struct ex_scan_allocator *allocators;
	size_t allocator_count;
	struct ex_scan_profile profile;
	const char *path;	 /* of a program that is a file of its own, NULL */
	struct ex_doctor *hooks; /* what exeunt run would find of a program; NULL: it is none, or no file of its own */
};

/* of an open file. Returns NULL, or why it is none that could be scanned */
const char *ex_scan_elf_read(struct ex_scan_elf *elf, const struct ex_elf_file *file);
/* EX_SCAN_RIGHT or EX_SCAN_WRONG */
int ex_scan_elf_status(const struct ex_scan_elf *elf);
const char *ex_scan_elf_verdict(const struct ex_scan_elf *elf);
/* sentences with '\n' between; "" when nothing is wrong */
const char *ex_scan_elf_advice(const struct ex_scan_elf *elf);

/* scan_allocators.c */
void ex_scan_allocators_read(struct ex_scan_elf *elf, const struct ex_elf_file *file);
/* that of an archive's members, where the constants of all of them tell it; NULL */
const char *ex_scan_allocator_version(const char *name, const unsigned char *bytes, size_t length);
/* scan_elf_text.c, scan_elf_json.c: below the head of a page; the object's keys, inside an open one */
void ex_scan_elf_text(struct ex_scan *scan, const struct ex_scan_elf *elf);
void ex_scan_elf_json(struct ex_scan *scan, const struct ex_scan_elf *elf);
void ex_scan_emit_sizes(struct ex_emit *emit, const char *key, const uint32_t by_size[EX_RECORD_SIZES]);
void ex_scan_allocators_text(struct ex_scan *scan, const struct ex_scan_allocator *list, size_t count);
void ex_scan_allocators_json(struct ex_emit *emit, const struct ex_scan_allocator *list, size_t count);
/* what mends a file whose records one runtime cannot read; lines */
const char *ex_scan_mixed_advice(void);
/* "15 of 64 bytes, 7 of 48 bytes" */
const char *ex_scan_sizes_text(const uint32_t by_size[EX_RECORD_SIZES]);

/* pages */
int ex_scan_elf_page(struct ex_scan *scan, const char *path, unsigned char *bytes, size_t length, int is_file);
int ex_scan_archive_page(struct ex_scan *scan, const char *path, unsigned char *bytes, size_t length, int is_file);
/* of a file that could not be read: the message, and in JSON its page */
int ex_scan_unreadable(struct ex_scan *scan, const char *path, const char *why);

#endif
