/*
 * salvage_file.c: see salvage_file.h.
 *
 * The runtime appends to a file that is there, and merges into one of a %m pool. Both count twice what was written before,
 * and a pool file of another build, or a damaged one, makes it write nothing. So salvage adds a file beside: a folder of
 * them is what llvm-profdata merges anyway.
 */
#include "salvage_file.h"

#include <sys/stat.h>

#include "options.h"
#include "os/os.h"
#include "place.h"
#include "real.h"
#include "text.h"

#define FILES_MAX EX_PROFILES_MAX
#define NAMES_MAX 100
#define EEXIST_ 17
#define EPERM_ 1
#define ENOTSUP_ 95
#define MAGIC 0xff6c70726f667281ull

static struct ex_profile_file files[FILES_MAX] EX_TABLE;

/* the number that stands for %m: lprofGetLoadModuleSignature, the same in 14 to 22 */
static uint64_t signature(const struct ex_profile_image *image)
{
	const struct ex_profile_sections *s = &image->sections;
	uint64_t stride = image->runtime ? image->runtime->record_bytes : 64;
	/* the difference of two pointers to 24 bytes, which compilers divide by a multiplication: the section's length need
	 * not be a multiple of that */
	uint64_t nodes = (image->nodes.bytes >> 3) * 0xaaaaaaaaaaaaaaabull << 10;
	uint64_t raw = image->raw_version ? image->raw_version : image->version;
	return (image->names.bytes << 40) + (s->counts_bytes / s->counter_bytes << 30) +
	       ((s->data_bytes + stride - 1) / stride << 20) + nodes + ex_profile_u64(s->records) + raw + MAGIC;
}

static char wanted_file[EX_PROFILE_PATH_BYTES], temporary_folder[EX_PROFILE_PATH_BYTES];

static void keep(char *to, const char *name)
{
	struct ex_buffer b;
	const char *value = ex_real.getenv ? ex_real.getenv(name) : NULL;
	ex_buffer_init(&b, to, EX_PROFILE_PATH_BYTES);
	ex_buffer_text(&b, value ? value : "");
}

void ex_profile_file_environment(void)
{
	keep(wanted_file, "LLVM_PROFILE_FILE");
	keep(temporary_folder, "TMPDIR");
}

/* what the runtime would write to now: struct lprofFilename, whose first field is the pattern (14 to 22). It lies in the
 * program's heap, which may be gone */
static const char *current(const struct ex_profile_image *image)
{
	static char text[EX_OPTION_MAX_BYTES];
	uintptr_t at = 0;
	if (!image->name_at || ex_os_peek(&at, image->name_at, sizeof(at)) != sizeof(at) || !at)
		return "";
	size_t bytes = ex_os_peek(text, at, sizeof(text));
	for (size_t i = 0; i < bytes; i++)
		if (!text[i])
			return text;
	return "";
}

static const char *pattern(const struct ex_profile_image *image)
{
	if (*ex_options.salvage_to)
		return ex_options.salvage_to;
	const char *now = current(image);
	if (*now)
		return now;
	if (*wanted_file)
		return wanted_file;
	return *image->built_in ? image->built_in : "default.profraw";
}

/* s is behind a %; what it stands for goes to b. Returns what follows it, NULL when it stands for itself */
static const char *expand_one(struct ex_buffer *b, const char *s, const struct ex_profile_image *image)
{
	char host[128];
	const char *end;
	uint64_t pool = ex_decimal(s, &end);
	if (*end == 'm' && end - s <= 1) {
		ex_buffer_number(b, signature(image));
		ex_buffer_text(b, "_");
		ex_buffer_number(b, end > s && pool ? ex_os_pid() % pool : 0);
		return end + 1;
	}
	switch (*s) {
	case 'p':
		ex_buffer_number(b, ex_os_pid());
		return s + 1;
	case 'h':
		ex_os_host(host, sizeof(host));
		ex_buffer_text(b, host);
		return s + 1;
	case 't':
		ex_buffer_text(b, temporary_folder);
		return s + 1;
	case 'c':
		return s + 1;
	default:
		return NULL;
	}
}

static void expand(struct ex_buffer *b, const struct ex_profile_image *image)
{
	for (const char *s = pattern(image); *s;) {
		const char *behind = *s == '%' ? expand_one(b, s + 1, image) : NULL;
		if (!behind) {
			ex_buffer_bytes(b, s, 1);
			behind = s + 1;
		}
		s = behind;
	}
}

