/*
 * scan_archive.c: an archive: each member by itself, then all of them, since one program gets them together.
 */
#include "scan_elf.h"

#include "allocator_version.h"
#include "ar_file.h"
#include "scan_file.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MOST 40

struct member {
	const char *name;
	const char *kind; /* "object", "LLVM bitcode", "other", "missing" */
	const char *why;  /* it is no ELF file; NULL: it is */
	struct ex_scan_elf *elf;
};

struct archive {
	const char *path;
	int is_thin;
	struct member *members;
	size_t count;
	uint32_t by_size[EX_RECORD_SIZES], in_members[EX_RECORD_SIZES];
	size_t instrumented, bitcode, wrong, missing;
	uint64_t unparsed_bytes;
	struct ex_scan_allocator *allocators;
	size_t allocator_count;
};

/* the file that a member of a thin archive is */
static void open_thin(const struct archive *archive, struct ex_ar_member *member)
{
	const char *slash = strrchr(archive->path, '/');
	const char *path = *member->name == '/' || !slash
				   ? member->name
				   : ex_format("%.*s/%s", (int)(slash - archive->path), archive->path, member->name);
	ex_scan_file_map(path, &member->bytes, &member->length);
}

static void read_member(struct archive *archive, struct ex_ar_member *content)
{
	struct ex_elf_file *file = calloc(1, sizeof(*file));
	archive->members = realloc(archive->members, (archive->count + 1) * sizeof(*archive->members));
	if (!file || !archive->members)
		abort();
	struct member *member = &archive->members[archive->count++];
	*member = (struct member){.name = content->name, .kind = "other"};
	if (!content->bytes) {
		member->kind = "missing";
		member->why = "a member of a thin archive; its file is not there";
		archive->missing++;
		return;
	}
	if (!ex_elf_file_open(file, content->bytes, content->length)) {
		member->why = ex_scan_file_what(content->bytes, content->length);
		if (strcmp(member->why, EX_SCAN_BITCODE) == 0) {
			member->kind = "LLVM bitcode";
			archive->bitcode++;
		}
		return;
	}
	member->elf = calloc(1, sizeof(*member->elf));
	if (!member->elf)
		abort();
	member->why = ex_scan_elf_read(member->elf, file);
	if (member->why) {
		member->elf = NULL;
		return;
	}
	const struct ex_scan_profile *profile = &member->elf->profile;
	member->kind = member->elf->kind;
	archive->instrumented += profile->data_bytes != 0;
	archive->wrong += ex_scan_elf_status(member->elf) != EX_SCAN_RIGHT;
	archive->unparsed_bytes += profile->unparsed_bytes;
	for (unsigned size = 0; size < EX_RECORD_SIZES; size++) {
		archive->by_size[size] += profile->by_size[size];
		archive->in_members[size] += profile->by_size[size] != 0;
	}
}

static int is_mixed(const struct archive *archive)
{
	struct ex_scan_profile all = {.unparsed_bytes = archive->unparsed_bytes};
	memcpy(all.by_size, archive->by_size, sizeof(all.by_size));
	return ex_scan_profile_is_mixed(&all);
}

static const char *verdict(const struct archive *archive)
{
	const char *text = "", *bitcode = "", *missing = "";
	for (unsigned size = 0; size < EX_RECORD_SIZES; size++)
		if (archive->by_size[size])
			text = ex_format("%s%s%" PRIu32 " %s of %u bytes (%s) in %" PRIu32 " %s", text,
					 *text ? ", " : "", archive->by_size[size],
					 archive->by_size[size] == 1 ? "record" : "records", ex_record_bytes(size),
					 ex_llvm_of_record(ex_record_bytes(size)), archive->in_members[size],
					 archive->in_members[size] == 1 ? "member" : "members");
	if (archive->unparsed_bytes)
		text = ex_format("%s%s%" PRIu64 " bytes of records that fit no known layout", text, *text ? ", " : "",
				 archive->unparsed_bytes);
	if (archive->bitcode)
		bitcode = ex_format("; %zu of %zu members %s LLVM bitcode, which gets its records when it is linked",
				    archive->bitcode, archive->count, archive->bitcode == 1 ? "is" : "are");
	if (archive->missing)
		missing = ex_format("; %zu of %zu members are not there", archive->missing, archive->count);
	if (is_mixed(archive))
		return ex_format("MIXED: %s: no profile runtime reads both%s%s", text, bitcode, missing);
	if (*text)
		return ex_format("%s: %s%s%s", archive->wrong ? "damaged" : "consistent", text, bitcode, missing);
	return ex_format("not instrumented%s%s", bitcode, missing);
}

