# Crashes where it is hard to tell of one: a whole report each time, no hang, and the end that the program has alone.
# EX_RUNS: how often each (3).
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

# dies_in PLACE STATUS [FUNCTION [FRAMES]]: the function that it died in ("null" none), and how many callers are known at least
dies_in() {
	local n
	capture timeout 60 "$ZOO/bad_places" "$1"
	is "$2" "$status" "status alone"
	mv out want
	for n in $(seq "${EX_RUNS:-3}"); do
		rm -rf trace
		PREFIX_CMD="timeout 60" capture ex run -o trace -- "$ZOO/bad_places" "$1"
		is "$2" "$status" "status, run $n"
		is "$(cat want)" "$(cat out)" "output, run $n"
		report trace >json
		is "0 ${3:-die} true 17 true true" "$(jq -r --argjson least "${4:-4}" '"\(.lost) \(.crash | "\(.stack[0].symbol) \(.stack | length >= $least) \(.registers | length) \(.threads | length >= 1)") \([.crash.registers[] | select(.name == "rip" or .name == "rsp").leads_to] | any)"' json)" "report, run $n"
	done
}
@test "in malloc, the arena's lock held" { dies_in malloc 139 _int_malloc 4; }
@test "the main thread's stack used up" { dies_in stack 139 deeper 10; }
@test "the same, with a signal stack of its own of 8 KiB" { dies_in stack-own 139 deeper 10; }
@test "another thread's stack used up" { dies_in stack-thread 139 deeper 10; }
@test "another thread's, with a signal stack of its own of 8 KiB" { dies_in stack-thread-own 139 deeper 10; }
@test "in a handler, on a signal stack of 8 KiB" { dies_in handler 139; }
@test "in an exit handler" {
	dies_in exit-handler 139
	[[ $(jq -r '.crash.explained[-1]' json) == "it happened in #"*" (handler die)" ]]
}
@test "in a finalizer" {
	dies_in finalizer 139
	[[ $(jq -r '.crash.explained[-1]' json) == "it happened in #"*" (fini finalizer)" ]]
}
@test "while another thread forks" { dies_in fork 139; }
@test "the stack pointer leads nowhere" { dies_in sp 139 main 1; }
@test "the stack pointer is no address" { dies_in sp-odd 135 main 1; }
@test "the program counter leads nowhere: the caller is known" {
	dies_in pc 139 null 2
	is main "$(jq -r '.crash.stack[1].symbol' json)"
}
@test "a call to what is no address" { dies_in pc-odd 139 main 2; }
@test "all memory under RLIMIT_AS used up" { dies_in memory 139; }
@test "all descriptors used up, and no more allowed" {
	dies_in descriptors 139
	grep -q '"leads_to": ".*mapping #' json
}
@test "in a vfork child, then in its parent" { dies_in vfork 139; }
@test "in a vfork child only: the parent's end is its own" {
	capture ex run -o trace -- "$ZOO/bad_places" vfork-only
	is "0 child: signal 11" "$status $(cat out)"
	report trace >json
	is "exit null SIGSEGV die main" "$(jq -r '"\(.end.kind) \(.crash) \(.vfork_crashes[0] | "\(.signal) \(.stack[0].symbol) \(.stack[1].symbol)")"' json)"
	grep -q 'a vfork child of it died of SIGSEGV (SEGV_MAPERR at 0x700000001000) in die+' <("$EXEUNT_COMMAND" report trace)
}
@test "the wait status is the kernel's, with its core dump" {
	# zoo_setup allows no cores; root may again, for others the flag is never set
	cat >status.py <<-'END'
		import os, resource, sys
		pid = os.fork()
		if pid == 0:
		    if os.geteuid() == 0:
		        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
		    os.execvp(sys.argv[1], sys.argv[1:])
		print(hex(os.waitpid(pid, 0)[1]))
	END
	for place in malloc stack-own handler descriptors sp-odd; do
		EXEUNT="out=$WORK/bare" LD_PRELOAD=$LIBRARY /usr/bin/python3 status.py "$ZOO/bad_places" $place >out
		is "$(/usr/bin/python3 status.py "$ZOO/bad_places" $place)" "$(cat out)" "$place: alone (left), bare preload (right)"
	done
	rm -f core*
}
