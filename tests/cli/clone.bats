# Treatment clone-at and exeunt rerun: stopped copies of a process, of which the process notices nothing, and which come to the
# same end as often as they are asked to.
load ../lib/zoo
setup() { zoo_setup; }
teardown() {
	[ ! -d trace ] || "$EXEUNT_COMMAND" rerun --end trace 2>/dev/null || true
	zoo_teardown
}

# copied POINT [-s KEY=VALUE…] COMMAND…: a run with copies, its trace in trace
copied() {
	local point=$1
	shift
	rm -rf trace
	capture ex run -o trace -s "clone-at=$point" "$@"
}
# numbers, or processes, of the copies that wait
waiting() { ex rerun --list --json trace | jq -r ".clones[] | select(.waits) | .$1"; }
gone() { # PID…: neither of them is there, but as what init has not yet taken away
	local pid
	for pid in "$@"; do
		case $(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null || true) in '' | [ZX]*) ;; *) echo "process $pid is there"; return 1 ;; esac
	done
}

@test "a collector that corrupts its heap once in sixty saves: from before the fatal pass it fails 40 times of 40" {
	copied call:fullGC -- "$ZOO/collector"
	is 139 "$status"
	saves=$(wc -l <out)
	# the last copies, one an entry of fullGC; the last of all is of the save that was never finished
	is "$((saves + 1))" "$(waiting n | tail -n 1)"
	ex rerun --json -n 40 trace >json 2>output
	is 40 "$(jq '.runs | length' json)"
	is '[[40,"SIGSEGV","slide"]]' "$(jq -c '[.runs[] | [.signal, .place.symbol]] | group_by(.) | map([length] + .[0])' json)"
	is 1 "$(jq '[.runs[].place.offset] | unique | length' json)" "places of death"
	is "" "$(cat output)" "what the program said: not one save more"
	# where the process itself died
	is "$(report trace | jq -c '.crash.stack[0] | [.symbol, .offset]')" "$(jq -c '.runs[0].place | [.symbol, .offset]' json)"
	ex rerun -n 40 trace >text
	grep -qE '^40 of 40: signal 11 SIGSEGV at slide\+0x[0-9a-f]+ \(collector\+0x[0-9a-f]+\)' text
}
@test "a copy from before a pass that was healthy goes on with it" {
	copied call:fullGC -s clones=2 -- "$ZOO/collector"
	is 2 "$(waiting n | wc -l)"
	saves=$(wc -l <out)
	ex rerun "trace:$(waiting number | head -n 1)" >again
	is "saved $saves" "$(head -n 1 again)"
}
@test "the program sees no difference" {
	"$ZOO/watchful" >plain
	for point in growth growth:3 map-exec unmap-exec unmap-exec:2 call:step call:step:4 main-end exit; do
		copied "$point" -- "$ZOO/watchful"
		is 0 "$status" "$point: $(cat err)"
		is "$(cat plain)" "$(cat out)" "$point"
	done
	if grep NOT plain; then return 1; fi
}
@test "each point: how many copies, of which time" {
	for words in "growth 3" "growth:3 1" "map-exec 3" "unmap-exec 3" "unmap-exec:2 1" "call:step 3" "call:step:4 1" "main-end 1"; do
		copied "${words% *}" -- "$ZOO/watchful" status
		is "3 ${words#* }" "$status $(waiting n | wc -l)" "$words"
		ex rerun --end trace
	done
	copied call:step -- "$ZOO/watchful" status
	is "9 10 11" "$(waiting n | xargs)"
	ex rerun --end trace
	copied unmap-exec:2 -- "$ZOO/watchful" status
	is 2 "$(waiting n)"
}
@test "every second, of a thread that calls nothing; no system call of another is interrupted" {
	for thread in main thread; do
		copied every:1 -s clones=1 -- "$ZOO/busy" $thread 13
		is "134 " "$status $(cat out)"
		is 1 "$(waiting n | wc -l)"
		ex rerun --json trace >json 2>/dev/null
		is '["SIGABRT","compute"]' "$(jq -c '[.runs[] | [.signal, .place.symbol]] | unique[]' json)"
		is 0 "$(ex rerun --list --json trace | jq "[.clones[] | select(.waits) | .missing_threads - ($([ $thread = thread ] && echo 1 || echo 0))] | add")"
		ex rerun --end trace
	done
}
@test "before a handler, and at any way out" {
	copied before:own_handler -- "$ZOO/null_in_handler"
	is "139 1" "$status $(waiting n | wc -l)"
	ex rerun --json -n 3 trace >json 2>/dev/null
	is "[3,\"SIGSEGV\"]" "$(jq -c '[(.runs | length), ([.runs[].signal] | unique[])]' json)"
	ex rerun --end trace
	copied exit -- "$ZOO/leave_abort"
	is 1 "$(waiting number | wc -l)"
	ex rerun --json trace >json 2>/dev/null
	is SIGABRT "$(jq -r '.runs[0].signal' json)"
	copied exit -- "$ZOO/watchful" status
	ex rerun --json -n 3 "trace:$(waiting number | tail -n 1)" >json 2>/dev/null
	is "[3,3,3]" "$(jq -c '[.runs[].status]' json)"
}
@test "the last so many are kept" {
	for count in 1 5; do
		copied call:step -s clones=$count -- "$ZOO/watchful" status
		is "$count" "$(waiting n | wc -l)"
		is 11 "$(waiting n | tail -n 1)"
		ex rerun --end trace
	done
}
@test "after a good end nothing is left" {
	copied call:step -v -- "$ZOO/watchful"
	is 0 "$status"
	is "" "$(waiting n)"
	grep -q 'copies of processes that ended well: ended' err
	# shellcheck disable=SC2046
	gone $(ex rerun --list --json trace | jq '.clones[].pid')
	copied call:step -- "$ZOO/watchful"
	is "" "$(cat err)"
	run -125 ex rerun trace
	[[ $output == *"no copy waits in trace"* ]]
}
@test "kill -9 leaves them, and a bare preload too; --end ends them" {
	copied call:step -- "$ZOO/watchful" kill
	is "137 3" "$status $(waiting n | wc -l)"
	pids=$(waiting pid)
	ex rerun --end "trace:$(waiting number | head -n 1)"
	is 2 "$(waiting n | wc -l)"
	ex rerun --end "$(waiting pid | head -n 1)"
	is 1 "$(waiting n | wc -l)"
	ex rerun --end trace
	is 0 "$(waiting n | wc -l)"
	# shellcheck disable=SC2086
	gone $pids
	rm -rf trace
	(eval "$(ex env -o trace -s clone-at=growth)" && exec "$ZOO/watchful" status) >out || true
	is 3 "$(waiting n | wc -l)"
	ex rerun --end trace
	rm -rf trace
	(eval "$(ex env -o trace -s clone-at=growth)" && exec "$ZOO/watchful") >out
	pids=$(ex rerun --list --json trace | jq '.clones[].pid')
	[ -n "$pids" ]
	tail -s 0.01 --pid="$(echo "$pids" | tail -n 1)" -f /dev/null # told by the process itself
	# shellcheck disable=SC2086
	gone $pids
}
@test "their time is limited" {
	copied call:step -s clone-life=1 -- "$ZOO/watchful" status
	for pid in $(ex rerun --list --json trace | jq '.clones[].pid'); do tail -s 0.05 --pid="$pid" -f /dev/null; done
	is "" "$(waiting n)"
	run -125 ex rerun trace
	[[ $output == *"no copy waits in trace"* ]]
}
@test "the terminal hangs up though copies wait" {
	/usr/bin/python3 - "$EXEUNT_COMMAND" run -o trace -s clone-at=call:step -- "$ZOO/watchful" status >out <<'END'
import os, pty, sys
pid, fd = pty.fork()
if not pid:
    os.execvp(sys.argv[1], sys.argv[1:])
try:
    while os.read(fd, 4096):
        pass
except OSError as error:  # EIO: nobody has the other side open
    print("hung up", error.errno)
END
	is "hung up 5" "$(cat out)"
	is 3 "$(waiting n | wc -l)"
	for pid in $(waiting pid); do
		if find "/proc/$pid/fd" -lname '/dev/pts/*' -o -lname 'pipe:*' -o -lname 'socket:*' | grep .; then return 1; fi
		is 0 "$(sed 's/.*) //' "/proc/$pid/stat" | cut -d' ' -f5)" "controlling terminal of $pid"
	done
}
@test "gdb -p shows where it stands" {
	need gdb
	copied call:fullGC -- "$ZOO/collector"
	gdb -p "$(waiting pid | tail -n 1)" -batch -ex bt >backtrace 2>&1
	grep -qE '^#[0-9]+ .*in main \(' backtrace || { cat backtrace; return 1; }
	grep -q 'collector.c' backtrace
	# and it can be asked afterwards
	ex rerun --json trace 2>/dev/null | jq -e '.runs[0].signal == "SIGSEGV"'
}
@test "re-runs: their own trace, a limit of time, the program's output" {
	copied call:fullGC -- "$ZOO/collector"
	ex rerun -o again -n 2 trace
	is "SIGSEGV slide" "$(report again | jq -r '.crash | "\(.signal) \(.stack[0].symbol)"')"
	is 2 "$(report again | jq '.processes | length')"
	# the report of the run itself is not about them
	before=$(report trace | jq .pid)
	ex rerun -n 3 trace
	is "$before" "$(report trace | jq .pid)"
	ex rerun --end trace
	rm -rf trace
	copied growth:3 -- "$ZOO/watchful" status # it waits for a thread that the copy does not have
	ex rerun --json -t 0.5 trace >json 2>/dev/null
	is '["timeout",null,"SIGKILL"]' "$(jq -c '.runs[0] | [.end, .status, .signal]' json)"
	is 1 "$(waiting n | wc -l)" "the copy is there yet"
}
@test "Ctrl-C ends the re-run, not the copy" {
	copied growth:3 -- "$ZOO/watchful" status
	mkfifo ready
	"$EXEUNT_COMMAND" rerun trace >ready 2>err &
	exec 4<ready
	read -r line <&4 # it has begun
	is "errno stays" "$line"
	kill -TERM $! # as Ctrl-C, which bash has what it starts with & ignore
	code=0
	wait $! || code=$?
	exec 4<&-
	is 143 "$code" "$(cat err)"
	is 1 "$(waiting n | wc -l)"
}
@test "what is missing in a copy is told" {
	copied call:step:5 -- "$ZOO/watchful" status
	is 1 "$(ex rerun --list --json trace | jq '.clones[0].missing_threads')"
	is true "$(ex rerun --list --json trace | jq '.clones[0].replaced_descriptors >= 4')"
	grep -qE '^exeunt: copy 1 of process [0-9]+ waits at entry 5 of step: gdb -p [0-9]+, or: exeunt rerun trace:1$' err
	grep -qE '^exeunt:   missing in it: 1 thread, [0-9]+ descriptors$' err
	need babeltrace2
	is 1 "$(babeltrace2 trace | grep -c ' clone: .*point = ( "call" .* n = 5, .*missing = 1,')"
}
@test "refused: points that cannot be honoured, copies that are not there" {
	run -125 ex run -s clone-at=call:no_such_function -- "$ZOO/collector"
	[[ $output == *"no function no_such_function in $ZOO/collector"* ]]
	for value in frob growth:0 growth:x map-exec: call: "call:#3" every:0 before:; do
		run -2 ex run -s "clone-at=$value" -- "$ZOO/collector" 3
		[[ $output == *"-s clone-at: value"* ]]
	done
	run -2 ex env -s clone-at=call:fullGC
	[[ $output == *"here the function needs its place"* ]]
	run -2 ex run -s clone-at=signal:10 -- true
	[[ $output == *"this version does not honour that point"* ]]
	run -2 ex run -s clones=0 -- true
	run -2 ex run -s clones=33 -- true
	run -2 ex run -s clone-life=0 -- true
	run -2 ex rerun
	run -125 ex rerun nosuchtrace
	run -125 ex rerun 1
	[[ $output == *"process 1 is no copy that waits"* ]]
	copied call:step -- "$ZOO/watchful" status
	run -125 ex rerun trace:99
	[[ $output == *"no copy 99 in trace; it has:"* ]]
	run -125 ex rerun trace:1
	[[ $output == *"trace:1 is no copy that waits (it was ended"* ]]
	run -2 ex rerun -n 0 trace
	run -2 ex rerun -t never trace
}
@test "none was made: told, with the reason" {
	copied growth:100000 -- "$ZOO/watchful" status
	is "exeunt: no copy was made: the point growth:100000 did not come" "$(cat err)"
	copied growth:100000 -- "$ZOO/watchful"
	is "" "$(cat err)"
	# one who takes in orphans would meet them
	capture ex run -o adopts -s clone-at=growth -- /usr/bin/python3 -c '
import ctypes, os
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
blocks = [bytearray(1 << 20) for _ in range(64)]
try:
    os.waitpid(-1, 0)
except ChildProcessError:
    os._exit(9)'
	is 9 "$status"
	ex rerun --end adopts
	need babeltrace2
	is 1 "$(babeltrace2 adopts | grep -c ' refused: .*clone-at=growth')"
}
@test "by the function's place" {
	place=$(nm "$ZOO/collector" | awk '$3 == "fullGC" { print $1 }')
	copied "call:collector+0x$place:1" -- "$ZOO/collector" 1 # the first save is never the fatal one
	is "0 1" "$status $(ex rerun --list --json trace | jq '.clones | length')"
}
