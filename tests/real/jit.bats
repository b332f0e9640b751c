# Real JITs whose code is given back while a pointer to it lives on, with scripts/jit-stress: Cranelift with its own memory (a
# mapping for each module), with an arena, and an older one with code in blocks of malloc; libgccjit; LLVM's LLJIT. Two Craneliftes
# are built, a minute each on two processors; what is built stays in out/jit-stress-test. EX_JIT_DIR=DIR takes what
# scripts/jit-stress has built in DIR.
load ../lib/zoo
setup() {
	zoo_setup
	need jq
	DIR=${EX_JIT_DIR:-$O/jit-stress-test}
}
teardown() { zoo_teardown; }

# job STEP MODE…: as a user would run it, with few runs; the output in the file said
job() {
	local step=$1 words=() mode
	shift
	for mode in "$@"; do words+=(--mode "$mode"); done
	LAST="O=$O scripts/jit-stress --dir $DIR --only $step --runs 8 --diagnose 5 ${words[*]}"
	"$ROOT/scripts/jit-stress" --dir "$DIR" --only "$step" --runs 8 --diagnose 5 "${words[@]}" >said 2>&1 || {
		echo "ended with $?:"
		tail -40 said
		return 1
	}
}
row() { # CASE KEY…: facts of one case, in a line
	local case=$1 key
	shift
	for key in "$@"; do sed -n "s/^$key=//p" "$DIR/rows/$case"; done | paste -sd' '
}
cargo_or_skip() {
	command -v cargo >/dev/null || skip "cargo is missing (a Rust toolchain, which no Debian package of ours brings)"
	[ -x "$DIR/bin/$1" ] && return
	"$ROOT/scripts/jit-stress" --dir "$DIR" --only "$1" --build >built 2>&1 || {
		# without a way to the registry there is nothing to test; else it is an error
		! grep -qE 'failed to (download|get|fetch)|Could not resolve|network' "$DIR/$1.log" || skip "the crates cannot be had: $(tail -1 "$DIR/$1.log")"
		cat built
		return 1
	}
}
arms() { jq -r '[.arms[1:][] | "\(.name) \(.role) \(.runs) \(.bad)"] | join("|")' "$DIR/runs/$1/verdict.json"; }

@test "Cranelift: freed, then called: dangling-code in every run under keep=exec, with both stacks" {
	cargo_or_skip cranelift
	job cranelift stale result inside
	for case in cranelift.{stale,result,inside} cranelift-arena.{stale,result,inside}; do
		is "dangling-code confirmed 8" "$(row "$case" verdict status kept_stale)" "$case"
		is "keep confirm 5 0|modules control 5 5" "$(arms "$case")" "$case"
		grep -q 'JITModule::free_memory.*end_module' "$DIR/rows/$case"
	done
	for case in cranelift.{stale,result} cranelift-arena.{stale,result}; do
		is "cranelift_stress::call_old" "$(row "$case" caller)" "$case"
	done
	# seldom a crash, mostly another function's result; always that one where one thread does it all
	is "0 8" "$(row cranelift.result signal wrong)"
	is 8 "$(($(row cranelift.stale signal) + $(row cranelift.stale wrong)))"
}
@test "Cranelift: a module that is only dropped keeps its code: healthy" {
	cargo_or_skip cranelift
	job cranelift dropped kept
	for case in cranelift.{dropped,kept} cranelift-arena.{dropped,kept}; do
		is "healthy none 0 8" "$(row "$case" verdict status kept_stale kept_fine)" "$case"
	done
}
@test "an older Cranelift, with code in blocks of malloc: the same" {
	cargo_or_skip malloced
	job malloced stale result dropped kept
	for case in malloced.{stale,result}; do
		is "dangling-code confirmed 8" "$(row $case verdict status kept_stale)" "$case"
		grep -q 'PtrLen.*JITModule::free_memory.*end_module' "$DIR/rows/$case"
	done
	for case in malloced.{dropped,kept}; do is "healthy none 0 8" "$(row $case verdict status kept_stale kept_fine)" "$case"; done
}
@test "libgccjit: its code is a library's, and closing it is what took it away" {
	job gcc
	for case in gcc.{stale,result,inside}; do
		is "unloaded-module confirmed" "$(row $case verdict status)" "$case"
		jq -e 'any(.evidence[]; .id == "closed" and (.text | test("libgccjit.so")))' "$DIR/runs/$case/verdict.json"
	done
	for case in gcc.{dropped,kept}; do is "healthy none 8" "$(row $case verdict status kept_fine)" "$case"; done
}
@test "LLVM's LLJIT: a tracker that is removed, and one that is only released" {
	job orc
	for case in orc.{stale,result,inside}; do
		is "dangling-code confirmed 8" "$(row $case verdict status kept_stale)" "$case"
		grep -q 'llvm::SectionMemoryManager::~SectionMemoryManager' "$DIR/rows/$case"
	done
	is "0 8" "$(row orc.result signal wrong)"
	for case in orc.{dropped,kept}; do is "healthy none 0 8" "$(row $case verdict status kept_stale kept_fine)" "$case"; done
}
@test "stripped: module and offset, the same verdict" {
	cargo_or_skip cranelift
	strip -o stripped "$DIR/bin/cranelift"
	capture "$EXEUNT_COMMAND" diagnose --json --runs 5 --expect-output "$DIR/right" -- ./stripped result
	is "dangling-code confirmed" "$(jq -r '.verdict + " " + .status' out)"
	jq -e 'any(.evidence[]; .id == "gone" and (.text | test("stripped\\+0x")))' out
	jq -e 'any(.evidence[]; .id == "caller" and (.text | test("stripped\\+0x")))' out
}
@test "the table as JSON; what is missing or wrong is said in a sentence" {
	need gcc
	"$ROOT/scripts/jit-stress" --dir "$DIR" --only orc --mode kept --runs 2 --diagnose 2 --json >json 2>said
	is "healthy 2" "$(jq -r '.[] | select(.case == "orc.kept") | "\(.verdict) \(.fine)"' json)"
	run -2 "$ROOT/scripts/jit-stress" --only breakfast
	[[ $output == *"there is no step breakfast; the steps are: cranelift malloced gcc orc"* ]]
	run -2 "$ROOT/scripts/jit-stress" --runs none
	run -0 "$ROOT/scripts/jit-stress" --help
	[[ $output == *"Steps: cranelift malloced gcc orc"* ]]
}
