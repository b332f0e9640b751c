# compare: the same program under several allocators, side by side.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

@test "three allocators, side by side" {
	capture ex compare --allocators glibc,mimalloc,jemalloc -- "$ZOO/order_exe"
	is 0 "$status"
	for word in glibc mimalloc jemalloc exe_atexit_from_main dso_destructor; do grep -q "$word" out; done
}
@test "two traces" {
	ex run -o one -- "$ZOO/order_exe" >/dev/null
	ex run -o two -- env LD_PRELOAD="$MIMALLOC" "$ZOO/order_exe" >/dev/null
	capture ex compare one two
	is 0 "$status"
	grep -q libmimalloc.so.2.0 out
}
@test "an allocator that does not exist" {
	capture ex compare --allocators glibc,nosuchallocator -- "$ZOO/order_exe"
	[ "$status" != 0 ]
	grep -q nosuchallocator err
}
