# What treatment guard does when there are more blocks than it may guard, and how sample: chooses.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

# SETTINGS ARGUMENT…: runs the program under them, and reads the report
guarded() {
	local settings=$1 s
	local -a set=()
	shift
	for s in $settings; do set+=(-s "$s"); done
	rm -rf t
	capture ex run "${set[@]}" -o t -- "$ZOO/heap_many" "$@" </dev/null
	[ "$status" = 0 ] && [ "$(cat out)" = "done 0" ] || { echo "status $status: $LAST"; cat out err; return 1; }
	ex report --json t >json
}
of() { jq -r "$1" json; }
has() { [ "$(of "$1")" = "$2" ] || { echo "$1: $(of "$1"), not $2; $LAST"; return 1; }; }
# three eighths of what the kernel allows, and twice as many do not fit in that
most() { cat /proc/sys/vm/max_map_count; }

@test "all blocks, fewer than there is room for" {
	for side in ends starts; do
		guarded "guard=$side" 1000 1000
		has .blocks.is_complete true
		has '.blocks.found | length' 0
	done
}
@test "more blocks at a time than mappings: they live, and it is told" {
	[ "$(most)" -le 131072 ] || skip "vm.max_map_count is $(most): the budget of memory is met before that of mappings"
	guarded guard=ends $(($(most) / 2)) 10
	has .blocks.is_complete false
	capture ex report t
	grep -q "not all could be guarded: no more blocks" out
}
@test "a limited address space is left to the program" {
	ulimit -v 4000000
	guarded guard=ends 100 100
	has .blocks.is_complete true
}
@test "sample: goes on when its room is used up, with what is free for longest" {
	guarded "guard=sample:1" 10 150000
	has .blocks.is_complete true
	has '.blocks.found | length' 0
}
@test "sample: is not in step with the program, and seed= repeats it" {
	local first
	guarded "guard=sample:10 seed=7" 0 4000 10
	first=$(of '.blocks.found | length')
	# one in a hundred is expected: 40, and a distance that is always 10 would find none or all 400
	[ "$first" -gt 10 ] && [ "$first" -lt 100 ] || { echo "$first found; $LAST"; return 1; }
	guarded "guard=sample:10 seed=7" 0 4000 10
	has '.blocks.found | length' "$first"
	guarded "guard=sample:10 seed=8" 0 4000 10
	[ "$(of '.blocks.found | length')" -gt 10 ]
}
