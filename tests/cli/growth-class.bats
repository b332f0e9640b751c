# What each memory call was for: exact numbers, for programs that do one thing.
load ../lib/zoo
load ../lib/growth
setup() {
	zoo_setup
	need babeltrace2
}
teardown() { zoo_teardown; }

# classes PROGRAM…: how many events of each class from main's begin to its end, one line
classes() {
	rm -rf trace
	capture ex run -o trace -- "$@"
	is "0 OK" "$status $(cat out)"
	"$PYTHON" "$ORACLE/events.py" --main classes trace | cut -d' ' -f2-
}
of_class() { # CLASS…: their sum, in what classes said
	local class sum=0
	for class in "$@"; do sum=$((sum + $(sed -nE "s/.*\b$class=([0-9]+).*/\1/p;t;s/.*/0/p" counts))); done
	echo "$sum"
}

@test "large blocks" {
	is "brk-extend=1 mmap-chunk=60 mremap-chunk=80 munmap-chunk=60 not-allocator=1" "$(classes "$ZOO/grow_mmap")"
}
@test "the main thread: only the break" {
	classes "$ZOO/grow_brk" 4 1 >counts
	grep -qxE 'brk-extend=[0-9]+ not-allocator=1' counts || { cat counts; return 1; }
	[ "$(of_class brk-extend)" -gt 30 ]
}
@test "one thread that keeps what it takes: one heap, a page at a time" {
	classes "$ZOO/grow_threads" 1 1 >counts
	# blocks of 1 MiB, 16 bytes more for each: pages beyond the first 132 KiB
	is "1 1 1 255 0 0" "$(for c in brk-extend heap-reserve heap-first-commit heap-extend heap-shrink heap-delete; do of_class $c; done | paste -sd' ')" "$(cat counts)"
}
@test "threads that keep what they take delete no heap, however their room was found" {
	for _ in 1 2 3 4 5; do
		classes "$ZOO/grow_threads" 8 4 >counts
		is "0 0" "$(of_class heap-delete) $(of_class heap-shrink)" "$(cat counts)"
		# new_heap tries behind the heap before first; where another thread was faster it gives that back whole, and
		# reserves once more
		local again=$(($(of_class heap-reserve) - $(of_class heap-first-commit)))
		[ $again -ge 0 ] && [ $again -le "$(of_class heap-align-trim)" ] || { cat counts; return 1; }
		[ "$(of_class heap-align-trim)" -le $((2 * $(of_class heap-reserve))) ]
	done
}
@test "a heap's length: heaps are made, shrunk and deleted" {
	classes "$ZOO/grow_trim" >counts
	# two threads, three heaps each, of which the first stays
	is "6 6 4" "$(of_class heap-reserve) $(of_class heap-first-commit) $(of_class heap-delete)" "$(cat counts)"
	[ "$(of_class heap-shrink)" -gt 1000 ]
	[ "$(of_class brk-trim)" -gt 100 ]
	# two threads' stacks (mmap, mprotect, madvise), and the break asked for once: malloc_trim is the allocator's, everywhere
	is 7 "$(of_class not-allocator)" "$(cat counts)"
}
@test "the program's own maps are no allocator's" {
	classes "$ZOO/grow_mix" >counts
	[ "$(of_class not-allocator)" -ge 1000 ]
}
