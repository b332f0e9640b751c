# Programs that live with their faults: the same output, status and number of faults with and without exeunt, and no fault that
# was recovered from is taken for the end's. With the JVM and Go: tests/real/handlers.bats.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

# same COMMAND…: alone, by bare preload, and by run; nothing more on standard error
same() {
	local want
	capture timeout 120 "$@"
	want=$status
	mv out out.want
	mv err err.want
	EXEUNT="out=$WORK/bare" LD_PRELOAD=$LIBRARY capture timeout 120 "$@"
	is "$want" "$status" "status, bare preload"
	is "$(cat out.want err.want)" "$(cat out err)" "alone (left), bare preload (right)"
	rm -rf trace bare
	PREFIX_CMD="timeout 120" capture ex run "${SETTINGS[@]}" -o trace -- "$@"
	is "$want" "$status" "status, exeunt run"
	is "$(cat out.want err.want)" "$(cat out err)" "alone (left), under exeunt (right)"
}
SETTINGS=()
# recovers WAY COUNT [THREADS]: as many faults, and the report knows of no crash
recovers() {
	same "$ZOO/handles" "$@"
	[ "$(cat out)" = "$1: ${FAULTS:-$2} faults, 0 wrong" ]
	report trace >json
	is "exit 0 null" "$(jq -r '"\(.end.kind) \(.end.status) \(.crash)"' json)"
}

@test "leaves the handler by siglongjmp 100000 times" { recovers jumps 100000; }
@test "the same with SA_NODEFER" { recovers jumps-nodefer 100000; }
@test "a million safepoints, each opened by the handler, in two threads" {
	SETTINGS=(-s growth=no) # 2 million mprotect are not what this is about
	recovers polls 1000000 2
}
@test "a thousand times the world stops: four threads wait in the handler, half of them on signal stacks of their own" { recovers world 4000 4; }
@test "a handler that was set before any constructor ran" { recovers early 1000; }
@test "a handler that was set by a raw system call" { recovers raw 1000; }
@test "instructions that are stepped over: SIGILL, SIGTRAP, SIGFPE" { FAULTS=3000 recovers emulates 1000; }
@test "faults in the handler of a fault, three deep" { FAULTS=3000 recovers nests 1000; }
@test "signals that are waited for, and never delivered" { recovers waits 1000; }
@test "what is set is what is read back" { FAULTS=0 recovers reads-back 1000; }
@test "a handler that throws" {
	same "$ZOO/handles_throws" 10000
	is "10000 caught" "$(cat out)"
}
@test "ends of its own: blocked, the default put back, sent again, _exit" {
	for way in blocked default-again sends-again exits; do
		same "$ZOO/handles" $way
		is "$([ $way = exits ] && echo 3 || echo 139)" "$status" "$way"
	done
}

# ends WAY STATUS WANT: the first finding's verdict, and how often the end was told to be in a handler
ends() {
	need babeltrace2
	same "$ZOO/handles_ends" "$1"
	is "$2" "$status"
	report trace >json
	is "$3" "$(jq -r '.suspects[0].verdict // "none"' json) $(babeltrace2 trace | grep -c ') in_handler: ')"
}
@test "aborts in the handler of its hundred and first fault: that one is the cause" { ends aborts 134 "wild-address 1"; }
@test "leaves by _exit in it" { ends exits 3 "wild-address 1"; }
@test "sends the signal again in it" { ends sends 139 "wild-address 1"; }
@test "aborts after it recovered from a hundred faults: none of them is the cause" {
	ends recovered 134 "none 0"
	"$EXEUNT_COMMAND" report trace >text
	grep -q 'before that, the program recovered from SEGV_MAPERR at 0x' text
}
@test "the same, when other functions have used that stack since" { ends recovered-deep 134 "none 0"; }

@test "the address sanitizer's reports are its own, but for our frame" {
	need clang-14
	local way
	for way in past null divide; do
		capture "$ZOO/handles_asan" $way
		is 1 "$status"
		reports err >want
		rm -rf trace
		capture ex run -o trace -- "$ZOO/handles_asan" $way
		is 1 "$status"
		sed -i '/^exeunt: note: /d; / run_main /d' err
		is "$(cat want)" "$(reports err)" "$way: alone (left), under exeunt (right)"
	done
}
# without addresses, numbers of processes and of frames
reports() { sed -E 's/0x[0-9a-f]+|==[0-9]+==|\(BuildId[^)]*\)//g; s/^( *)#[0-9]+/\1#/; s/=>/  /; /^ *(0x)?: /d' "$1"; }
