# Every step of the way out is in the trace: who asked for it, which threads were there, and where it went to the kernel.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

# told TRACE NAME…: lines "NAME FIELDS" of these events, in order of time, by a reader that is not ours
told() {
	local trace=$1
	shift
	need babeltrace2
	babeltrace2 "$trace" | grep -E " ($(IFS='|' && echo "$*")): " |
		sed -E 's/^.*\) ([a-z_]+): \{[^}]*\}, \{[^}]*\}, \{ (.*) \}$/\1 \2/; s/ \( ("[^"]*") : container = [0-9]+ \)/ \1/g; s/, (regs|stack)_bytes = .*$//; s/, caller = 0x[0-9A-F]+//'
}
way() { # TRACE: kinds and steps in one line
	told "$1" exit_begin leaving goodbye thread_exit crash |
		sed -E 's/^exit_begin kind = "([^"]*)", status = ([0-9]+).*/\1(\2)/; s/^leaving status = ([0-9]+), threads = ([0-9]+)/leaving(\1,\2)/; s/^goodbye threads = ([0-9]+)/goodbye(\1)/; s/^thread_exit.*is_main = ([01])/thread_exit(\1)/; s/^crash signo = ([0-9]+).*/signal(\1)/' | tr '\n' ' ' | sed 's/ $//'
}
goes() { # WAY STATUS COMMAND…
	local want=$1 code=$2
	shift 2
	rm -rf trace
	capture ex run -o trace -- "$@"
	is "$code" "$status" "status of $*"
	is "$want" "$(way trace)" "the way out of $*"
}

@test "each way out, step by step, told once" {
	goes "main-return(0) goodbye(1) leaving(0,1)" 0 "$ZOO/order_exe"
	goes "exit(3) goodbye(1) leaving(3,1)" 3 "$ZOO/order_exe" exit
	goes "_exit(5)" 5 "$ZOO/leave__exit"
	goes "quick_exit(6) leaving(6,1)" 6 "$ZOO/leave_quick_exit"
	goes "abort(134) signal(6)" 134 "$ZOO/leave_abort"
	goes "abort(134) signal(6)" 134 "$ZOO/assert_fail"
}
@test "libc's own calls of exit and abort" {
	goes "exit(7) goodbye(1) leaving(7,1)" 7 "$ZOO/exit_unseen"
	goes "abort(134) signal(6)" 134 "$ZOO/libc_aborts"
	is '{"kind":"abort","status":null,"signal":"SIGABRT","sandbox":null}' "$(report trace | jq -c '.end')"
}
@test "main leaves by pthread_exit: the last thread ends the process" {
	goes "thread_exit(1) exit(0) goodbye(1) leaving(0,1)" 0 "$ZOO/leaves_threads"
	is "works_on last_registered first_registered" "$(marks <out | xargs)"
	is "last_registered first_registered" "$(rows trace | grep registered | xargs)"
}
@test "pthread_exit unwinds C++ frames as ever" {
	goes "thread_exit(0) main-return(5) goodbye(1) leaving(5,1)" 5 "$ZOO/unwinds"
	is "inner caught outer" "$(marks <out | xargs)"
}
@test "a handler that calls exit never ends, the exit that it calls is told" {
	goes "main-return(2) exit(9) goodbye(1) leaving(9,1)" 9 "$ZOO/exit_in_handler"
}
@test "threads that are alive when exit begins: where they sleep" {
	local how
	for how in "" exit; do
		goes "${how:-main-return}(4) goodbye(4) leaving(4,4)" 4 "$ZOO/exits_with_threads" $how
		is "for_byte 0
for_lock 202
for_time 230" "$(told trace live_thread | sed -E 's/.*syscall = ([0-9]+).*name = "([^"]*)".*/\2 \1/')" "threads and the calls that they sleep in"
		is 3 "$(babeltrace2 trace | grep -c ' live_thread: .* stack_bytes = 2048,')" "whole pieces of stack"
	done
}
@test "growth=no: exit is seen all the same" {
	capture ex run -s growth=no -o trace -- "$ZOO/exit_unseen"
	is 7 "$status"
	is "exit(7) goodbye(1) leaving(7,1)" "$(way trace)"
}
@test "calls of the malloc family after exit began, with the handler that made them" {
	capture ex run -s log=counters -o trace -- "$ZOO/late_calls"
	is 0 "$status"
	is '"allocate" 1001
"resize" 2002
"free" 0' "$(told trace late_call | sed -E 's/^late_call kind = ([^,]*), .*bytes = ([0-9]+)$/\1 \2/')" "calls that came late"
	is 1 "$(told trace late_call | sed -E 's/.*(block = [^,]*),.*/\1/' | sort -u | wc -l)" "blocks in them"
	is "$(report trace | jq '.teardown[] | select(.symbol == "uses_heap").n')" \
		"$(babeltrace2 trace | sed -nE 's/.* handler_begin: .* id = '"$(told trace late_call | sed -nE '1s/.* id = ([0-9]+),.*/\1/p')"', row = ([0-9]+),.*/\1/p')" "row of the handler"
}
@test "memory that a handler took: whose data still points into it" {
	capture ex run -s probe=on -o trace -- env OWNALLOC_DESTROY=1 LD_PRELOAD="$ZOO/libown_allocator.so" "$ZOO/many_handlers"
	is 0 "$status"
	local n
	n=$(babeltrace2 trace | sed -nE 's/.* module: .*\{ n = ([0-9]+),.*path = "[^"]*\/libown_allocator.so".*/\1/p')
	is "module = $n, count = 1" "$(told trace points | grep -o 'module = .*count = [0-9]*')" "modules that point into it"
}
# the address of a symbol in a file, as module+0xoffset
place() { # FILE SYMBOL
	echo "${1##*/}+0x$(nm "$1" | sed -n "s/^0*\([0-9a-f]*\) [tT] $2\$/\1/p")"
}
entries() {
	told "$1" entered | sed -E 's/^entered fn = [^,]*, n = ([0-9]+), id = ([0-9]+)$/\1 \2/'
}
@test "enter=: each entry of a local function, all registers kept" {
	capture "$ZOO/enters"
	is 0 "$status" "without exeunt"
	capture ex run -s "enter=$(place "$ZOO/enters" leaf)" -o trace -- "$ZOO/enters"
	is "0 " "$status $(cat err)"
	is 3 "$(marks <out | wc -l)"
	is "1 0
2 0
3 2" "$(entries trace)" "number of each entry, and the handler that it came from"
}
@test "enter=: a function of a library, stripped; what is no function is refused" {
	local at
	at=$(place "$ZOO/liborder_dso.so" dso_atexit_from_constructor)
	capture ex run -s "enter=$at" -o trace -- "$ZOO/stripped/order_exe"
	is 0 "$status"
	is 1 "$(entries trace | wc -l)"
	capture ex run -s "enter=liborder_dso.so+0x10" -o trace2 -- "$ZOO/order_exe"
	is 0 "$status"
	is 'refused why = "hook not available", option = "enter=liborder_dso.so+0x10"' "$(told trace2 refused)"
}
@test "a crash behind a handler that has jumped out is not in that handler" {
	capture ex run -o trace -- "$ZOO/jumps_out"
	is 139 "$status"
	is "jumps main_again" "$(marks <out | xargs)"
	is "crash id 0" "crash $(babeltrace2 trace | sed -nE 's/.* crash: .*, (id) = ([0-9]+), .*/\1 \2/p')"
}
