# What a process that gives up says: libc's message, where malloc's heap does not fit together and the block below that place; and
# what other allocators and runtimes print, in diagnose, which has the output of each run.
load ../lib/zoo
load ../lib/heap
setup() { zoo_setup; }
teardown() { zoo_teardown; }

told() { # CMD…: what the report explains of its abort, a line each
	observed "$@"
	is 134 "$status" "status of $*"
	jq -r '.crash.explained[]' json >explained
}

@test "the chunk that was written over, and the block below it" {
	told "$ZOO/corrupt" over8
	grep -qx 'libc said: malloc(): corrupted top size' explained
	grep -qE '^malloc.s heap does not fit together at 0x[0-9a-f]+: the word that says how long the chunk there is reads 0x7878787878787878 \(text "xxxxxxxx"\)$' explained
	# 16 bytes further on than the word, less the 96 of a chunk for 88
	chunk=$(sed -nE 's/.* together at (0x[0-9a-f]+):.*/\1/p' explained)
	grep -qF "right below it lies the block at $(printf 0x%x $((chunk - 96 + 16))), with room for 88 bytes: who writes beyond them writes there (round its end: 01010101010101010101010101010101|7878787878787878" explained
	grep -q 'does not fit together' text
	told "$ZOO/heap_breaks" far
	grep -q '0x7a7a7a7a7a7a7a7a (text "zzzzzzzz")' explained
	grep -q 'with room for 200 bytes' explained
}
@test "what the next chunk says of a free one" {
	told "$ZOO/heap_breaks" before
	grep -qx 'libc said: malloc(): mismatching next->prev_size (unsorted)' explained
	grep -qE 'the word there says that a free chunk of 8753160913407277433 bytes lies below, and that one.s own says 1072$' explained
	grep -q 'with room for 1064 bytes' explained
}
@test "a heap that is whole has no such place" {
	told "$ZOO/heap_breaks" whole
	grep -q '^libc said: .*whole' explained
	! grep -q 'malloc.s heap\|right below' explained || return 1
	told "$ZOO/corrupt" twice
	grep -qx 'libc said: free(): double free detected in tcache 2' explained
	! grep -q 'malloc.s heap\|right below' explained || return 1
}
@test "diagnose has them as evidence, and what others print" {
	looked corrupt over8
	is "libc said: malloc(): corrupted top size" "$(of '.evidence[] | select(.id == "message") | .text')"
	[[ $(of '.evidence[] | select(.id == "heap-break") | .text') == *"0x7878787878787878"* ]]
	[[ $(of '.evidence[] | select(.id == "below") | .text') == *"with room for 88 bytes"* ]]
	is "" "$(of '.evidence[] | select(.id == "said") | .text')"
	looked heap_rivals stack-block LD_PRELOAD=libtcmalloc_minimal.so.4
	[[ $(of '.evidence[] | select(.id == "said") | .text') == *"Attempt to free invalid pointer"* ]]
	capture ex diagnose --runs 2 --json -- "$ZOO/refused_bad_alloc" </dev/null
	[[ $(jq -r '.evidence[] | select(.id == "said") | .text' out) == *"std::bad_alloc"* ]]
}
