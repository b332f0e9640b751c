# Under gVisor: growth is seen as it is outside, as many calls as runsc's own log of system calls has, and the program that
# page-by-page growth kills there lives with steps.
load ../lib/zoo
load ../lib/growth
RUNSC=(runsc --platform=ptrace --network=none --ignore-cgroups)
# without this what is written is lost with the sandbox
DO=(do -force-overlay=false)
setup() {
	zoo_setup
	need runsc
	need strace
	need babeltrace2
	timeout 60 "${RUNSC[@]}" "${DO[@]}" true </dev/null >probe 2>&1 || skip "runsc does not start here: $(tail -1 probe)"
}
teardown() { zoo_teardown; }

# inside COMMAND…: in a sandbox, with the log of system calls in folder log when LOGGED is set; output through a pipe, for a
# file would be written at the sandbox's own offset
inside() {
	local flags=()
	rm -rf logs
	if [ -n "${LOGGED:-}" ]; then
		mkdir logs
		flags=(--debug --strace "--debug-log=$WORK/logs/")
	fi
	LAST="${RUNSC[*]} ${flags[*]} ${DO[*]} $*"
	status=0
	timeout 300 "${RUNSC[@]}" "${flags[@]}" "${DO[@]}" "$@" </dev/null 2>&1 | cat >out || true
	status=${PIPESTATUS[0]}
}

# counted PROGRAM…: events between main's begin and its end, as runsc's log has them, and of the classes that they have outside
counted() {
	rm -rf inside outside log
	LOGGED=1 inside "$EXEUNT_COMMAND" run -o "$WORK/inside" -- "$@"
	is "0 OK" "$status $(cat out)"
	strace -f -i -y -e "trace=$TRACED,write" -o log "$EXEUNT_COMMAND" run -o outside -- "$@" >out
	is "OK" "$(cat out)"
	is "$("$PYTHON" "$ORACLE/strace.py" log)" "$("$PYTHON" "$ORACLE/events.py" calls outside)" "calls: strace (left), events outside (right)"
	is "$("$PYTHON" "$ORACLE/runsc.py" logs/*.boot.txt log)" "$("$PYTHON" "$ORACLE/events.py" --main calls inside)" "calls: runsc (left), events (right)"
	[ -s inside/metadata ]
	is "$(classes outside)" "$(classes inside)" "classes outside (left) and inside (right)"
	is 0 "$(report inside | jq .lost)" "events lost"
}
# names of the classes that there were; how a reservation lies is chance, and so is what has to be trimmed of it
classes() { "$PYTHON" "$ORACLE/events.py" --main classes "$1" | tr ' ' '\n' | sed -n 's/=.*//p' | grep -v heap-align-trim | sort | paste -sd' '; }

@test "four threads" { counted "$ZOO/grow_threads" 4 8; }
@test "four threads that give everything back" { counted "$ZOO/grow_threads" 4 8 free; }
@test "the main thread alone" { counted "$ZOO/grow_brk"; }
@test "large blocks" { counted "$ZOO/grow_mmap"; }
@test "heaps that shrink and are deleted" { counted "$ZOO/grow_trim"; }
@test "threads that end with full caches" { counted "$ZOO/grow_churn"; }
@test "all of it at once" { counted "$ZOO/grow_mix"; }
@test "six waits of known length" {
	inside "$EXEUNT_COMMAND" run -o "$WORK/trace" -- "$ZOO/grow_wait" 4
	is "0 OK" "$status $(cat out)"
	is 6 "$("$PYTHON" "$ORACLE/events.py" waits trace)"
}
@test "all functions are hooked" {
	inside "$EXEUNT_COMMAND" run -o "$WORK/trace" -- "$ZOO/grow_threads" 1 1
	is "11 placed" "$(babeltrace2 trace | sed -nE 's/.* detour: .* result = \( "([^"]*)" .*/\1/p' | sort | uniq -c | sed 's/^ *//')"
}
@test "page-by-page growth kills it here; with steps, or in one arena, it lives" {
	inside "$ZOO/grow_threads" 4 600
	is 139 "$status" "status without exeunt"
	inside "$EXEUNT_COMMAND" run -o "$WORK/plain" -- "$ZOO/grow_threads" 4 600
	is 139 "$status" "status under exeunt, without treatment"
	is signal "$(report plain | jq -r .end.kind)"
	report plain | jq -e '.growth.host_mappings_estimate > 50000' || { report plain | jq .growth.host_mappings_estimate; return 1; }
	for treatment in grow-step=2M arenas=1; do
		inside "$EXEUNT_COMMAND" run -s $treatment -o "$WORK/$treatment" -- "$ZOO/grow_threads" 4 600
		is "0 OK" "$status $(cat out)" "$treatment"
		report "$treatment" | jq -e '.growth.host_mappings_estimate < 5000'
	done
	jq_calls='.growth.by_syscall.mprotect'
	echo "mprotect: $(report plain | jq $jq_calls) until it died, $(report grow-step=2M | jq $jq_calls) with grow-step=2M"
	[ "$(report plain | jq $jq_calls)" -ge $((100 * $(report grow-step=2M | jq $jq_calls))) ]
}
