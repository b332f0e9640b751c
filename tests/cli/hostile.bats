# What programs do that a library inside them could break: each of these once died, hung or went unseen.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

alike() { # CASE: with and without the library, and a trace that any reader opens
	local want want_status=0
	want=$("$ZOO/hostile" "$1" 2>&1) || want_status=$?
	is 0 "$want_status" "status without the library"
	capture ex run -o trace -- "$ZOO/hostile" "$1"
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
