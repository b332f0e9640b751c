/*
 * t_profiles.c: what a process's profile events amount to, and what the report says of them. Traces of a few events each.
 */
#include "profiles.h"

#include "encode.h"
#include "report.h"
#include "tap.h"

#include <signal.h>

static struct encode e;
static const char *dir;
static int stream;
static struct ex_trace trace;
static struct ex_processes processes;
static struct ex_profiles profiles;

#define APP 0x400000
#define LIB 0x700000

static void module(uint32_t n, uint64_t begin, const char *path)
{
	ENCODE(&e, MODULE, module, .n = n, .bias = begin, .begin = begin, .end = begin + 0x10000);
	encode_text(&e, path);
	encode_blob(&e, "", 0);
}

static void image(uint32_t pid, uint64_t at_ns, const char *options)
{
	encode_begin(&e, pid, at_ns);
	ENCODE(&e, IMAGE, image, .pid = pid, .ppid = 1, .image = at_ns);
	encode_text(&e, "/bin/app");
	encode_text(&e, "/");
	encode_text(&e, options);
	encode_blob(&e, "app\0", 4);
	module(1, APP, "/bin/app");
	module(2, LIB, "/lib/libpart.so");
}

static void child(uint32_t pid, uint64_t at_ns, uint32_t ppid, uint64_t parent_ns, const char *options)
{
	encode_begin(&e, pid, at_ns);
	ENCODE(&e, IMAGE, image, .pid = pid, .ppid = ppid, .image = at_ns, .parent_image = parent_ns,
	       .origin = EX_origin_FORK);
	encode_text(&e, "/bin/app");
	encode_text(&e, "/");
	encode_text(&e, options);
	encode_blob(&e, "app\0", 4);
}

static void begin_case(const char *options)
{
	dir = make_trace();
	stream = 0;
	image(100, 1000, options);
}

static void flush_stream(void)
{
	char name[64];
	snprintf(name, sizeof(name), "s.1.1.%d.0", stream++);
	encode_write(&e, dir, name);
}

static void profile(uint32_t n, uint32_t of_48, uint32_t of_64, unsigned stride, unsigned version, uint64_t raw_version)
{
	ENCODE(&e, PROFILE, profile, .module = n, .records_48 = of_48, .records_64 = of_64, .stride = (uint16_t)stride,
	       .version = (uint16_t)version, .source = EX_profile_source_CODE, .raw_version = raw_version);
}

static void writer(uint32_t id, uint64_t fn)
{
	ENCODE(&e, WRITER, writer, .id = id, .fn = fn);
	encode_text(&e, "");
}

static void salvaged(uint32_t n, int point, int error, uint32_t nth, uint32_t converted, const char *path)
{
	ENCODE(&e, SALVAGED, salvaged, .module = n, .point = (uint8_t)point, .error = error, .nth = nth, .version = 10,
	       .records = 6942, .converted = converted, .left_out = 2, .values = 12, .bytes = 3 << 20);
	encode_text(&e, path);
}

static void read_case(void)
{
	flush_stream();
	OK(ex_trace_open(&trace, dir, NULL) == EX_TRACE_OK, "opens");
	ex_processes_build(&processes, &trace);
	remove_trace(dir);
	ex_profiles_build(&profiles, processes.judged);
}

static const char *report_text(void)
{
	struct ex_report report;
	char *text;
	size_t length;
	ex_report_build(&report, &processes, processes.judged, NULL);
	FILE *out = open_memstream(&text, &length);
	if (!out)
		abort();
	ex_report_text(&report, out, 0);
	fclose(out);
	return text;
}

static int says(const char *words)
{
	const char *text = report_text();
	if (strstr(text, words))
		return 1;
	printf("# not said: %s\n# in:\n%s\n", words, text);
	return 0;
}

static void exits(int kind)
{
	ENCODE(&e, EXIT_BEGIN, exit_begin, .kind = (uint8_t)kind);
	encode_blob(&e, "", 0);
	encode_blob(&e, "", 0);
}

static void dies(int signo)
{
	ENCODE(&e, CRASH, crash, .signo = signo, .code = 1, .address = 1, .disposition = EX_disposition_DEFAULT);
	encode_blob(&e, "", 0);
	encode_blob(&e, "", 0);
}

