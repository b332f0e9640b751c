# shellcheck disable=SC2034
# What salvage writes is what the runtime writes: the same program twice, at the same addresses, byte for byte.
load ../lib/zoo
setup() {
	zoo_setup
	setarch -R true 2>why || skip "addresses cannot be fixed here: $(head -1 why)"
	cp "$ROOT/tests/zoo/salvage/values.c" .
}
teardown() { zoo_teardown; }

# PROGRAM ARGUMENTS…: both trace folders have names of such lengths that the environments are equally long, stacks included
twice() {
	local program=$1
	shift
	rm -rf own salvaged ./*.trace*
	mkdir own salvaged
	for kind in own salvaged; do
		settings=(-o "$WORK/the.trace.as.long.")
		[ $kind = own ] || settings=(-s salvage=yes -o "$WORK/the.trace")
		status=0
		LAST="LLVM_PROFILE_FILE=%m.profraw setarch -R $EXEUNT_COMMAND run ${settings[*]} -- ./$program $*"
		(cd $kind && LLVM_PROFILE_FILE=%m.profraw setarch -R "$EXEUNT_COMMAND" run "${settings[@]}" -- "../$program" "$@" >../$kind.out 2>&1) || status=$?
		is "${WANTED_STATUS:-0}" "$status" "$kind: status of $program $*" || { cat $kind.out; return 1; }
	done
	report the.trace >json
	jq -e '(.profiles | length) > 0 and all(.profiles[]; .salvaged.error == null and .salvaged.times == 1)' json >/dev/null || { jq .profiles json; return 1; }
}
# or, where a header may not be equal, field by field as tests/oracle/profraw.py has it
equal() { # WHAT
	is "$(ls own)" "$(ls salvaged)" "$1: names, the runtime's (left)"
	for file in own/*; do
		cmp -s "$file" "salvaged/${file##*/}" || python3 "$ROOT/tests/oracle/profraw.py" "$file" "salvaged/${file##*/}" || { echo "$1 differs"; return 1; }
	done
}
# FLAGS…: built by each of the compilers that know the flags, and equal
equal_by() { # "VERSIONS" FLAGS…
	local versions=$1 version
	shift
	for version in $versions; do
		need "clang-$version"
		"clang-$version" -O2 "$@" values.c -o values -lpthread
		twice values
		equal "clang-$version $*"
	done
}

@test "front-end, IR, context-sensitive; stripped" {
	equal_by "14 19 22" -fprofile-generate
	equal_by "14 19 22" -fprofile-instr-generate -fcoverage-mapping
	equal_by "14 19 22" -fcs-profile-generate
	equal_by "14 19 22" -fprofile-generate -Wl,-s
}
@test "value nodes in the heap, more values than a site may have" {
	equal_by "14 22" -fprofile-generate -mllvm -vp-static-alloc=false
	export LLVM_VP_MAX_NUM_VALS_PER_SITE=255
	equal_by "14 22" -fprofile-generate
}
@test "bitmaps, counters of one byte, temporal and sampled profiles, virtual tables" {
	equal_by "19 22" -fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc
	equal_by "14 22" -fprofile-generate -mllvm -pgo-function-entry-coverage
	equal_by "22" -fprofile-generate -mllvm -pgo-temporal-instrumentation
	equal_by "22" -fprofile-generate -mllvm -sampled-instrumentation
	equal_by "22" -fprofile-generate -mllvm -enable-vtable-value-profiling
}
@test "names as they are, build-ids of all lengths and none, atomic counters" {
	equal_by "14 22" -fprofile-generate -mllvm -enable-name-compression=false -fprofile-update=atomic
	for id in none md5 0x1122334455; do
		equal_by "14 22" -fprofile-generate "-Wl,--build-id=$id"
	done
}
@test "exit(), the main thread's pthread_exit" {
	for version in 14 22; do
		need "clang-$version"
		"clang-$version" -O2 -fprofile-generate values.c -o values -lpthread
		for way in exit pthread; do
			twice values $way
			equal "clang-$version $way"
		done
	done
}
@test "_exit, quick_exit: the counts of a normal end at that place" {
	for version in 14 22; do
		need "clang-$version"
		"clang-$version" -O2 -fprofile-generate values.c -o values
		LLVM_PROFILE_FILE=whole.profraw ./values
		"llvm-profdata-$version" show --all-functions --counts whole.profraw >whole
		for way in _exit quick; do
			rm -rf trace left.profraw
			LLVM_PROFILE_FILE=$WORK/left.profraw ex run -s salvage=yes -o trace -- ./values $way
			"llvm-profdata-$version" show --all-functions --counts left.profraw >left
			# main leaves by another branch; everything else has run as often
			is "$(sed '/ main:/,/Block/d; /^[A-Z]/d' whole)" "$(sed '/ main:/,/Block/d; /^[A-Z]/d' left)" "clang-$version $way"
		done
	done
}
@test "Rust" {
	need rustc
	cat >program.rs <<-'END'
		fn main() {
		    let table: [fn(u64) -> u64; 3] = [|x| x + 1, |x| x * 2, |x| x ^ 5];
		    let mut sum = 0u64;
		    for i in 0..500u64 { sum += table[(i % 3) as usize](i) & 7; sum += vec![1u8; (i % 40) as usize].len() as u64; }
		    println!("{}", sum);
		}
	END
	for flags in "-Cprofile-generate=x" "-Cinstrument-coverage" "-Cprofile-generate=x -Copt-level=3 -Cstrip=symbols"; do
		# shellcheck disable=SC2086
		rustc $flags program.rs -o program
		twice program
		equal "rustc $flags"
	done
}
