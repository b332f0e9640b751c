# The heap misused in thirty ways, each its verdict, by the store, the use or the second free itself; also where nothing dies of it.
# Rows of the table: way, verdict, function that does it, function that had asked for the block.
load ../lib/zoo
load ../lib/heap
setup() { zoo_setup; }
teardown() { zoo_teardown; }

WAYS="
over1         heap-overflow    store       give
over4         heap-overflow    store       give
over8         heap-overflow    store       give
over4096      heap-overflow    store       give
odd           heap-overflow    store       give
one           heap-overflow    store       give
none          heap-overflow    store       give
large         heap-overflow    store       give
large-odd     heap-overflow    store       give
word          heap-overflow    store_word  give
under1        heap-overflow    store       give
under8        heap-overflow    under8      give
text          heap-overflow    -           give
copy          heap-overflow    copy        give
off-by-nul    heap-overflow    off_by_nul  give
product       heap-overflow    product     product
aligned       heap-overflow    store       aligned
resized       heap-overflow    store       resized
shrunk        heap-overflow    store       shrunk
thread        heap-overflow    store       give
kept          heap-overflow    store       give
uaf-read      use-after-free   load        give
uaf-write     use-after-free   store       give
uaf-large     use-after-free   store       give
uaf-call      use-after-free   call        make
uaf-thread    use-after-free   store       give
stale         use-after-free   store       give
twice         double-free      -           give
twice-apart   double-free      -           give
sound         healthy          -           -
"
@test "written beyond, by glibc's malloc" { all_of corrupt heap-overflow; }
@test "used after it was given back" { all_of corrupt use-after-free; }
@test "given back twice" { all_of corrupt double-free; }
@test "nothing wrong" { all_of corrupt healthy; }
@test "the same under jemalloc, mimalloc and tcmalloc" {
	local lib
	for lib in libjemalloc.so.2 libmimalloc.so.2.0 libtcmalloc_minimal.so.4; do
		WAYS="
over4         heap-overflow    store       give
shrunk        heap-overflow    store       shrunk
uaf-write     use-after-free   store       give
twice         double-free      -           give
sound         healthy          -           -
"
		for verdict in heap-overflow use-after-free double-free healthy; do
			all_of corrupt "$verdict" "LD_PRELOAD=$lib" || { echo "under $lib"; return 1; }
		done
	done
}
