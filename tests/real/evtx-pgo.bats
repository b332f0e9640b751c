# The real evtx_dump, profile-guided, with an allocator whose C code another LLVM instruments: from the crash to the
# optimized program, with scripts/evtx-pgo. The allocators are built as in a release; evtx itself without link-time
# optimization, which is nothing to these crashes and half of the time. Twenty minutes on two processors; what is built
# stays in out/evtx-pgo-test. EX_EVTX_DIR=DIR takes what scripts/evtx-pgo has built in DIR, as it is in a release.
load ../lib/zoo
setup() {
	zoo_setup
	command -v cargo >/dev/null || skip "cargo is missing (a Rust toolchain, which no Debian package of ours brings)"
	need clang-14
	need "llvm-profdata-$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')"
	DIR=${EX_EVTX_DIR:-$O/evtx-pgo-test}
	[ -n "${EX_EVTX_DIR:-}" ] || export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
	if [ ! -e "$DIR/src/evtx-0.13.0" ]; then
		"$ROOT/scripts/evtx-pgo" --dir "$DIR" --only fetch >fetched 2>&1 ||
			skip "evtx cannot be had: $(tail -1 fetched)"
	fi
}
teardown() { zoo_teardown; }

# job STEP [OPTION…]: one step, as a user would run it; the output in the file said
job() {
	local step=$1
	shift
	LAST="O=$O scripts/evtx-pgo --dir $DIR --only $step $*"
	"$ROOT/scripts/evtx-pgo" --dir "$DIR" --only "$step" "$@" >said 2>&1 || {
		echo "ended with $?:"
		tail -60 said
		return 1
	}
}
row() { # NAME KEY…: facts of one build, in a line
	local name=$1 key
	shift
	for key in "$@"; do sed -n "s/^$key=//p" "$DIR/rows/$name"; done | paste -sd' '
}
rust_names() { grep '^rust ' "$DIR/runs/$1/functions"; }

# dies NAME OUTPUT FUNCTION [OUTPUT WHEN SALVAGED]: how it ends, the verdict, and what was rescued
dies() {
	local name=$1
	is "SIGSEGV $2" "$(row "$name" end output)" "$name: its end and its output"
	is "$3" "$(row "$name" fault)" "$name: where it died"
	is "mixed-profile-layouts confirmed" "$(row "$name" verdict status)"
	jq -e 'any(.excluded[]; .verdict == "profile-after-teardown")' "$DIR/runs/$name/verdict.json"
	[ "$(row "$name" records48)" -gt 0 ]
	is "exit 0 ${4:-whole} salvaged" "$(row "$name" salvage_end salvage_output profile)" "$name: salvaged"
	# each record of Rust's LLVM is a function of its own in the profile, and so is each of the other
	is "$(row "$name" records64) $(row "$name" records48)" "$(row "$name" rust c)" "$name: functions of Rust and of C, by file and by profile"
}