static void begin(struct ex_profile_file *f)
{
	struct ex_buffer b;
	f->pid = ex_os_pid();
	f->nth = 0;
	f->path[0] = 0;
	f->has_final = 0;
	ex_buffer_init(&b, f->wanted, sizeof(f->wanted));
	if (*f->name != '/' && ex_os_cwd(f->temporary, sizeof(f->temporary)) > 0) {
		ex_buffer_text(&b, f->temporary);
		ex_buffer_text(&b, "/");
	}
	ex_buffer_text(&b, f->name);
}

struct ex_profile_file *ex_profile_file_of(const struct ex_profile_image *image)
{
	char name[EX_PROFILE_PATH_BYTES];
	struct ex_buffer b;
	ex_buffer_init(&b, name, sizeof(name));
	expand(&b, image);
	for (int i = 0; i < FILES_MAX; i++) {
		struct ex_profile_file *f = &files[i];
		if (!*f->name)
			memcpy(f->name, name, sizeof(name));
		else if (!ex_same(f->name, name))
			continue;
		if (f->pid != ex_os_pid()) /* new, or a parent's */
			begin(f);
		return f;
	}
	return NULL;
}

int ex_profile_file_prepare(struct ex_profile_file *file)
{
	struct ex_os_owner there;
	struct ex_buffer b;
	/* /dev/null, a pipe */
	if (ex_os_file_owner(file->wanted, &there) == 0 && (there.mode & S_IFMT) != S_IFREG)
		return -ENOTSUP_;
	char *path = file->temporary;
	ex_buffer_init(&b, path, sizeof(file->temporary));
	ex_buffer_text(&b, file->wanted);
	for (char *s = path + 1; *path && *s; s++)
		if (*s == '/') {
			*s = 0;
			if (!ex_os_exists(path))
				ex_os_folder(path);
			*s = '/';
		}
	ex_buffer_text(&b, ".exeunt-");
	ex_buffer_number(&b, ex_os_pid());
	ex_os_unlink(path); /* of a process that had our number */
	return 0;
}

/* the wanted name, then with .PID, .PID-2, .PID-3 in front of its suffix */
static void try_name(struct ex_profile_file *file, int try)
{
	const char *wanted = file->wanted, *dot = NULL;
	struct ex_buffer b;
	for (const char *s = ex_base(wanted); *s; s++)
		if (*s == '.' && s > ex_base(wanted))
			dot = s;
	ex_buffer_init(&b, file->path, sizeof(file->path));
	if (!try) {
		ex_buffer_text(&b, wanted);
		return;
	}
	ex_buffer_bytes(&b, wanted, dot ? (size_t)(dot - wanted) : ex_length(wanted));
	ex_buffer_text(&b, ".");
	ex_buffer_number(&b, ex_os_pid());
	if (try > 1) {
		ex_buffer_text(&b, "-");
		ex_buffer_number(&b, (uint64_t)try);
	}
	ex_buffer_text(&b, dot ? dot : "");
}

/* The runtime makes the file, empty, when the program starts: such a one is ours to take, unless another process took it
 * since we looked. 0, or -EEXIST */
static int take_empty(struct ex_profile_file *file)
{
	if (ex_os_file_bytes(file->path) != 0)
		return -EEXIST_;
	if (ex_os_exchange(file->temporary, file->path)) /* not on every file system */
		return ex_os_rename(file->temporary, file->path);
	if (ex_os_file_bytes(file->temporary) == 0)
		return 0;
	ex_os_exchange(file->temporary, file->path);
	return -EEXIST_;
}

int ex_profile_file_install(struct ex_profile_file *file)
{
	int error = -EEXIST_;
	if (*file->path)
		return ex_os_rename(file->temporary, file->path);
	for (int try = 0; try < NAMES_MAX && error == -EEXIST_; try++) {
		try_name(file, try);
		error = ex_os_link(file->temporary, file->path);
		if (error == -EEXIST_)
			error = take_empty(file);
		/* no hard links on this file system */
		if ((error == -EPERM_ || error == -ENOTSUP_) && !ex_os_exists(file->path))
			error = ex_os_rename(file->temporary, file->path);
		else if (error == -EPERM_ || error == -ENOTSUP_)
			error = -EEXIST_;
	}
	ex_os_unlink(file->temporary);
	if (error)
		file->path[0] = 0;
	return error;
}