static void words(void)
{
	IS_TEXT(ex_llvm_of_record(48), "LLVM 14 to 17", "48 bytes");
	IS_TEXT(ex_llvm_of_record(64), "LLVM 18 to 22", "64 bytes have two raw versions");
	IS_TEXT(ex_llvm_of_record(72), "LLVM 23", "72 bytes have one release");
	IS_TEXT(ex_llvm_of_record(56), "", "no LLVM has 56");
	IS_TEXT(ex_llvm_of_version(10), "LLVM 19 to 22", "raw version 10");
	IS_TEXT(ex_llvm_of_version(7), "", "an older raw version");
}

static void healthy(void)
{
	begin_case("out=/t");
	writer(1, APP + 0x100);
	profile(1, 0, 1, 64, 10, 10);
	exits(EX_exit_FAST);
	read_case();
	IS_INT(profiles.count, 1, "one object");
	OK(!profiles.list[0].is_mixed && !profiles.list[0].others && !profiles.list[0].is_refused, "all of one layout");
	OK(profiles.list[0].writer && !profiles.list[0].salvaged, "its writer, and no file");
	OK(says("\n  app: 1 record of 64 bytes (LLVM 18 to 22)\n"), "nothing more to say");
	OK(!strstr(report_text(), "did not take place"), "no treatment was asked for");
	OK(processes.judged->is_bad == 1, "its profile is lost");
}

static void mixed(void)
{
	begin_case("out=/t salvage=yes");
	writer(1, APP + 0x100);
	profile(1, 540, 6402, 64, 10, 10ull | 1ull << 56);
	salvaged(1, EX_point_WRITER, 0, 1, 540, "/x/app.profraw");
	salvaged(1, EX_point_EXIT, 0, 4, 540, "/x/app.profraw");
	exits(EX_exit_FAST);
	read_case();
	const struct ex_profile *one = &profiles.list[0];
	OK(one->is_mixed && !one->is_refused, "two layouts, and the flags of a raw version are no version");
	IS_INT(one->others, 540, "those that its runtime misreads");
	OK(one->salvaged == one->kept && EX_EVENT(one->kept, salvaged)->nth == 4, "the last file counts");
	OK(says("  app: 6402 records of 64 bytes (LLVM 18 to 22), 540 of 48 bytes (LLVM 14 to 17): mixed; its runtime "
		"reads 64 (LLVM 19 to 22; its code says so)\n"),
	   "mixed");
	OK(says("    salvaged to /x/app.profraw: 6942 functions, 540 converted, 2 left out, 12 recorded values, 3 MiB, "
		"at "
		"exit; 2 snapshots before\n"),
	   "salvaged");
	OK(!processes.judged->is_bad, "a profile that was salvaged is not lost");
	OK(!strstr(report_text(), "did not take place"), "the treatment took place");
}

static void one_layout_of_others(void)
{
	begin_case("out=/t");
	writer(1, APP + 0x100);
	profile(1, 7, 0, 64, 10, 8);
	exits(EX_exit_FAST);
	read_case();
	OK(!profiles.list[0].is_mixed && profiles.list[0].is_refused, "one layout, whose version won");
	IS_INT(profiles.list[0].others, 7, "not the runtime's");
	OK(says("7 records of 48 bytes (LLVM 14 to 17): of another layout than its runtime's; its runtime reads 64 "
		"(LLVM "
		"19 to 22; its code says so); the version that the program carries is 8 (LLVM 14 to 17), its runtime's "
		"is 10: that one writes nothing\n"),
	   "refused");
}

static void two_objects(void)
{
	begin_case("out=/t salvage=yes");
	writer(1, LIB + 0x200);
	profile(2, 3, 0, 48, 8, 0);
	writer(2, APP + 0x100);
	profile(1, 0, 5, 64, 10, 0);
	salvaged(1, EX_point_WRITER, 0, 1, 0, "/x/app.profraw");
	salvaged(2, EX_point_WRITER, 28, 0, 0, "");
	for (int times = 0; times < 2; times++)
		ENCODE(&e, UNREADABLE, unreadable, .module = 2, .piece = EX_profile_piece_NODE, .record = LIB + 0x330,
		       .address = 8);
	exits(EX_exit_FAST);
	read_case();
	IS_INT(profiles.count, 2, "two objects");
	OK(profiles.list[0].n == 2 && EX_EVENT(profiles.list[0].writer, writer)->id == 1, "each with its own writer");
	OK(profiles.list[1].n == 1 && EX_EVENT(profiles.list[1].writer, writer)->id == 2, "by where the writer lies");
	OK(!profiles.list[0].kept && profiles.list[0].salvaged, "one could not be written");
	IS_INT(profiles.list[0].unreadable_count, 1, "a piece of the same object, told twice");
	OK(ex_profiles_at(&profiles, LIB + 0x330) == &profiles.list[0] && !ex_profiles_at(&profiles, 0x330),
	   "by address");
	OK(ex_profiles_of(&profiles, 1) == &profiles.list[1] && !ex_profiles_of(&profiles, 3), "by number");
	OK(says("    could not be salvaged in its writer's place: No space left on device\n"), "why");
	OK(says("    left out: an entry of a value site of the record at libpart.so+0x330: nothing to read at 0x8\n"),
	   "what was left out");
}

