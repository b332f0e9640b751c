/*
 * scan_file.c: see scan_file.h. Must not wait for what is no regular file.
 */
#include "scan_file.h"

#include "ar_file.h"
#include "say.h"
#include "scan_elf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define RAW_SUFFIX ".profraw"

static int begins(const unsigned char *bytes, size_t length, const char *magic, size_t magic_length)
{
	return length >= magic_length && memcmp(bytes, magic, magic_length) == 0;
}
#define BEGINS(magic) begins(bytes, length, magic, sizeof(magic) - 1)

const char *ex_scan_file_map(const char *path, unsigned char **bytes, size_t *length)
{
	struct stat info;
	const char *why = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return strerror(errno);
	if (fstat(fd, &info))
		why = strerror(errno);
	else if (S_ISDIR(info.st_mode))
		why = strerror(EISDIR);
	else if (!S_ISREG(info.st_mode))
		why = "not a regular file";
	else if (!info.st_size)
		why = "empty";
	if (!why) {
		*length = (size_t)info.st_size;
		/* libelf may want to write, which stays in this process */
		*bytes = mmap(NULL, *length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, fd, 0);
		if (*bytes == MAP_FAILED) {
			*bytes = NULL;
			why = strerror(errno);
		}
	}
	close(fd);
	return why;
}

const char *ex_scan_file_what(const unsigned char *bytes, size_t length)
{
	if (BEGINS("BC\xc0\xde") || BEGINS("\xde\xc0\x17\x0b"))
		return EX_SCAN_BITCODE;
	if (BEGINS("\xfflprofi\x81"))
		return "an indexed profile; llvm-profdata show reads it";
	if (BEGINS("\xcf\xfa\xed\xfe") || BEGINS("\xce\xfa\xed\xfe") || BEGINS("\xca\xfe\xba\xbe"))
		return "a Mach-O file";
	if (BEGINS("MZ"))
		return "a Windows program";
	if (BEGINS("#!"))
		return "a script; scan the program that runs it";
	if (BEGINS("\177ELF"))
		return "a damaged ELF file";
	return "neither an ELF file, nor an archive, nor a raw profile";
}

int ex_scan_unreadable(struct ex_scan *scan, const char *path, const char *why)
{
	if (scan->emit) {
		ex_scan_open(scan, &(struct ex_scan_head){.path = path,
							  .kind = "unreadable",
							  .status = EX_SCAN_UNREADABLE,
							  .verdict = why,
							  .advice = ""});
		ex_scan_close(scan);
	}
	/* the fuzzer has no use for it */
	if (scan->out != stdout)
		return EX_SCAN_UNREADABLE;
	fflush(stdout);
	return ex_fail(EX_MSG_NOT_SCANNED, path, why);
}

static void examine(struct ex_scan_elf *elf, const char *path)
{
	struct ex_program program;
	char *name;
	if (asprintf(&name, "%s%s", strchr(path, '/') ? "" : "./", path) < 0)
		abort();
	elf->hooks = calloc(1, sizeof(*elf->hooks));
	if (!elf->hooks)
		abort();
	ex_program_examine(&program, name, NULL, NULL);
	elf->path = name;
	int can_run = program.kind == EX_PROGRAM_DYNAMIC || program.kind == EX_PROGRAM_UNREADABLE;
	int status = program.kind == EX_PROGRAM_NOT_EXECUTABLE ? 126 : 125;
	ex_doctor_examined(elf->hooks, &program, can_run ? 0 : status);
}

int ex_scan_elf_page(struct ex_scan *scan, const char *path, unsigned char *bytes, size_t length, int is_file)
{
	struct ex_elf_file file;
	struct ex_scan_elf elf;
	if (!ex_elf_file_open(&file, bytes, length))
		return ex_scan_unreadable(scan, path, ex_scan_file_what(bytes, length));
	const char *why = ex_scan_elf_read(&elf, &file);
	if (why)
		return ex_scan_unreadable(scan, path, why);
	if (is_file && strcmp(elf.kind, "executable") == 0)
		examine(&elf, path);
	struct ex_scan_head head = {.path = path,
				    .kind = elf.kind,
				    .status = ex_scan_elf_status(&elf),
				    .verdict = ex_scan_elf_verdict(&elf),
				    .advice = ex_scan_elf_advice(&elf),
				    .own = "elf"};
	ex_scan_open(scan, &head);
	if (scan->emit) {
		ex_emit_object(scan->emit, "elf");
		ex_scan_elf_json(scan, &elf);
		ex_emit_end(scan->emit);
	} else {
		ex_scan_elf_text(scan, &elf);
	}
	ex_scan_close(scan);
	return head.status;
}

static int scan_content(struct ex_scan *scan, const char *path, unsigned char *bytes, size_t length, int is_file)
{
	if (BEGINS("!<arch>\n") || BEGINS("!<thin>\n"))
		return ex_scan_archive_page(scan, path, bytes, length, is_file);
	return ex_scan_elf_page(scan, path, bytes, length, is_file);
}

/* of 64-bit and 32-bit programs, of both byte orders */
static int is_raw_profile(const char *path, const unsigned char *bytes, size_t length)
{
	size_t name = strlen(path), suffix = sizeof(RAW_SUFFIX) - 1;
	return BEGINS("\x81rforpl\xff") || BEGINS("\x81Rforpl\xff") || BEGINS("\xfflprofr\x81") ||
	       BEGINS("\xfflprofR\x81") || (name >= suffix && strcmp(path + name - suffix, RAW_SUFFIX) == 0);
}

int ex_scan_file(struct ex_scan *scan, const char *path)
{
	unsigned char *bytes = NULL;
	size_t length = 0;
	const char *why = ex_scan_file_map(path, &bytes, &length);
	if (why && strcmp(why, "empty") != 0)
		return ex_scan_unreadable(scan, path, why);
	if (is_raw_profile(path, bytes, length)) {
		if (bytes)
			munmap(bytes, length);
		return ex_scan_profraw(scan, path);
	}
	if (why)
		return ex_scan_unreadable(scan, path, why);
	return scan_content(scan, path, bytes, length, 1);
}

int ex_scan_bytes(struct ex_scan *scan, unsigned char *bytes, size_t length)
{
	return scan_content(scan, "bytes", bytes, length, 0);
}
