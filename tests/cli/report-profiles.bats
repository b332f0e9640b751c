# What report, run, compare and doctor say of LLVM profiles; records counted against the sections that readelf tells, files
# against llvm-profdata.
load ../lib/zoo
load ../lib/verdicts
load ../lib/pgo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

of() { jq -r "$1" json; }
# length of all profile records in a file, relocatable or linked
record_bytes() {
	local sum=0 length
	while read -r length; do
		sum=$((sum + 16#$length))
	done < <(readelf -SW "$1" | sed -nE 's/.*\] __llvm_prf_data +[A-Z]+ +[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+) .*/\1/p')
	echo "$sum"
}
# raw version in the head of a raw profile
raw_version() { od -An -tu1 -j8 -N1 "$1" | tr -d ' '; }
functions() { # LLVM FILE…: how many llvm-profdata finds, all files merged
	"llvm-profdata-$1" merge -o merged.profdata "${@:2}" && "llvm-profdata-$1" show merged.profdata | sed -n 's/^Total functions: //p'
}
other_process() {
	# shellcheck disable=SC2016
	of '.pid as $own | [.processes[].pid | select(. != $own)][0]'
}
validated() { "$PYTHON" "$ROOT/tests/lib/validate.py" "$ROOT/docs/report.schema.json" json; }
PYTHON=/usr/bin/python3

# PROGRAM PART SIZE OWN: records of SIZE in PART, the object file that another compiler made, all others of OWN
records_are() {
	local program=$PGO/$1 part=0
	[ -z "$2" ] || part=$(record_bytes "$PGO/o/$2")
	observed -s salvage=yes "$program"
	validated
	is "$((part / $3)) $((($(record_bytes "$program") - part) / $4)) 0 0" \
		"$(of ".profiles[0] | \"\(.records[\"$3\"]) \(.records[\"$4\"]) \(.records[\"72\"]) \(.unparsed_bytes)\"")" "records of $1"
	is "$([ -n "$2" ] && echo true || echo false) $4 code" "$(of '.profiles[0] | "\(.mixed) \(.stride_bytes) \(.source)"')" "$1"
}

@test "records by size, as the sections have them" {
	pgo_need mixed_exit healthy_22 mixed_c14 healthy_c14
	pgo_rustc
	records_are mixed_exit clang-14-novp/part.o 48 64
	is "LLVM profiles" "$(sed -n '/^  mixed_exit: /{x;p};h' text)"
	is 1 "$(grep -cE '^  mixed_exit: [0-9]+ records of 64 bytes \(LLVM 18 to 22\), [0-9]+ of 48 bytes \(LLVM 14 to 17\): mixed; its runtime reads 64 \(LLVM 19 to 22; its code says so\)$' text)"
	records_are stripped/mixed_exit clang-14-novp/part.o 48 64
	records_are mixed_c14 clang-22-novp/part.o 64 48
	records_are healthy_22 "" 48 64
	is 1 "$(grep -cE '^  healthy_22: [0-9]+ records of 64 bytes \(LLVM 18 to 22\)$' text)"
	records_are healthy_c14 "" 64 48
}
@test "the runtime's version is the one that it writes" {
	local program
	pgo_need healthy_22 healthy_c14 healthy_19
	for program in healthy_22 healthy_c14 healthy_19; do
		rm -f ./*.profraw
		LLVM_PROFILE_FILE=x.profraw observed "$PGO/$program"
		is "$(raw_version x.profraw) $(raw_version x.profraw)" "$(of '.profiles[0] | "\(.version) \(.raw_version)"')" "$program"
		is "false false true null" "$(of '.profiles[0] | "\(.refused) \(.continuous) \(.writer) \(.salvaged)"')" "$program"
	done
}
@test "a runtime that refuses" {
	pgo_need mixed_refused
	observed "$PGO/mixed_refused"
	is "true true 10" "$(of '.profiles[0] | "\(.mixed) \(.refused) \(.version)"')"
	grep -q 'version mismatch : expected 10, but get 8' err
	grep -q "the version that the program carries is 8 (LLVM 14 to 17), its runtime's is 10: that one writes nothing$" text
}
@test "two instrumented objects, each with its own" {
	pgo_need mixed_beside mixed_dso
	observed "$PGO/mixed_beside"
	is "libone.so false $(($(record_bytes "$PGO/libone.so") / 64)) mixed_beside true $(($(record_bytes "$PGO/o/clang-14-novp/part.o") / 48))" \
		"$(of '[.profiles | sort_by(.module)[] | "\(.module) \(.mixed) \(if .mixed then .records["48"] else .records["64"] end)"] | join(" ")')"
	observed "$PGO/mixed_dso"
	is "libmixed.so true mixed_dso false" "$(of '[.profiles | sort_by(.module)[] | "\(.module) \(.mixed)"] | join(" ")')"
}
@test "an object that is opened later, and one that is closed again" {
	need clang-14
	need clang-22
	echo 'int work(int n) { return n > 3 ? n * 2 : n; }' >work.c
	clang-22 -fprofile-instr-generate -fPIC -shared work.c -o libwork.so
	cat >opens.c <<-'END'
		#include <dlfcn.h>
		#include <stdio.h>
		int main(int argc, char **argv)
		{
			void *lib = dlopen(argv[1], RTLD_NOW);
			int (*work)(int) = lib ? (int (*)(int))dlsym(lib, "work") : NULL;
			if (!work)
				return 1;
			printf("%d\n", work(21));
			return argc > 2 ? dlclose(lib) : 0;
		}
	END
	clang-14 -fprofile-instr-generate opens.c -o opens -ldl
	for close in "" close; do
		rm -f ./*.profraw
		# shellcheck disable=SC2086
		LLVM_PROFILE_FILE=x.%m.profraw observed -s salvage=yes ./opens ./libwork.so $close
		is "0 42" "$status $(<out)"
		validated
		is "libwork.so 0 1 10 1,opens 1 0 8 1" "$(of '[.profiles | sort_by(.module)[] | "\(.module) \(.records["48"]) \(.records["64"]) \(.salvaged.version) \(.salvaged.records)"] | join(",")')" "opened${close:+, closed}"
		is 2 "$(find . -name 'x.*.profraw' | wc -l)" "files"
		is "1 1" "$(functions 22 "$(of '.profiles[] | select(.module == "libwork.so").salvaged.path')") $(functions 14 "$(of '.profiles[] | select(.module == "opens").salvaged.path')")"
	done
}
@test "salvaged: the file as it is there, and as llvm-profdata counts it" {
	local file part
	pgo_need mixed_exit healthy_22
	pgo_rustc
	part=$(($(record_bytes "$PGO/o/clang-14-novp/part.o") / 48))
	LLVM_PROFILE_FILE=x.%p.profraw observed -s salvage=yes "$PGO/mixed_exit"
	is "0 97 45174" "$status $(<out)"
	validated
	file=$(of .profiles[0].salvaged.path)
	is "$WORK/x.$(of .pid).profraw" "$file" "%p"
	is "$(of '.profiles[0].records | add') $part 0 $(stat -c %s "$file") 10 1 writer null" \
		"$(of '.profiles[0].salvaged | "\(.records) \(.converted) \(.left_out) \(.bytes) \(.version) \(.times) \(.point) \(.error)"')"
	is "$(of '.profiles[0].salvaged.records')" "$(functions 22 "$file")" "functions that llvm-profdata-22 finds"
	is 1 "$(grep -cE "^    salvaged to $file: [0-9]+ functions, $part converted, 0 left out, .* in its writer's place$" text)"
	is 1 "$(grep -cE ' profile-write .* salvaged$' text)" "the writer's row"
	is 0 "$(of '[.teardown[] | select(.kind == "profile-write")] | length')" "it did not run"
	LLVM_PROFILE_FILE=y.profraw observed -s salvage=yes "$PGO/healthy_22"
	is "0 0" "$(of '.profiles[0].salvaged | "\(.converted) \(.left_out)"')"
	is "$(($(record_bytes "$PGO/healthy_22") / 64))" "$(functions 22 y.profraw)"
}
@test "two objects that have one file" {
	pgo_need mixed_dso
	LLVM_PROFILE_FILE=x.profraw observed -s salvage=yes "$PGO/mixed_dso"
	is "$WORK/x.profraw $WORK/x.profraw" "$(of '[.profiles[].salvaged.path] | join(" ")')"
	is "$(of '[.profiles[].salvaged.records] | add')" "$(functions 22 x.profraw)"
	is 0 "$(grep -c ' before$' text || true)" "snapshots: what another object wrote is none"
}
@test "a pool's file that is there already is left alone" {
	local first
	pgo_need healthy_c14
	LLVM_PROFILE_FILE=x.%m.profraw "$PGO/healthy_c14" >/dev/null
	first=$(echo x.*.profraw)
	cp "$first" copy
	LLVM_PROFILE_FILE=x.%m.profraw observed -s salvage=yes "$PGO/healthy_c14"
	cmp "$first" copy
	is "$WORK/${first%.profraw}.$(of .pid).profraw" "$(of '.profiles[0].salvaged.path')"
	is "$(($(record_bytes "$PGO/healthy_c14") / 48))" "$(functions 14 x.*.profraw)"
}
@test "a profile that was salvaged is not lost" {
	local how
	pgo_need healthy_22
	observed "$PGO/healthy_22" _exit
	grep -q 'its profile is lost$' text
	for how in _exit quick_exit abort term; do
		rm -f ./*.profraw
		LLVM_PROFILE_FILE=x.profraw observed -s salvage=yes "$PGO/healthy_22" $how
		is "0 0" "$(grep -c 'its profile is lost$' text || true) $(grep -c 'did not take place' text || true)" "$how"
		is "$([ $how = term ] && echo death || echo exit)" "$(of '.profiles[0].salvaged.point')" "$how"
		is "$(($(record_bytes "$PGO/healthy_22") / 64))" "$(functions 22 x.profraw)" "$how"
	done
}
@test "snapshots that the last file replaced" {
	need clang-14
	cat >signals.c <<-'END'
		#include <signal.h>
		int main(void)
		{
			return raise(SIGUSR1) || raise(SIGUSR1);
		}
	END
	clang-14 -fprofile-instr-generate signals.c -o signals
	LLVM_PROFILE_FILE=x.profraw observed -s flush=signal:10 ./signals
	is "0 3 writer" "$status $(of '.profiles[0].salvaged | "\(.times) \(.point)"')"
	is 1 "$(grep -cE "^    salvaged to $WORK/x.profraw: 1 function, .*; 2 snapshots before$" text)"
	is 1 "$(functions 14 x.profraw)"
}
@test "a fork child: its parent's records, a file of its own" {
	local child
	need clang-14
	cat >forks.c <<-'END'
		#include <stdlib.h>
		#include <sys/wait.h>
		#include <unistd.h>
		int main(int argc, char **argv)
		{
			(void)argv;
			pid_t pid = fork();
			if (pid == 0 && argc > 1)
				_exit(0);
			if (pid == 0)
				exit(0);
			return waitpid(pid, NULL, 0) != pid;
		}
	END
	clang-14 -fprofile-instr-generate forks.c -o forks
	LLVM_PROFILE_FILE=x.%p.profraw observed -s salvage=yes ./forks
	is "0 $WORK/x.$(of .pid).profraw" "$status $(of '.profiles[0].salvaged.path')"
	child=$(other_process)
	report --pid "$child" trace >json
	is "1 true $WORK/x.$child.profraw" "$(of '.profiles[] | "\(.records["48"]) \(.writer) \(.salvaged.path)"')"
	is "1 1" "$(functions 14 x.[0-9]*.profraw) $(functions 14 "x.$child.profraw")"
	LLVM_PROFILE_FILE=y.%p.profraw observed -s salvage=yes ./forks leaves
	is 1 "$(find . -name 'y.*.profraw' | wc -l)" "a child that leaves by _exit, as it is taught to"
	child=$(other_process)
	ex report --pid "$child" trace >text
	grep -q '^salvage=yes did not take place: a fork child that left without running its exit handlers' text
}
@test "what could not be read" {
	need clang-14
	cat >spoils.c <<-'END'
		#include <stdint.h>
		#include <string.h>
		extern char __start___llvm_prf_data[] __attribute__((visibility("hidden")));
		extern char __stop___llvm_prf_data[] __attribute__((visibility("hidden")));
		static int one(int x) { return x + 1; }
		static int two(int x) { return x * 2; }
		int (*table[2])(int) = {one, two};
		int main(int argc, char **argv)
		{
			uint64_t nowhere = 0x10000; /* below what any kernel maps */
			uint32_t sites;
			int x = 0;
			(void)argv;
			for (int i = 0; i < 10; i++)
				x = table[(i + argc) & 1](x);
			for (char *record = __start___llvm_prf_data; record < __stop___llvm_prf_data; record += 48) {
				memcpy(&sites, record + 44, 4);
				if (sites)
					memcpy(record + 32, &nowhere, 8);
			}
			return x == 0;
		}
	END
	clang-14 -O1 -fprofile-generate spoils.c -o spoils
	LLVM_PROFILE_FILE=x.profraw observed -s salvage=yes ./spoils
	is 0 "$status"
	validated
	is "sites 0x10000 1" "$(of '.profiles[0] | "\(.unreadable[0].piece) \(.unreadable[0].address) \(.salvaged.left_out)"')"
	is 1 "$(grep -cE '^    left out: the value sites of the record at spoils\+0x[0-9a-f]+: nothing to read at 0x10000$' text)"
	is "$(($(record_bytes spoils) / 48))" "$(functions 14 x.profraw)" "its counters are there all the same"
}
@test "continuous mode" {
	need clang-22
	echo 'int main(void) { return 0; }' >m.c
	clang-22 -fprofile-instr-generate -mllvm -runtime-counter-relocation m.c -o m
	LLVM_PROFILE_FILE=%cx.profraw observed -s salvage=yes ./m
	is "true false null" "$(of '.profiles[0] | "\(.continuous) \(.writer) \(.salvaged)"')"
	grep -q '; continuous mode (%c): the runtime maps its counters to the file$' text
	grep -qx 'salvage=yes did not take place: in continuous mode (%c) no profile writer registers' text
	is 1 "$(functions 22 x.profraw)" "the runtime's own file"
}
@test "a record read by another layout, at the crash" {
	local begin
	pgo_need mixed_exit
	observed "$PGO/mixed_exit"
	validated
	is "SIGSEGV walk mixed_exit 48 64" "$(of '.crash | .signal + " " + (.misread[] | select(.how == "walk") | "\(.how) \(.module) \(.record_bytes) \(.read_as_bytes)")')"
	is "$(of .crash.address) $(of .crash.address)" "$(of '.crash.misread[] | select(.how == "walk") | "\(.word) \(.address)"')"
	begin=$(readelf -SW "$PGO/mixed_exit" | sed -nE 's/.* __llvm_prf_data +[A-Z]+ +0*([0-9a-f]+) .*/0x\1/p')
	is 0 "$((($(of '.crash.misread[] | select(.how == "walk").offset') - begin) % 64))" "steps of 64 bytes from the first record"
	is 1 "$(grep -c 'in steps of 64 bytes comes by mixed_exit+0x.*, where a profile record of 48 bytes lies: taken for one of 64 bytes, it has its value data at ' <(sed '/^what could explain it/,/^$/d' text))" "told of the crash once"
	observed "$ZOO/null_deref"
	is "[] []" "$(of '"\(.profiles) \(.crash.misread)"')" "a crash of another kind"
	is 0 "$(grep -c 'LLVM profiles' text || true)"
}
@test "functions that were made to return" {
	pgo_need mixed_site
	observed "$PGO/mixed_site"
	is "null" "$(of .returns)" "not asked for"
	observed -s value-profile=off -s salvage=yes "$PGO/mixed_site"
	is "0 97 45174" "$status $(<out)"
	validated
	is "$(nm "$PGO/mixed_site" | sed -n 's/.* [tT] \(__llvm_profile_instrument_.*\)/\1 placed/p' | sort)" "$(of '.returns[] | "\(.symbol) \(.result)"' | sort)"
	grep -q '^  made to return at once: __llvm_profile_instrument_' text
	observed -s value-profile=off "$PGO/stripped/mixed_site"
	is "mixed_site no such function" "$(of '.returns[] | "\(.module) \(.result)"')"
	grep -q '^value-profile=off did not take place: no function that records values was found' text
}
@test "treatments that met nothing" {
	observed -s salvage=yes "$ZOO/order_exe"
	is "salvage=yes did not take place: no profile writer registered: nothing to salvage" "$(grep 'did not take place' text)"
	observed -s flush=every:9 "$ZOO/order_exe"
	is "flush=every:9 did not take place: no profile writer registered: nothing to salvage" "$(grep 'did not take place' text)"
	pgo_need healthy_c14
	observed -s salvage=yes "$PGO/healthy_c14" kill
	is "salvage=yes did not take place: SIGKILL leaves no time for it" "$(grep 'did not take place' text)"
}
@test "run -v says where the profile is, and nothing without salvage" {
	pgo_need healthy_c14
	export LLVM_PROFILE_FILE=x.profraw
	capture ex run -v -s salvage=yes -o t -- "$PGO/healthy_c14"
	is "exeunt: trace in t; read it with: exeunt report t
exeunt: profile salvaged to $WORK/x.profraw" "$(<err)"
	rm -rf t
	capture ex run -v -o t -- "$PGO/healthy_c14"
	is "exeunt: trace in t; read it with: exeunt report t" "$(<err)"
	rm -rf t
	capture ex run -s salvage=yes -o t -- "$PGO/healthy_c14"
	is "" "$(<err)" "no terminal, no -v"
	rm -rf t
	capture ex run -v -s salvage=yes -o t -- "$ZOO/order_exe"
	grep -qx 'exeunt: the trace tells of no salvaged profile; the report says why' err
}
@test "compare: what became of the profile" {
	pgo_need healthy_22 mixed_exit mixed_refused
	ex run -o ran -- "$PGO/healthy_22" >/dev/null
	ex run -o left -- "$PGO/healthy_22" _exit >/dev/null || true
	ex run -o died -- "$PGO/mixed_exit" >/dev/null 2>&1 || true
	ex run -o refused -- "$PGO/mixed_refused" >/dev/null 2>&1
	ex run -s salvage=yes -o salvaged -- "$PGO/mixed_exit" >/dev/null
	ex run -o none -- "$ZOO/order_exe" >/dev/null
	ex compare --json ran left died refused salvaged none >json
	"$PYTHON" "$ROOT/tests/lib/validate.py" "$ROOT/docs/compare.schema.json" json
	is "writer ran,writer did not run,writer died,writer refused,salvaged,null" "$(of '[.columns[].profile | tostring] | join(",")')"
	capture ex compare ran none
	is "1 1" "$(grep -c ', LLVM profile: writer ran' out) $(grep -c 'LLVM profile' out)"
}
@test "doctor: consistent or mixed, and what can be done" {
	local finding='.findings[] | select(.name == "LLVM profile") | "\(.level): \(.text)"'
	pgo_need mixed_exit mixed_site healthy_22 mixed_dso
	ex doctor --json -- "$PGO/healthy_22" >json
	is "ok: in $PGO/healthy_22: consistent: $(($(record_bytes "$PGO/healthy_22") / 64)) records of 64 bytes (LLVM 18 to 22); -s flush=POINT can write it early, -s salvage=yes at any end" "$(of "$finding")"
	ex doctor --json -- "$PGO/stripped/mixed_exit" >json
	of "$finding" | grep -qE '^note: in .*/stripped/mixed_exit: MIXED: .* misread [0-9]+ at exit, .*; -s salvage=yes writes it all the same$'
	ex doctor --json -- "$PGO/mixed_site" >json
	of "$finding" | grep -qE '^note: .*MIXED: .*; -s salvage=yes -s value-profile=off writes it all the same$'
	ex doctor --json -- "$PGO/stripped/mixed_site" >json
	of "$finding" | grep -qE '^note: .*MIXED: .*; -s salvage=yes -s value-profile=off,MODULE\+0xOFFSET writes it all the same, '
	ex doctor --json -- "$PGO/mixed_dso" >json
	is "ok: in $PGO/mixed_dso: consistent,note: in $PGO/libmixed.so: MIXED" "$(of "$finding" | sed -E 's/(consistent|MIXED): .*/\1/' | paste -sd,)"
	is 0 "$(ex doctor --json -- "$ZOO/order_exe" | jq '[.findings[] | select(.name == "LLVM profile" and .text != "none")] | length')"
}
