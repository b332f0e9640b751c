# serialize=malloc: one thread is in the allocator at a time, whatever the allocator, and nobody waits for ever.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

ALLOCATORS=("" "$MIMALLOC" libjemalloc.so.2 libtcmalloc_minimal.so.4)

# a hang is a failure: 60 s for what takes less than one
storm() { # ALLOCATOR ARGUMENT…
	local allocator=$1
	shift
	rm -rf trace
	capture ex run -s serialize=malloc -o trace -- env LD_PRELOAD="$allocator" timeout 60 "$ZOO/heap_storm" "$@"
	is "0 sound" "$status $(cat out)" "heap_storm $* with ${allocator:-glibc}"
}

@test "threads allocate, grow and free: sound" {
	for allocator in "${ALLOCATORS[@]}"; do
		storm "$allocator" 2 10000
		storm "$allocator" 8 3000
		storm "$allocator" 32 300
	done
}
@test "with fork in the middle" {
	for allocator in "${ALLOCATORS[@]}"; do storm "$allocator" 4 3000 20; done
}
@test "no two threads grow at a time, and none waits for an arena" {
	# a thread's end empties its cache inside libc, where there is no call to hold back
	LAST="exeunt run -s serialize=malloc -o trace -- $ZOO/heap_storm 4 10000 0 stay"
	timeout 60 "$EXEUNT_COMMAND" run -s serialize=malloc -o trace -- "$ZOO/heap_storm" 4 10000 0 stay
	report trace >json
	[ "$(jq .growth.growths json)" -gt 10 ]
	is "0 0" "$(jq -r '"\(.growth.overlap) \(.growth.waits.arena)"' json)"
}
@test "exceptions out of operator new: nothing stays locked" {
	for allocator in "" libjemalloc.so.2 libtcmalloc_minimal.so.4; do
		capture ex run -s serialize=malloc -o trace -- env LD_PRELOAD="$allocator" timeout 60 "$ZOO/heap_throws"
		is "0 caught 8400" "$status $(cat out)" "with ${allocator:-glibc}"
		rm -rf trace
	done
}
@test "memory runs out: NULL, and nobody waits for ever" {
	for round in 1 2 3 4 5 6 7 8 9 10; do
		LAST="exeunt run -s serialize=malloc -o trace -- $ZOO/grow_retry"
		timeout 60 "$EXEUNT_COMMAND" run -s serialize=malloc -o trace -- "$ZOO/grow_retry"
		jq -e '.growth.failed.count > 0' <(report trace)
		rm -rf trace
	done
}
@test "what malloc promises is as without" {
	for allocator in "${ALLOCATORS[@]}"; do
		capture env LD_PRELOAD="$allocator" "$ZOO/heap_forms"
		alone=$status
		mv out alone.out
		capture ex run -s serialize=malloc -o trace -- env LD_PRELOAD="$allocator" "$ZOO/heap_forms"
		is "$alone" "$status"
		is "$(cat alone.out)" "$(cat out)" "with ${allocator:-glibc}"
		rm -rf trace
	done
}
