# flush and skip: the profile is written, once, with the counts of a healthy run.
load ../lib/zoo
MI=(env MIMALLOC_DESTROY_ON_EXIT=1 LD_PRELOAD=libmimalloc.so.2.0)
setup() {
	zoo_setup
	need llvm-profdata-14
	LLVM_PROFILE_FILE=$WORK/healthy.profraw "$ZOO/prof_app" >/dev/null
	profile_counts healthy.profraw >healthy
	grep -q 'Total functions: 3' healthy
}
teardown() { zoo_teardown; }

# counted FILE…: these profiles hold the counts of the healthy run, once
counted() {
	[ $# = 1 ] && [ -s "$1" ] || { echo "profiles: $*"; return 1; }
	is "$(cat healthy)" "$(profile_counts "$1")" "counts, healthy (left) and treated (right)"
}
treated() { # STATUS SETTINGS COMMAND…
	local want=$1 settings=() word
	for word in $2; do settings+=(-s "$word"); done
	shift 2
	rm -rf trace treated*.profraw
	LLVM_PROFILE_FILE=$WORK/treated.profraw capture ex run "${settings[@]}" -o trace -- "$@"
	is "$want" "$status" "exit status of $* with ${settings[*]}"
	is "longest 178" "$(cat out)"
	is "" "$(cat err)" "standard error"
	counted treated*.profraw
}

@test "the crash is there without a treatment" {
	capture ex run -o trace -- "${MI[@]}" "$ZOO/prof_app"
	is 139 "$status"
}
@test "no treatment: the profile of a healthy program is as ever" { treated 0 "" "$ZOO/prof_app"; }
@test "flush=main-end" {
	treated 0 flush=main-end "$ZOO/prof_app"
	treated 0 flush=main-end "$ZOO/prof_app" leave exit
	treated 0 flush=main-end "${MI[@]}" "$ZOO/prof_app"
}
@test "flush=exit, main returns" {
	treated 0 flush=exit "$ZOO/prof_app"
	treated 0 flush=exit "${MI[@]}" "$ZOO/prof_app"
}
@test "flush=exit in exit, _exit, _Exit, quick_exit, abort" {
	treated 0 flush=exit "$ZOO/prof_app" leave exit
	treated 5 flush=exit "$ZOO/prof_app" leave _exit
	treated 5 flush=exit "$ZOO/prof_app" leave _Exit
	treated 6 flush=exit "$ZOO/prof_app" leave quick_exit
	treated 134 flush=exit "$ZOO/prof_app" leave abort
}
@test "flush=exit in an instrumented, stripped program" {
	LLVM_PROFILE_FILE=$WORK/want.profraw "$ZOO/prof_exe" leave return >/dev/null
	LLVM_PROFILE_FILE=$WORK/got.profraw ex run -s flush=exit -o trace -- "$ZOO/prof_exe.stripped" leave return >out
	# the program's own handler runs after the early flush, so that its count is 0 there
	is "$(profile_counts want.profraw | grep -A4 prof_work)" "$(profile_counts got.profraw | grep -A4 prof_work)"
}
@test "flush with %m, %p, and without LLVM_PROFILE_FILE" {
	for how in "" "leave _exit"; do
		want=0
		[ -z "$how" ] || want=5
		for name in m p; do
			mkdir dir
			# shellcheck disable=SC2086
			LLVM_PROFILE_FILE=$WORK/dir/x-%$name.profraw capture ex run -s flush=exit -o trace -- "$ZOO/prof_app" $how
			is $want "$status"
			counted dir/*
			rm -rf trace dir
		done
		mkdir dir
		cd dir
		# shellcheck disable=SC2086
		capture ex run -s flush=exit -o ../trace -- "$ZOO/prof_app" $how
		is $want "$status"
		cd ..
		counted dir/default.profraw
		is "default.profraw err out" "$(echo $(ls dir))"
		rm -rf trace dir
	done
}
@test "flush through the bare preload" {
	LLVM_PROFILE_FILE=$WORK/treated.profraw EXEUNT="out=$WORK/trace flush=exit" LD_PRELOAD=$LIBRARY \
		capture "$ZOO/prof_app" leave _exit
	is 5 "$status"
	counted treated.profraw
}

# a key of the row of the handler that takes the heap away: mimalloc's
releaser() {
	report trace | jq -r '[.teardown[] | select(.module == "libmimalloc.so.2.0"
		and (.kind == "allocator-done" or .kind == "handler"))] | first | .'"$1"
}
offset_of_releaser() {
	local offset
	offset=$(releaser offset)
	case $offset in 0x*) echo "$offset" ;; *) printf '0x%x\n' "$offset" ;; esac
}
@test "skip=module+offset" {
	ex run -o trace -- "${MI[@]}" "$ZOO/prof_app" >/dev/null || true
	treated 0 "skip=libmimalloc.so.2.0+$(offset_of_releaser)" "${MI[@]}" "$ZOO/prof_app"
}
@test "skip=#n" {
	ex run -o trace -- "${MI[@]}" "$ZOO/prof_app" >/dev/null || true
	treated 0 "skip=#$(releaser n)" "${MI[@]}" "$ZOO/prof_app"
}
@test "skip=symbol leaves out that handler and no other" {
	"$ZOO/order_exe" >all
	for symbol in exe_atexit_from_main exe_on_exit dso_atexit_from_constructor dso_destructor exe_destructor_101; do
		rm -rf trace
		capture ex run -s "skip=$symbol" -o trace -- "$ZOO/order_exe"
		is 0 "$status"
		is "$(grep -vx "mark: $symbol" all)" "$(cat out)" "marks without $symbol"
	done
}
@test "skip: several with commas" {
	capture ex run -s skip=exe_on_exit,dso_destructor -o trace -- "$ZOO/order_exe"
	is "$("$ZOO/order_exe" | grep -vxE 'mark: (exe_on_exit|dso_destructor)')" "$(cat out)"
}
@test "skip of the writer: no profile" {
	LLVM_PROFILE_FILE=$WORK/first.profraw ex run -o trace -- "$ZOO/prof_app" >/dev/null
	n=$(report trace | jq -r '[.teardown[] | select(.kind == "profile-write")] | first | .n')
	rm -rf trace
	LLVM_PROFILE_FILE=$WORK/none.profraw ex run -s "skip=#$n" -o trace -- "$ZOO/prof_app" >/dev/null
	# the runtime makes the file empty when the program starts
	[ ! -s none.profraw ]
}
@test "a skipped handler is recorded as skipped" {
	capture ex run -s skip=exe_on_exit -o trace -- "$ZOO/order_exe"
	babeltrace2 trace | grep -E 'handler_end: .*"skipped"'
}
@test "an unknown setting is refused" {
	run -2 "$EXEUNT_COMMAND" run -s flsuh=exit -o trace -- /bin/true
	[ ! -e trace ]
}
