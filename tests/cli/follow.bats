# A command is a tree of processes: each is observed, and what cannot be is recorded.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

# seen PROGRAM: a process of the trace executes it
seen() {
	report trace | jq -e --arg exe "/$1" '[.processes[] | select(.exe | endswith($exe))] | length >= 1' >/dev/null ||
		{ report trace | jq -c .processes; return 1; }
}
unseen() {
	report trace | jq -e --arg exe "/$1" '[.processes[] | select(.exe | endswith($exe))] | length == 0'
}
follows() { # COMMAND…: runs leave__exit (status 5) in some way
	capture ex run -o trace -- "$@"
	is 5 "$status"
	seen leave__exit
}

@test "shell script" {
	printf '#!/bin/sh\n%s\nexit $?\n' "$ZOO/leave__exit" >script
	chmod +x script
	follows ./script
}
@test "env LD_PRELOAD=…" {
	follows env LD_PRELOAD=libmimalloc.so.2.0 "$ZOO/leave__exit"
	report trace | jq -e '.allocators | map(.name) | index("mimalloc") != null'
}
@test "env -i" { follows env -i "$ZOO/leave__exit"; }
@test "env -u LD_PRELOAD" { follows env -u LD_PRELOAD "$ZOO/leave__exit"; }
@test "env -i in a shell" { follows bash -c "env -i $ZOO/leave__exit"; }
@test "a wrapper that sets LD_PRELOAD" {
	printf '#!/bin/sh\nLD_PRELOAD=libjemalloc.so.2 exec %s\n' "$ZOO/leave__exit" >script
	chmod +x script
	follows ./script
}
@test "python's subprocess with an empty environment" {
	follows python3 -c "import subprocess, sys; sys.exit(subprocess.run(['$ZOO/leave__exit'], env={}).returncode)"
}
@test "system()" { follows "$ZOO/system_child" "$ZOO/leave__exit"; }
@test "system() after clearenv()" { follows "$ZOO/system_child" -c "$ZOO/leave__exit"; }
@test "popen()" { follows "$ZOO/popen_child" "$ZOO/leave__exit"; }
@test "popen() after clearenv()" { follows "$ZOO/popen_child" -c "$ZOO/leave__exit"; }
@test "posix_spawn" { follows "$ZOO/spawn_child" "$ZOO/leave__exit"; }
@test "posix_spawn with an empty environment" { follows "$ZOO/spawn_child" -e "$ZOO/leave__exit"; }
@test "vfork and exec" { follows "$ZOO/vfork_exec" "$ZOO/leave__exit"; }
@test "six images of one process" {
	capture ex run -o trace -- "$ZOO/exec_chain"
	is 0 "$status"
	is 6 "$(report trace | jq '[.processes[] | select(.exe | endswith("/exec_chain"))] | length')"
	is 1 "$(report trace | jq '[.processes[].pid] | unique | length')"
	is "exec exec exec exec exec exit" \
		"$(report trace | jq -r '[.processes[].end | if type == "object" then .kind else . end] | join(" ")')"
}
@test "fork: the child has a part of its own" {
	capture ex run -o trace -- "$ZOO/fork_child"
	is 0 "$status"
	is 2 "$(report trace | jq '[.processes[].pid] | unique | length')"
}
@test "the report is about the process that ended badly" {
	capture ex run -o trace -- bash -c "$ZOO/order_exe >/dev/null; $ZOO/fork_crash_child; $ZOO/order_exe >/dev/null; exit 0"
	is 0 "$status"
	report trace >json
	jq -e '.end.kind == "signal" and .end.signal == "SIGSEGV"' json
	jq -e '.pid as $pid | .processes[] | select(.pid == $pid) | .exe | endswith("/fork_crash_child")' json
}
@test "the report is about what the command became, when nothing went wrong" {
	capture ex run -o trace -- sh -c "true; exec $ZOO/order_exe exit"
	is 3 "$status"
	report trace >json
	jq -e '.pid as $pid | [.processes[] | select(.pid == $pid)] | last | .exe | endswith("/order_exe")' json
	jq -e '.end.kind == "exit" and .end.status == 3' json
}
@test "--pid picks another" {
	capture ex run -o trace -- "$ZOO/fork_exit_child"
	child=$(report trace | jq '.pid as $pid | [.processes[].pid | select(. != $pid)] | first')
	report trace --pid "$child" | jq -e --argjson child "$child" '.pid == $child and .end.kind == "_exit" and .end.status == 8'
	run -2 "$EXEUNT_COMMAND" report trace --pid 1
}
@test "follow=no" {
	capture ex run -s follow=no -o trace -- sh -c "$ZOO/leave__exit; exit 7"
	is 7 "$status"
	unseen leave__exit
}
@test "a static child is recorded as not followed" {
	capture ex run -o trace -- sh -c "$ZOO/static_exe; exit 0"
	is "0 static" "$status $(cat out)"
	babeltrace2 trace | grep -E '(exec|child): .*"static"'
}
@test "a child that is setuid is recorded as not followed" {
	[ "$(id -u)" = 0 ] || skip "only root can make a setuid program"
	cp "$ZOO/leave__exit" privileged
	chown 1:1 privileged
	chmod 6755 privileged
	capture ex run -o trace -- sh -c "./privileged; exit 0"
	is 0 "$status"
	babeltrace2 trace | grep -E '(exec|child): .*"privileged"'
}
