/*
 * image.c: see image.h. Start of an image: options, trace directory, ledger, first events.
 */
#include "image.h"

#include "arch/arch.h"
#include "clone.h"
#include "crash.h"
#include "detour.h"
#include "follow.h"
#include "heap.h"
#include "growth.h"
#include "module.h"
#include "object.h"
#include "options.h"
#include "os/os.h"
#include "place.h"
#include "real.h"
#include "rescue.h"
#include "sandbox.h"
#include "signals.h"
#include "stack_size.h"
#include "stream.h"
#include "swap.h"
#include "thread.h"

#include "ctf_text.h"

struct ex_image ex_image;

EX_EXPORT extern const char exeunt_version[];
const char exeunt_version[] = EXEUNT_VERSION;
/* the launcher compares this with its own tables: a library of another build would be misread */
EX_EXPORT extern const char exeunt_tables[sizeof(ex_ctf_body)] __attribute__((alias("ex_ctf_body")));

static struct ex_ledger *ledger, own_ledger;
static char saved_argv[EX_ARGV_MAX_BYTES];
static size_t saved_argv_bytes;
static volatile uint32_t *fork_mark;

struct ex_ledger *ex_image_ledger(void)
{
	return ledger ? ledger : &own_ledger;
}

uint32_t ex_image_row(void)
{
	return ex_image.is_exiting ? __atomic_add_fetch(&ex_image.rows, 1, __ATOMIC_RELAXED) : 0;
}

/* found once: the look-up takes the loader's lock, which may be stuck in a fork child */
char ***ex_image_environment(void)
{
	static char ***where;
	if (!where)
		where = ex_object_binding("__environ");
	return where;
}

static int find_self(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct ex_object object;
	(void)size;
	ex_object_from(&object, info);
	if (!ex_object_is_self(&object))
		return 0;
	*(const char **)arg = info->dlpi_name;
	return 1;
}

/* a path that is not absolute begins in the working directory */
static void begin_path(struct ex_buffer *b, const char *path)
{
	static char cwd[EX_OPTION_MAX_BYTES];
	if (*path != '/') {
		ex_os_cwd(cwd, sizeof(cwd));
		ex_buffer_text(b, cwd);
		ex_buffer_text(b, "/");
	}
	ex_buffer_text(b, path);
}

/* children change folder: what they preload must be an absolute path */
static void find_preload(void)
{
	const char *name = "";
	struct ex_buffer b;
	ex_object_each(find_self, &name);
	ex_buffer_init(&b, ex_image.preload, sizeof(ex_image.preload));
	if (*name)
		begin_path(&b, name);
}

/* a bare preload has no launcher: exeunt.CMD.PID in the working directory, as `exeunt run` does */
static void name_directory(const char *given, const char *program)
{
	char path[EX_OPTION_MAX_BYTES];
	struct ex_buffer b;
	ex_buffer_init(&b, path, sizeof(path));
	begin_path(&b, given);
	if (!*given) {
		ex_buffer_text(&b, "exeunt.");
		ex_buffer_text(&b, ex_base(program));
		ex_buffer_text(&b, ".");
		ex_buffer_number(&b, ex_os_pid());
	}
	ex_options_set_out(b.is_cut ? "" : path);
}

static void write_metadata(void)
{
	static char text[sizeof(EX_CTF_HEAD) + sizeof(EX_CTF_CLOCK) + EX_CTF_CLOCK_DIGITS + sizeof(EX_CTF_CLOCK_END) +
			 sizeof(ex_ctf_body)] EX_TABLE;
	struct ex_buffer b;
	int64_t offset_ns = ex_os_clock_offset_ns();
	ex_buffer_init(&b, text, sizeof(text));
	ex_buffer_text(&b, EX_CTF_HEAD EX_CTF_CLOCK);
	if (offset_ns < 0)
		ex_buffer_text(&b, "-");
	ex_buffer_number(&b, (uint64_t)(offset_ns < 0 ? -offset_ns : offset_ns));
	ex_buffer_text(&b, EX_CTF_CLOCK_END);
	ex_buffer_text(&b, ex_ctf_body);
	ex_os_file_put(ex_options.out, EX_METADATA_NAME, text, (size_t)(b.at - text));
}

static void open_directory(void)
{
	char path[EX_OPTION_MAX_BYTES + 32];
	struct ex_buffer b;
	ex_buffer_init(&b, path, sizeof(path));
	ex_buffer_text(&b, ex_options.out);
	ex_buffer_text(&b, "/" EX_LEDGER_NAME);
	ledger = ex_os_file_join(path, sizeof(*ledger));
	if (ledger)
		return;
	struct ex_ledger fresh = {.magic = "exledger", .trace_version = EX_TRACE_VERSION};
	fresh.limit_bytes = ex_options.limit_bytes;
	ex_os_mkdir(ex_options.out);
	ex_os_file_put(ex_options.out, EX_LEDGER_NAME, &fresh, sizeof(fresh));
	ledger = ex_os_file_join(path, sizeof(*ledger));
	write_metadata();
	if (!ledger)
		own_ledger = fresh;
}