static void unloaded(void)
{
	begin_case("out=/t");
	profile(2, 3, 0, 48, 8, 0);
	ENCODE(&e, MODULE_GONE, module_gone, .n = 2);
	module(3, LIB, "/lib/other.so");
	writer(1, LIB + 0x200);
	profile(3, 0, 9, 64, 10, 0);
	read_case();
	IS_INT(profiles.count, 2, "an object in the place of an unloaded one is another");
	OK(!profiles.list[0].writer && profiles.list[1].writer, "and has the writer that was registered then");
	IS_TEXT(profiles.list[1].name, "other.so", "its name");
}

static void forked(void)
{
	begin_case("out=/t salvage=yes");
	profile(2, 1, 0, 48, 8, 0);
	ENCODE(&e, MODULE_GONE, module_gone, .n = 2);
	writer(1, APP + 0x100);
	profile(1, 0, 5, 64, 10, 0);
	salvaged(1, EX_point_EVERY, 0, 1, 0, "/x/100.profraw");
	e.now_ns = 90000;
	salvaged(1, EX_point_EXIT, 0, 2, 0, "/x/100.profraw");
	exits(EX_exit_FAST);
	flush_stream();
	child(200, 50000, 100, 1000, "out=/t salvage=yes");
	dies(SIGSEGV);
	read_case();
	IS_INT(processes.judged->pid, 200, "the child is judged");
	IS_INT(profiles.count, 1, "it has what its parent had, but for what was unloaded");
	IS_INT(profiles.list[0].records[EX_RECORD_64], 5, "with its records");
	OK(profiles.list[0].writer && !profiles.list[0].salvaged, "its parent's writer, not its parent's file");
	OK(says("salvage=yes did not take place: a fork child that left without running its exit handlers"),
	   "and says so");
}

static void untreated(void)
{
	begin_case("out=/t salvage=yes");
	exits(EX_exit_FAST);
	read_case();
	IS_INT(profiles.count, 0, "no object");
	OK(says("salvage=yes did not take place: no profile writer registered: nothing to salvage\n"),
	   "nothing to salvage");
	begin_case("out=/t flush=every:5");
	profile(1, 5, 0, 48, 8, 0);
	exits(EX_exit_FAST);
	read_case();
	OK(says("flush=every:5 did not take place: no profile writer registered: nothing to salvage\n"),
	   "a snapshot too");
	OK(says("  app: 5 records of 48 bytes (LLVM 14 to 17); no profile writer registered\n"), "nor is there one");
	begin_case("out=/t salvage=yes");
	ENCODE(&e, PROFILE, profile, .module = 1, .records_48 = 5, .stride = 48, .version = 8, .is_continuous = 1);
	exits(EX_exit_FAST);
	read_case();
	OK(says("; continuous mode (%c): the runtime maps its counters to the file\n"), "continuous mode");
	OK(says("salvage=yes did not take place: in continuous mode (%c) no profile writer registers\n"),
	   "needs no salvage");
	begin_case("out=/t flush=every:5");
	writer(1, APP + 0x100);
	dies(SIGKILL);
	read_case();
	OK(says("flush=every:5: no last file was written: SIGKILL leaves no time for it; of snapshots before that the "
		"trace "
		"tells nothing\n"),
	   "snapshots that are not told are not denied");
	begin_case("out=/t flush=main-end value-profile=off");
	exits(EX_exit_FAST);
	read_case();
	OK(says("flush=main-end did not take place: no profile writer waited"), "flush, as ever");
	OK(says("value-profile=off did not take place: no function that records values was found"), "no such function");
	begin_case("out=/t flush=main-end salvage=yes");
	writer(1, APP + 0x100);
	salvaged(1, EX_point_MAIN_END, 0, 1, 0, "/x");
	exits(EX_exit_FAST);
	read_case();
	OK(says("  app: its records were not told\n"), "an event was lost");
	OK(!strstr(report_text(), "did not take place"), "flush by salvage is a flush");
}

