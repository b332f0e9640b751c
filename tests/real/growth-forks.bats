# fork, vfork and exec, posix_spawn and raw clone3 in the midst of growth, up to 500 times each: every child is observed and waited
# for, nothing is lost, nothing hangs.
load ../lib/zoo
load ../lib/growth
setup() {
	zoo_setup
	need babeltrace2
}
teardown() { zoo_teardown; }

storm() { # TIMES SETTINGS…
	local times=$1 images=$((4 * $1 + 1))
	shift
	capture timeout 300 "$EXEUNT_COMMAND" run "$@" -o trace -- "$ZOO/grow_forks" "$times"
	is "0 OK" "$status $(cat out err)" "status (124 is a hang) and output"
	babeltrace2 trace >bt
	is "$images images, $images waited for, 0 lost" "$(grep -c ' image: ' bt) images, $(grep -c ' waited: ' bt) waited for, $(report trace | jq .lost) lost"
	# a child changes its memory three times at least, and each of them is there
	is $images "$("$PYTHON" "$ORACLE/events.py" calls trace | wc -l)" "process images with events of growth"
}
@test "observed" { storm 500; }
@test "serialize=growth" { storm 500 -s serialize=growth; }
@test "serialize=malloc" { storm 100 -s serialize=malloc; }
@test "log=counters" { storm 100 -s log=counters; }
@test "grow-step and few arenas" { storm 100 -s grow-step=256K -s arenas=2; }
