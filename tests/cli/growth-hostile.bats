# What a target must not notice of detours and of treatments: results, errno, the stack it calls with, its arguments.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

@test "odd memory calls: every result and errno as in an unobserved run" {
	"$ZOO/grow_odd" >want
	[ "$(wc -l <want)" -gt 60 ]
	for set in "" log=counters serialize=growth serialize=malloc grow-step=1M limits=raise arenas=1 delay=growth:1 growth=no; do
		capture ex run ${set:+-s $set} -o "trace.$set" -- "$ZOO/grow_odd"
		is "0" "$status" "with ${set:-nothing set}"
		diff want out || {
			echo "repeat: exeunt run ${set:+-s $set} -o t -- $ZOO/grow_odd | diff <($ZOO/grow_odd) -"
			false
		}
	done
}
@test "calls out of assembly, with a stack aligned to 8" {
	for set in growth=yes log=counters growth=no; do
		capture ex run -s "$set" -o "trace.$set" -- "$ZOO/grow_unaligned"
		is "0 sound" "$status $(cat out)" "with $set"
	done
}
@test "a growth that a signal handler leaves by longjmp: nobody waits for its turn for ever" {
	for set in growth malloc; do
		capture ex run -s serialize=$set -s delay=growth:200000 -o "trace.$set" -- timeout 60 "$ZOO/grow_jumped"
		is "0 grown" "$status $(cat out)" "with serialize=$set"
	done
}
@test "a script under a bare preload that needs the wrappers: its own arguments, once" {
	printf '#!/bin/bash -e\nprintf "%%s|" "$0" "$-" "$@"\n' >script
	chmod +x script
	"./script" one two >want
	LAST="EXEUNT='out=$PWD/trace log=counters' LD_PRELOAD=$LIBRARY ./script one two"
	(
		export EXEUNT="out=$PWD/trace log=counters" LD_PRELOAD="$LIBRARY"
		exec -a ./script ./script one two
	) >out
	is "$(sed 's,^[^|]*/,./,' want)" "$(sed 's,^[^|]*/,./,' out)"
	[ "$(report trace | jq '.heap != null')" = true ]
}
@test "a program begun through the dynamic linker is not begun again without it" {
	local loader
	loader=$(readelf -l "$ZOO/grow_odd" | sed -n 's/.*interpreter: \(.*\)]/\1/p')
	LAST="EXEUNT='out=$PWD/trace log=counters' LD_PRELOAD=$LIBRARY $loader $ZOO/grow_unaligned"
	(
		export EXEUNT="out=$PWD/trace log=counters" LD_PRELOAD="$LIBRARY"
		exec "$loader" "$ZOO/grow_unaligned"
	) >out
	is sound "$(cat out)"
	report trace >/dev/null
	grep -aq "log=counters" trace/s.*
}