static void returns(void)
{
	begin_case("out=/t value-profile=off,app+0x30");
	ENCODE(&e, RETURNS, returns, .fn = APP + 0x20, .result = EX_detour_PLACED);
	encode_text(&e, "__llvm_profile_instrument_target");
	ENCODE(&e, RETURNS, returns, .fn = APP + 0x30, .result = EX_detour_PLACED);
	encode_text(&e, "");
	ENCODE(&e, RETURNS, returns, .fn = LIB + 0x40, .result = EX_detour_UNWRITABLE);
	encode_text(&e, "__llvm_profile_instrument_range");
	ENCODE(&e, RETURNS, returns, .fn = LIB, .result = EX_detour_ABSENT);
	encode_text(&e, "");
	exits(EX_exit_FAST);
	read_case();
	IS_INT(profiles.return_count, 4, "three functions, and an object without");
	IS_INT(profiles.placed, 2, "two return");
	OK(says("  made to return at once: __llvm_profile_instrument_target (app), app+0x30\n"),
	   "by name, and by place");
	OK(says("  could not be made to return at once: __llvm_profile_instrument_range (libpart.so) (text is not "
		"writable)\n"),
	   "and why not");
	OK(says("  none found that records values in libpart.so\n"), "an object that has none");
	OK(!strstr(report_text(), "did not take place"), "the treatment took place");
}

static void misread(void)
{
	begin_case("out=/t");
	writer(1, APP + 0x100);
	profile(1, 7, 15, 64, 10, 10);
	ENCODE(&e, MISREAD, misread, .module = 1, .how = EX_misread_WALK, .record = APP + 0x540, .stride = 48,
	       .read_as = 64, .word = 1, .address = 1);
	ENCODE(&e, MISREAD, misread, .module = 1, .how = EX_misread_REGISTER, .record = APP + 0x550, .stride = 0,
	       .read_as = 64, .word = 0x20000000f, .address = 0x200000017);
	ENCODE(&e, MISREAD, misread, .module = 1, .how = EX_misread_WALK, .record = APP + 0x5a0, .stride = 64,
	       .read_as = 48, .word = 0x4855f3e5894850ff);
	ENCODE(&e, MISREAD, misread, .module = 1, .how = EX_misread_REGISTER, .record = APP + 0x540, .stride = 48,
	       .read_as = 64, .word = 1, .address = 1);
	ENCODE(&e, MISREAD, misread, .module = 1, .how = EX_misread_REGISTER, .record = APP + 0x600, .stride = 64,
	       .read_as = 48, .word = 0x55bf765b0830);
	dies(SIGSEGV);
	read_case();
	IS_INT(profiles.misread_count, 5, "five");
	OK(says("  - a walk over the profile records of app in steps of 64 bytes comes by app+0x540, where a profile "
		"record "
		"of 48 bytes lies: taken for one of 64 bytes, it has its value data at 0x1; a register holds "
		"that place too\n"),
	   "by the walk");
	OK(says("  - a register holds app+0x550, where no profile record begins: taken for one of 64 bytes, it has its "
		"value "
		"data at 0x20000000f, and the fault was at 0x200000017\n"),
	   "in a register");
	OK(says("where a profile record of 64 bytes lies: taken for one of 48 bytes, it has its value data at "
		"0x4855f3e5894850ff, which is no address\n"),
	   "the processor gave no address");
	OK(says("it has its value data at 0x55bf765b0830\n"), "nor of what was read in its turn");
	/* of what happened; behind that, each cause that could explain it has its own evidence */
	const char *text = report_text(), *twice = strstr(text, "a register holds app+0x540");
	const char *causes = strstr(text, "what could explain it");
	OK(!twice || (causes && twice > causes), "what both found is told once");
}

int main(void)
{
	words();
	healthy();
	mixed();
	one_layout_of_others();
	two_objects();
	unloaded();
	forked();
	untreated();
	returns();
	misread();
	return tap_done();
}
