# diagnose names the cause, and nothing else. The cases are functions, so that nameless.bats can ask them again.
load ../lib/zoo
load ../lib/verdicts
setup() { zoo_setup; }
teardown() { zoo_teardown; }

@test "mimalloc destroys its heap, LLVM_PROFILE_FILE set" { case_mimalloc; }
@test "mimalloc destroys its heap, LLVM_PROFILE_FILE not set" { case_mimalloc_unset; }
@test "mimalloc keeps its heap: healthy" { case_healthy; }
@test "own allocator, munmap" { case_own libown_allocator.so; }
@test "own allocator, munmap, LLVM_PROFILE_FILE not set" { case_own_unset libown_allocator.so; }
@test "own allocator, raw system call" { case_own libown_allocator_raw.so; }
@test "own allocator, raw system call, LLVM_PROFILE_FILE not set" { case_own_unset libown_allocator_raw.so; }
@test "own allocator inside the program, no other handler" { case_inside; }
@test "own allocator that forgets its pool" { case_own libown_allocator_null.so; }
@test "own allocator that forgets its pool, LLVM_PROFILE_FILE not set" { case_own_unset libown_allocator_null.so; }
@test "left by _exit" { case_lost _exit; }
@test "left by quick_exit" { case_lost quick_exit; }
@test "left by abort" { case_lost abort; }
@test "left by SIGTERM" { case_lost term; }
@test "left by SIGKILL" { case_lost kill; }
@test "the instrumented zoo leaves without its handlers" {
	for program in leave__exit leave_quick_exit leave_abort leave_signal_term; do
		verdict "$ZOO/prof.$program"
		is profile-lost "$(of .verdict)" "$program" || { told; return 1; }
	done
}
@test "exit that libc calls by itself: err(), the last thread's end" {
	for how in err last-thread; do
		verdict "${MI[@]}" "$ZOO/prof_app" leave "$how"
		confirmed_teardown || { echo "$how"; return 1; }
	done
}
@test "null dereference" { case_null; }
@test "null dereference in an instrumented program" { case_null_instrumented; }
@test "own handler crashes while a writer is registered" { case_own_handler; }
@test "healthy program" {
	verdict "$ZOO/order_exe"
	is healthy "$(of .verdict)"
}
@test "arms: baseline, two confirming ones and a control, with the commands that repeat them" {
	export LLVM_PROFILE_FILE=$WORK/x.profraw
	verdict "${MI[@]}" "$ZOO/prof_app"
	jq -e '[.arms[] | select(.role == "baseline")] | length == 1 and .[0].bad == .[0].runs' json
	jq -e '[.arms[] | select(.role == "confirm")] | length >= 2 and all(.bad == 0 and .runs > 0)' json
	jq -e '[.arms[] | select(.role == "control")] | length >= 1 and all(.bad == .runs and .runs > 0)' json
	jq -e '[.arms[] | .repeat | contains("exeunt run ")] | all' json
	jq -e '[.arms[] | select(.role == "confirm") | .treatment] | (map(startswith("flush=")) | any) and (map(startswith("skip=")) | any)' json
}
right_process() {
	confirmed_teardown
	jq -e '.process.exe | endswith("/prof_app")' json
}
@test "run by a shell script" {
	printf '#!/bin/sh\ntrue\nMIMALLOC_DESTROY_ON_EXIT=1 LD_PRELOAD=libmimalloc.so.2.0 %s\ntrue\n' "$ZOO/prof_app" >script
	chmod +x script
	verdict ./script
	right_process
}
@test "run by env -i" {
	verdict env -i MIMALLOC_DESTROY_ON_EXIT=1 LD_PRELOAD=libmimalloc.so.2.0 "$ZOO/prof_app"
	right_process
}
@test "run by python's subprocess" {
	verdict python3 -c "import subprocess
subprocess.run(['$ZOO/prof_app'], env={'MIMALLOC_DESTROY_ON_EXIT': '1', 'LD_PRELOAD': 'libmimalloc.so.2.0'})"
	right_process
}
@test "with its input from a pipe" {
	LAST="echo 1107 | exeunt diagnose --runs 2 -- …/prof_app -"
	status=0
	echo 1107 | "$EXEUNT_COMMAND" diagnose --runs 4 --json -- "${MI[@]}" "$ZOO/prof_app" - >json 2>err || status=$?
	right_process
}
@test "one of 20 parallel children" {
	{
		printf '#!/bin/bash\n'
		for n in $(seq 20); do
			destroy=0
			[ "$n" != 13 ] || destroy=1
			printf 'MIMALLOC_DESTROY_ON_EXIT=%s LD_PRELOAD=libmimalloc.so.2.0 %s >/dev/null &\n' $destroy "$ZOO/prof_app"
		done
		printf 'wait\n'
	} >script
	chmod +x script
	verdict ./script
	right_process
}
@test "unknown gives status 3, a named cause 0" {
	capture ex diagnose --runs 2 -- "$ZOO/leave_raise_segv"
	is 3 "$status"
	grep -q unknown out
	capture ex diagnose --runs 2 -- "$ZOO/null_deref"
	is 0 "$status"
}
