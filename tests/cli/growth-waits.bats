# Every wait for the lock of an arena is one event, those for libc's other private locks too: as many as a kernel uprobe
# counts.
load ../lib/zoo
load ../lib/growth
setup() {
	zoo_setup
	need babeltrace2
}
teardown() { zoo_teardown; }

@test "six waits, of known length, for known locks" {
	capture ex run -o trace -- "$ZOO/grow_wait" 4
	is "0 OK" "$status $(cat out)"
	# the program lets nobody go for 20 ms
	babeltrace2 trace | sed -nE 's/.* wait: .* kind = \( "(\w+)" .* lock = (\w+), arena = (\w+), .* duration = ([0-9]+) .*/\1 \2 \3 \4/p' >waits
	is "$(printf '5 arena\n1 libc')" "$(cut -d' ' -f1 waits | sort | uniq -c | sed 's/^ *//')"
	is "" "$(awk '$4 < 20000000' waits)"
	# all arena waits are for the main arena, whose lock is its first word
	main=$(babeltrace2 trace | sed -nE 's/.* main_arena: .* arena = (\w+).*/\1/p')
	is "$main $main" "$(awk '$1 == "arena" { print $2, $3 }' waits | sort -u)"
	is "0x0" "$(awk '$1 == "libc" { print $3 }' waits)"
	is '{"waits":5,"arenas":1}' "$(report trace | jq -c '{waits: ([.growth.arenas[].waits] | add), arenas: [.growth.arenas[] | select(.waits > 0)] | length}')"
	report trace | jq -e '.growth.arenas[] | select(.waits > 0) | .arena == "main" and .wait_ns.p50 >= 20000000 and .wait_ns.max >= .wait_ns.p99 and .wait_ns.p99 >= .wait_ns.p50'
}

# probed PROGRAM…: events and uprobe agree
probed() {
	status=0
	LAST="$PYTHON $ORACLE/uprobe.py count $EXEUNT_COMMAND run -o trace -- $*"
	rm -rf trace
	"$PYTHON" "$ORACLE/uprobe.py" count "$EXEUNT_COMMAND" run -o trace -- "$@" >out 2>err || status=$?
	[ "$status" != 77 ] || skip "$(cat err)"
	is 0 "$status" "status of $*"
	is "$(cat count)" "$("$PYTHON" "$ORACLE/events.py" waits trace)" "waits: uprobe (left), events (right)"
	is 0 "$(report trace | jq .lost)" "events lost"
}
@test "as many as a uprobe counts: known number" {
	probed "$ZOO/grow_wait" 20
	is 22 "$(cat count)"
}
@test "as many as a uprobe counts: eight threads in one arena" { probed "$ZOO/grow_contend" 8 5000; }
@test "as many as a uprobe counts: threads that end" { probed "$ZOO/grow_churn" 8 20; }
@test "as many as a uprobe counts: all of it at once" { probed "$ZOO/grow_mix"; }
@test "as many as a uprobe counts: arenas that cannot grow" { probed "$ZOO/grow_retry"; }
@test "as many as a uprobe counts: children" { probed "$ZOO/grow_forks" 5; }
@test "as many as a uprobe counts: sort" {
	seq 100000 >numbers
	probed sort -R --random-source=/bin/true --parallel=4 -S 4M numbers -o sorted
}
