# The teardown timeline is the order in which the parts of a program say that they ran; exit-timeline.t does the same for
# every way of leaving, under each allocator, stripped or not.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

# order DIR MARKS: the rows whose symbol makes marks are the marks, in the same order
order() {
	rows "$1" | grep -xFf "$2" >rows || true
	is "$(cat "$2")" "$(cat rows)" "marks of the program (left) and rows of the report (right)"
}
timeline() { # PROGRAM ARGS…
	capture ex run -o trace -- "$@"
	is "" "$(cat err)" "standard error"
	marks <out >marks
	[ -s marks ]
	order trace marks
}

@test "exe and library, left by exit()" {
	timeline "$ZOO/order_exe" exit
	is 3 "$status"
}
@test "exe and library, left by quick_exit()" {
	timeline "$ZOO/order_exe" quick
	is 0 "$status"
}
@test "handlers that register handlers" { timeline "$ZOO/nested_atexit"; }
@test "err(), which calls exit where no hook sees it" {
	capture ex run -o trace -- "$ZOO/exit_unseen"
	is 7 "$status"
	is "exit_unseen: left" "$(cat err)" "standard error"
	marks <out >marks
	is 3 "$(wc -l <marks)"
	order trace marks
	is '{"kind":"exit","status":7,"signal":null,"sandbox":null}' "$(report trace | jq -c .end)"
}
@test "a handler that calls exit again" {
	timeline "$ZOO/exit_in_handler"
	is 9 "$status"
}
@test "a library that stays open until exit" { timeline "$ZOO/dlopen_close" keep; }
@test "70 handlers: 70 rows" {
	capture ex run -o trace -- "$ZOO/many_handlers"
	is 0 "$status"
	is 70 "$(rows trace | grep -cx counted)"
}
@test "handlers of a library closed before exit are no rows" {
	capture ex run -o trace -- "$ZOO/dlopen_close"
	is 0 "$status"
	is 0 "$(rows trace | grep -c '^plugin_')"
	is 1 "$(rows trace | grep -cx exe_atexit)"
}
@test "who registered a handler" {
	capture ex run -o trace -- "$ZOO/order_exe"
	is "exe_constructor order_exe" "$(report trace | jq -r '.teardown[] | select(.symbol == "exe_atexit_from_constructor")
		| .registered_by.symbol + " " + .registered_by.module')"
	is "dso_constructor liborder_dso.so" "$(report trace | jq -r '.teardown[] | select(.symbol == "dso_atexit_from_constructor")
		| .registered_by.symbol + " " + .registered_by.module')"
	is "main order_exe" "$(report trace | jq -r '.teardown[] | select(.symbol == "exe_on_exit")
		| .registered_by.symbol + " " + .registered_by.module')"
}
@test "which memory a handler took away" {
	capture ex run -o trace -- env OWNALLOC_DESTROY=1 LD_PRELOAD="$ZOO/libown_allocator.so" "$ZOO/nested_atexit"
	report trace | jq -e '[.teardown[] | select(.symbol == "last_step") | .took[] | select(.how == "munmap")] | length == 1'
}

ending() { # KIND NUMBER PROGRAM…: .end.kind, and its status or signal
	local kind=$1 number=$2
	shift 2
	rm -rf trace
	capture ex run -o trace -- "$@"
	is "$kind $number" "$(report trace | jq -r '.end | "\(.kind) \(if .signal then .signal else .status end)"')" "end of $*"
}
@test "how a process ended" {
	ending exit 0 "$ZOO/order_exe"
	ending exit 3 "$ZOO/order_exe" exit
	ending _exit 5 "$ZOO/leave__exit"
	ending quick_exit 6 "$ZOO/leave_quick_exit"
	ending abort SIGABRT "$ZOO/leave_abort"
	ending abort SIGABRT "$ZOO/assert_fail"
	ending signal SIGTERM "$ZOO/leave_signal_term"
	ending signal SIGKILL "$ZOO/leave_signal_kill"
	ending signal SIGSEGV "$ZOO/leave_raise_segv"
	ending signal SIGSEGV "$ZOO/null_deref"
}
@test "a death in a handler: signal, address, handler" {
	capture ex run -o trace -- "$ZOO/null_in_handler"
	is 139 "$status"
	report trace >json
	jq -e '.crash.signal == "SIGSEGV"' json
	jq -e '.crash.stack | map(.symbol? // .) | tostring | test("own_handler")' json
}
@test "signal handlers of the program's own go on working" {
	capture ex run -o trace -- "$ZOO/sig_handler_longjmp"
	is "0 caught 1000" "$status $(cat out)"
	capture ex run -o trace2 -- "$ZOO/sigaltstack_own"
	is "0 mark: on_usr1 mark: on_segv" "$status $(tr '\n' ' ' <out | sed 's/ $//')"
	capture ex run -o trace3 -- "$ZOO/sig_handler_chain"
	is "139 mark: own_segv" "$status $(cat out)"
	report trace3 | jq -e '.crash.signal == "SIGSEGV"'
}