@test "nothing instrumented: the logs that the project makes are read to their end" {
	job plain
	is "exit 0 whole" "$(row plain end output)"
	is "300 30000" "$(grep -c '^Record ' "$DIR/runs/plain/0.json" "$DIR/runs/plain/1.json" | sed 's/.*://' | paste -sd' ')"
	is "30000" "$(grep -c '<EventRecordID>' "$DIR/runs/plain/1.xml")"
	is "0" "$(grep -c '<Invalid\|error' "$DIR/runs/plain/1.xml")"
}
@test "0.13.0 --locked, clang-14: dies before main, in a function that records values" {
	job jemalloc
	dies jemalloc none __llvm_profile_instrument_target
	# the mend that the next tests try
	jq -e '.advice | any(test("cc crate 1\\.2\\.15 .*CC to a script"))' "$DIR/runs/jemalloc/verdict.json"
}
@test "without value sites in C: the whole output, then the report's crash, message for message" {
	job no-value-sites
	dies jemalloc-no-value-sites whole initializeValueProfRuntimeRecord
	# what the dead writer leaves ends inside its value data, and is refused in the report's words. Without link-time
	# optimization the records lie in another order, so its buffer was last emptied elsewhere: then in other words
	if [ -n "${EX_EVTX_DIR:-}" ]; then is "too much profile data" "$(row jemalloc-no-value-sites refused)"; fi
	"$EXEUNT_COMMAND" scan "$(printf '%s\n' "$DIR"/runs/jemalloc-no-value-sites/own/*.profraw | head -1)" >scanned || true
	grep -q 'ends inside the value-profile tail: a writer died' scanned || { cat scanned; return 1; }
	is "$(row jemalloc-no-value-sites refused)" "$(sed -n 's/^ *llvm-profdata *"\(.*\)"$/\1/p' scanned)" "what llvm-profdata says"
	# and an early flush was tried, and died there too
	jq -e '[.arms[] | select(.treatment | test("flush=main-end"))] | length > 0 and all(.bad == .runs and .runs > 0)' \
		"$DIR/runs/jemalloc-no-value-sites/verdict.json"
}
@test "mimalloc, secure: the same two ends" {
	job mimalloc
	dies mimalloc none __llvm_profile_instrument_target
	dies mimalloc-no-value-sites whole initializeValueProfRuntimeRecord
}
@test "the mend: no crash, healthy, the same functions of Rust" {
	job mend
	is "exit 0 whole healthy own" "$(row jemalloc-mended end output verdict profile)"
	is 0 "$(row jemalloc-mended records48)"
	is "$(rust_names jemalloc-mended)" "$(rust_names jemalloc)"
	is "$(rust_names jemalloc-mended)" "$(rust_names jemalloc-no-value-sites)"
	grep -q -- '-fno-profile-generate last' said
}
@test "gcc, and clang of the same record layout: healthy, the same functions of Rust" {
	need clang-19
	job healthy
	is "exit 0 whole healthy own 0" "$(row jemalloc-gcc end output verdict profile c)"
	is "exit 0 whole healthy own" "$(row jemalloc-clang-19 end output verdict profile)"
	[ "$(row jemalloc-clang-19 c)" -gt 500 ]
	is "$(rust_names jemalloc-gcc)" "$(rust_names jemalloc-clang-19)"
	is "$(rust_names jemalloc-gcc)" "$(rust_names jemalloc-mended)"
}
@test "optimized with the rescued profile, and with the mended build's: the same output; the ratio is told" {
	job speed
	is "exit 0 whole" "$(row optimized-rescued end output)"
	is "exit 0 whole" "$(row optimized-mended end output)"
	grep -E '^optimized-rescued +[01]\.[0-9]{3} of the time of plain' said
	sed -n '/== How fast/,$p' said >&3
}
@test "what is built is not built again" {
	job no-value-sites
	grep -q '^bin/jemalloc-no-value-sites is there' said
	! grep -q '^built in' said
}
@test "0.15.1 with cc 1.7.0: before main as well; there CFLAGS is a mend" {
	DIR+=-0.15.1
	job jemalloc --version 0.15.1 --cc-crate 1.7.0
	dies jemalloc none __llvm_profile_instrument_target '?' # there is no plain build of it to compare with
	jq -e '.advice[0] | test("CFLAGS=-fno-profile-generate.*cc crate 1\\.7\\.0 ")' "$DIR/runs/jemalloc/verdict.json"
	job mend --version 0.15.1 --cc-crate 1.7.0
	is "exit 0 healthy own" "$(row jemalloc-mended end verdict profile)"
	grep -q 'CFLAGS=-fno-profile-generate' said
}
@test "what is missing or wrong is said in a sentence" {
	run -2 "$ROOT/scripts/evtx-pgo" --only breakfast
	[[ $output == *"there is no step breakfast; the steps are: fetch plain"* ]]
	run -2 "$ROOT/scripts/evtx-pgo" /no/such.evtx
	run -0 "$ROOT/scripts/evtx-pgo" --help
	[[ $output == *"Steps: fetch plain jemalloc"* ]]
	mkdir bin
	for tool in bash dirname nproc realpath sed; do ln -s "$(command -v $tool)" bin; done
	run -125 env PATH="$WORK/bin" "$ROOT/scripts/evtx-pgo" --dir d
	is "evtx-pgo: cargo is missing: install a Rust toolchain, Debian's own is too old for evtx" "$output"
}
