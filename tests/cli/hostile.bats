# What programs do that a library inside them could break: each of these once died, hung or went unseen.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

alike() { # CASE [PROGRAM]: with and without the library, and a trace that any reader opens
	local program=$ZOO/${2:-hostile} want want_status=0
	want=$("$program" "$1" 2>&1) || want_status=$?
	is 0 "$want_status" "status without the library"
	capture ex run -o trace -- "$program" "$1"
	is 0 "$status" "status"
	is "$want" "$(cat out)" "standard output"
	is "" "$(cat err)" "standard error"
	babeltrace2 trace >bt
}

@test "atexit on a coroutine's stack that ends with the page" { alike coroutine; }
@test "programs started on a small stack, with 3000 variables" { alike small_stack; }
@test "exec with pointers to nowhere: EFAULT" { alike bad_pointers; }
@test "children that share memory (CLONE_VM), while a thread writes events" { alike shared_memory; }
@test "a seccomp filter that kills" { alike sandbox; }
@test "a plugin's at_quick_exit handler, gone with the plugin" { alike quick_plugin; }
@test "fork children while a thread holds the loader's lock" { alike loader_lock; }
@test "overlapping system() calls in a program that removed the library" { alike system_threads; }
@test "sigset, sigignore, and what sigaction says of them" { alike old_actions; }
@test "handlers that jump out of the library: later events are still told" {
	alike longjmp_out
	grep -q 'handler_begin:.*"atexit"' bt
	report trace | jq -e '.lost == 0'
}
@test "signals that a program handles, in the middle of events" { alike handled_signals crowded; }
@test "a child that sets a filter first: the parent's trace stays whole" {
	alike sealed_child crowded
	is 533 "$(grep -c 'register:.*"key-dtor"' bt)" "keys"
	is 2 "$(grep -c ' image:' bt)" "images"
}
@test "a vfork child that sets a filter: its parent is under none" {
	alike sealed_vfork_child crowded
	is 533 "$(grep -c 'register:.*"key-dtor"' bt)" "keys"
}
@test "eight threads that register at once: none is left out" {
	alike destructors crowded
	is 16000 "$(grep -c 'register:.*"tls-dtor"' bt)" "destructors"
}
@test "programs started from under a filter that kills: they are left alone" {
	alike unused seal_exec
	grep -q ' exec: .*follow = ( "off"' bt
	is 1 "$(grep -c ' image:' bt)" "images"
}