static void save_argv(int argc, char **argv)
{
	struct ex_buffer b;
	ex_buffer_init(&b, saved_argv, sizeof(saved_argv));
	for (int i = 0; i < argc && argv[i] && !b.is_cut; i++)
		ex_buffer_bytes(&b, argv[i], ex_length(argv[i]) + 1);
	saved_argv_bytes = (size_t)(b.at - saved_argv);
}

static int missing;

static void count_missing(const char *name)
{
	(void)name;
	missing++;
}

static void tell_missing(const char *name)
{
	EX_PUT(HOOK_MISSING, hook_missing, (), EX_TEXT(name), );
}

static void tell_refused(int why, const char *option)
{
	EX_PUT(REFUSED, refused, (.why = (uint8_t)why), EX_TEXT(option), );
}

static void announce(int origin)
{
	static char cwd[EX_OPTION_MAX_BYTES];
	ex_os_cwd(cwd, sizeof(cwd));
	missing = 0;
	ex_real_missing(count_missing);
	__atomic_fetch_add(&ex_image_ledger()->images, 1, __ATOMIC_RELAXED);
	EX_PUT(IMAGE, image,
	       (.pid = ex_image.pid, .ppid = ex_os_ppid(), .image = ex_image.image_ns,
		.parent_image = ex_image.parent_image_ns, .origin = (uint8_t)origin,
		.is_first = (uint8_t)ex_image.is_first, .hooks_missing = (uint8_t)missing),
	       EX_TEXT(ex_image.exe), EX_TEXT(cwd), EX_TEXT(ex_options.all + 7 /* without EXEUNT= */),
	       EX_BLOB(saved_argv, saved_argv_bytes), );
}

void ex_image_start(int argc, char **argv, char **envp, int is_constructor)
{
	if (ex_image.is_started)
		return;
	uintptr_t was_inside = ex_self.inside;
	ex_self.inside = EX_FRAME;
	ex_real_find();
	ex_image.pid = ex_os_pid();
	ex_image.image_ns = ex_os_now_ns();
	fork_mark = ex_os_fork_mark();
	if (fork_mark)
		*fork_mark = 1;
	ex_self.stack_top = is_constructor ? (uintptr_t)envp : 0;
	ex_options_read(ex_environment_value(envp, "EXEUNT="));
	find_preload();
	if (ex_swap_is_needed() && is_constructor && ex_image.is_first)
		ex_swap(argv, envp);
	ex_os_exe(ex_image.exe, sizeof(ex_image.exe));
	name_directory(ex_options.out, ex_image.exe);
	ex_options_settle();
	save_argv(argc, argv);
	open_directory();
	ex_image.is_started = 1;
	announce(EX_origin_START);
	ex_sandbox_start(is_constructor ? envp : NULL);
	ex_growth_start(ex_image.is_first || ex_os_is_alone());
	ex_real_missing(tell_missing);
	ex_options_refused(tell_refused);
	ex_module_scan(0);
	ex_detour_tell();
	ex_heap_start();
	ex_stack_size_start();
	if (ex_options.signals)
		ex_signals_start();
	ex_self.inside = was_inside;
}

void ex_image_ready(void)
{
	if (ex_image.is_started)
		return;
	ex_real_find();
	/* another object's constructor calls us before ours has run (a second initfirst preload; libpthread of glibc
	 * 2.31): libc keeps the environment from then on */
	char ***environment = ex_image_environment();
	if (environment && *environment)
		ex_image_start(0, NULL, *environment, 0);
}

/* asked at every event: the mark costs no system call, which a seccomp filter could answer with death */
void ex_image_check_fork(void)
{
	if (fork_mark ? *fork_mark : ex_os_pid() == ex_image.pid)
		return;
	if (ex_vforked)
		return;
	if (fork_mark)
		*fork_mark = 1;
	uint32_t pid = ex_os_pid();
	ex_stream_forget_all();
	ex_growth_forget(ex_image.is_rerun == EX_RERUN_BEGINS);
	ex_os_maps_forget();
	ex_clone_forget();
	ex_sandbox_forget();
	ex_crash_forget();
	ex_rescue_forget();
	ex_self.tid = 0;
	ex_image.pid = pid;
	ex_image.parent_image_ns = ex_image.image_ns;
	ex_image.image_ns = ex_os_now_ns();
	ex_image.is_fork_child = 1;
	int is_thread = ex_self.start != NULL;
	ex_image.is_loader_stuck |= ex_image.threads > is_thread;
	ex_image.threads = is_thread;
	ex_image.lost = 0;
	ex_image.no_more_files = ex_image.file_failures = 0;
	announce(EX_origin_FORK);
	if (ex_image.is_rerun == EX_RERUN_BEGINS)
		ex_image.is_rerun = EX_RERUN_RUNS;
}

void ex_image_move(const char *dir)
{
	ex_options_set_out(dir);
	ex_options_settle();
	open_directory();
}

int ex_image_is_borrowed(void)
{
	return ex_vforked || ex_os_pid() != ex_image.pid;
}

__attribute__((constructor)) static void start(int argc, char **argv, char **envp)
{
	char ***environment = ex_image_environment();
	/* libc's own constructor sets it: NULL means that we are the very first */
	ex_image.is_first = environment && !*environment;
	ex_image_start(argc, argv, envp, 1);
}
