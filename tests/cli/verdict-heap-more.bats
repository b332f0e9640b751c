# More misuse of the heap: other functions that give blocks out, C++, other threads and processes, the kernel as the one that writes,
# allocators that are linked; and what is none: sound programs that are not careful, and rivals, which keep the verdict that is theirs.
load ../lib/zoo
load ../lib/heap
setup() { zoo_setup; }
teardown() { zoo_teardown; }

MORE="
memalign      heap-overflow    store          memaligned
valloc        heap-overflow    store          valloced
aligned-alloc heap-overflow    store          aligned_alloced
strdup        heap-overflow    -              duplicate
strcat        heap-overflow    -              give
fence-post    heap-overflow    fill           give
negative      heap-overflow    set            give
strided       heap-overflow    store          give
anothers      heap-overflow    store          give
early         heap-overflow    store          give
late          heap-overflow    store          give
in-child      heap-overflow    store          give
kernel-read   heap-overflow    kernel_read    give
kernel-recv   heap-overflow    kernel_recv    give
kernel-readv  heap-overflow    kernel_readv   give
kernel-cwd    heap-overflow    kernel_cwd     give
kernel-freed  use-after-free   kernel_freed   give
uaf-copy      use-after-free   used_by_copy   give
inherited     double-free      finish         give
resized-twice double-free      finish         give
resized-after double-free      resized_after  give
"
NEW="
array         heap-overflow    over_array()   over_array()
object        heap-overflow    store(void*,   over_object()
sized         heap-overflow    store(void*,   over_sized()
aligned       heap-overflow    store(void*,   over_aligned()
vector        heap-overflow    over_vector()  over_vector()
string        heap-overflow    store(void*,   over_string()
under-array   heap-overflow    under_array()  under_array()
uaf-object    use-after-free   count(Shape    used_object()
uaf-iterator  use-after-free   store(void*,   used_iterator()
uaf-shared    use-after-free   store(void*,   used_shared()
twice-array   double-free      twice_object() twice_object()
twice-owners  double-free      twice_owners() twice_owners()
array-as-one  unknown          -              -
mismatched    healthy          -              -
sound         healthy          -              -
"
RIVALS="
null          null-dereference -              -
recursion     stack-overflow   deeper         -
wild          wild-address     wild           -
constant      unknown          -              -
stack-block   unknown          -              -
middle        unknown          -              -
gives-up      unknown          -              -
"
LINKED="
over4         heap-overflow    store       give
shrunk        heap-overflow    store       shrunk
uaf-write     use-after-free   store       give
twice         double-free      finish      give
sound         healthy          -           -
"
each_of() { # PROGRAM VERDICT…
	local program=$1
	shift
	for verdict; do all_of "$program" "$verdict" || return 1; done
}

@test "other functions, threads, processes and moments; the kernel" {
	WAYS=$MORE
	each_of corrupt_more heap-overflow use-after-free double-free
	looked corrupt_more kernel-recv
	[[ $(of .cause) == *"recv() of 64 bytes had the kernel write byte 56 of a block of 56 bytes"* ]]
}
@test "C++: new[] and delete[], objects, containers" {
	WAYS=$NEW
	each_of corrupt_new heap-overflow use-after-free double-free unknown healthy
	looked corrupt_new array-as-one
	[[ $(of '.evidence[] | select(.id == "inside") | .text') == *"is no block's beginning: it lies 8 bytes behind that of a block of 152 bytes"*"asked for by array_as_one()"* ]]
}
@test "rivals keep their verdicts" {
	WAYS=$RIVALS
	each_of heap_rivals null-dereference stack-overflow wild-address unknown
	looked heap_rivals middle
	[[ $(of '.evidence[] | select(.id == "inside") | .text') == *"it lies 32 bytes behind that of a block of 901 bytes"* ]]
}
@test "mimalloc and tcmalloc, linked" {
	WAYS=$LINKED
	each_of corrupt.mimalloc heap-overflow use-after-free double-free healthy
	each_of corrupt.tcmalloc heap-overflow use-after-free double-free healthy
}
@test "an allocator inside the program is in front of us: nothing is known of its blocks, which is not healthy" {
	[ -e "$ZOO/corrupt.jemalloc" ] || skip "libjemalloc.a is missing; run: scripts/setup check"
	looked corrupt.jemalloc over4
	is "unknown none" "$(of '.verdict + " " + .status')"
	[[ $(of '.evidence[] | select(.id == "heap") | .text') == *"its malloc is its own"* ]]
	observed -s guard=slack "$ZOO/corrupt.jemalloc" over4
	grep -q 'guard=slack.*malloc is not wrapped' text
}
@test "what is right is found right: same output, and no block harmed" {
	local lib guard
	for lib in "" libjemalloc.so.2 libmimalloc.so.2.0 libtcmalloc_minimal.so.4; do
		for guard in slack ends starts sample:3; do
			observed -s guard="$guard" env ${lib:+LD_PRELOAD=$lib} "$ZOO/heap_sound"
			is "0 done true 0" "$status $(cat out) $(jq -r '"\(.blocks.is_complete) \(.blocks.found | length)"' json)" "guard=$guard $lib"
		done
	done
	looked heap_sound usable
	is healthy "$(of .verdict)"
}