/* of all members together */
static void list_allocators(struct archive *archive, const unsigned char *bytes, size_t length)
{
	for (const struct ex_known_allocator *known = ex_known_allocators; known->name; known++) {
		const struct ex_scan_allocator *found = NULL;
		for (size_t i = 0; i < archive->count; i++) {
			const struct ex_scan_elf *elf = archive->members[i].elf;
			for (size_t n = 0; elf && n < elf->allocator_count; n++)
				if (strcmp(elf->allocators[n].name, known->name) == 0 && (!found || !found->version))
					found = &elf->allocators[n];
		}
		if (!found)
			continue;
		archive->allocators =
			realloc(archive->allocators, (archive->allocator_count + 1) * sizeof(*archive->allocators));
		if (!archive->allocators)
			abort();
		archive->allocators[archive->allocator_count] = *found;
		if (!found->version)
			archive->allocators[archive->allocator_count].version =
				ex_scan_allocator_version(known->name, bytes, length);
		archive->allocator_count++;
	}
}

static void print_members(struct ex_scan *scan, const struct archive *archive)
{
	size_t rows = 0;
	ex_scan_row(scan, "members", "%zu, %zu instrumented%s", archive->count, archive->instrumented,
		    archive->is_thin ? ", of a thin archive" : "");
	for (size_t i = 0; i < archive->count; i++) {
		const struct member *member = &archive->members[i];
		const struct ex_scan_elf *elf = member->elf;
		const char *compilers = "";
		if (!elf || !elf->profile.is_there || rows++ >= ROWS_MOST)
			continue;
		for (size_t n = 0; n < elf->compiler_count; n++)
			compilers = ex_format("%s%s%s", compilers, n ? ", " : "", elf->compilers[n].text);
		ex_scan_row(scan, "", "%s: %s%s%s", member->name,
			    elf->profile.data_bytes ? ex_scan_sizes_text(elf->profile.by_size)
						    : ex_scan_elf_verdict(elf),
			    *compilers ? "; " : "", compilers);
	}
	if (rows > ROWS_MOST)
		ex_scan_row(scan, "", "and %zu more; --json lists all", rows - ROWS_MOST);
}

static void emit_members(struct ex_scan *scan, const struct archive *archive)
{
	struct ex_emit *emit = scan->emit;
	ex_emit_bool(emit, "thin", archive->is_thin);
	ex_emit_bool(emit, "mixed", is_mixed(archive));
	ex_scan_emit_sizes(emit, "records", archive->by_size);
	ex_scan_allocators_json(emit, archive->allocators, archive->allocator_count);
	ex_emit_array(emit, "members");
	for (size_t i = 0; i < archive->count; i++) {
		const struct member *member = &archive->members[i];
		const char *said = member->elf ? ex_scan_elf_verdict(member->elf) : member->why;
		ex_emit_object(emit, NULL);
		ex_emit_bytes(emit, "name", member->name, strlen(member->name));
		ex_emit_text(emit, "kind", member->kind);
		ex_emit_int(emit, "status", member->elf ? ex_scan_elf_status(member->elf) : EX_SCAN_RIGHT);
		ex_emit_bytes(emit, "verdict", said, strlen(said));
		if (member->elf) {
			ex_emit_object(emit, "elf");
			ex_scan_elf_json(scan, member->elf);
			ex_emit_end(emit);
		} else {
			ex_emit_null(emit, "elf");
		}
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}

int ex_scan_archive_page(struct ex_scan *scan, const char *path, unsigned char *bytes, size_t length, int is_file)
{
	struct archive archive = {.path = path};
	struct ex_ar_member content;
	struct ex_ar_file ar;
	int got;
	if (!ex_ar_file_open(&ar, bytes, length))
		return ex_scan_unreadable(scan, path, "not an archive");
	archive.is_thin = ar.is_thin;
	while ((got = ex_ar_file_next(&ar, &content)) > 0) {
		if (!content.bytes && is_file)
			open_thin(&archive, &content);
		read_member(&archive, &content);
	}
	if (got < 0)
		return ex_scan_unreadable(scan, path, "an archive that is cut off, or damaged");
	list_allocators(&archive, bytes, length);
	int is_wrong = archive.wrong || is_mixed(&archive);
	struct ex_scan_head head = {.path = path,
				    .kind = "archive",
				    .status = is_wrong ? EX_SCAN_WRONG : EX_SCAN_RIGHT,
				    .verdict = verdict(&archive),
				    .advice = is_wrong ? ex_scan_mixed_advice() : "",
				    .own = "archive"};
	ex_scan_open(scan, &head);
	if (scan->emit) {
		ex_emit_object(scan->emit, "archive");
		emit_members(scan, &archive);
		ex_emit_end(scan->emit);
	} else {
		print_members(scan, &archive);
		ex_scan_allocators_text(scan, archive.allocators, archive.allocator_count);
	}
	ex_scan_close(scan);
	return head.status;
}
