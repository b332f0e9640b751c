# Treatment stack-size: larger stacks for the main thread and for those that pthread_create makes, and nothing else changes.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

sized() { # SIZE HOW
	rm -rf trace
	capture ex run -s stack-size="$1" -o trace -- "$ZOO/stacks" "$2"
}
refused() { babeltrace2 trace | grep -c ' refused: .*stack-size=' || true; }

@test "what needs more stack lives" {
	capture ex run -o plain -- "$ZOO/stacks" deep
	is 139 "$status"
	sized 64M deep
	is 0 "$status"
	capture ex run -o plain.small -- "$ZOO/stacks" small
	is 139 "$status"
	sized 2M small
	is 0 "$status"
}
@test "a smaller size than there is changes nothing" {
	capture ex run -s stack-size=64K -o trace -- bash -c 'ulimit -s'
	is "$(ulimit -s)" "$(cat out)"
	sized 64K small
	is 139 "$status"
}
@test "memory of the program's own is left alone, and told" {
	need babeltrace2
	sized 64M own
	is 139 "$status"
	is 1 "$(refused)"
	sized 64M small
	is "0 0" "$status $(refused)"
}
@test "a hard limit that is lower, and may not be raised: told" {
	need babeltrace2
	need setpriv
	rm -rf trace
	capture setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource bash -c \
		'ulimit -Ss 4096; ulimit -Hs 8192; exec "$@"' - "$EXEUNT_COMMAND" run -s stack-size=64M -o trace -- bash -c 'ulimit -s'
	is "0 8192 1" "$status $(cat out) $(refused)"
}
@test "a bare preload; children; sizes that are none" {
	capture env LD_PRELOAD="$LIBRARY" EXEUNT="out=$WORK/bare stack-size=32M" bash -c 'bash -c "ulimit -s"'
	is 32768 "$(cat out)"
	capture ex run -s stack-size=65M -o trace -- true
	is 2 "$status"
	grep -q 'it is at most 64M' err
	capture ex run -s stack-size=big -o trace -- true
	is 2 "$status"
}
