# compare: why a program that damages its heap dies under one allocator and lives under another. What a block has under each is
# checked against that allocator's own malloc_usable_size, asked by python's ctypes; where the allocator's own bytes are, against its sources:
# glibc's chunks have one word between them, the others' size classes none.
load ../lib/zoo
setup() {
	zoo_setup
	ALL=glibc,tcmalloc,jemalloc,mimalloc
}
teardown() { zoo_teardown; }

looked() { # WAY
	capture ex compare --json --look-for heap --allocators "$ALL" -- "$ZOO/corrupt" "$1"
	is 0 "$status"
	cp out json
}
columns() { # KEY: of all columns, with blanks between
	jq -r "[.heap.columns[] | $1] | map(tostring) | join(\" \")" json
}
usable() { # LIBRARY BYTES: what it says itself
	LD_PRELOAD=$1 /usr/bin/python3 -c 'import ctypes, sys
c = ctypes.CDLL(None)
c.malloc.restype = ctypes.c_void_p
c.malloc.argtypes = [ctypes.c_size_t]
c.malloc_usable_size.restype = ctypes.c_size_t
c.malloc_usable_size.argtypes = [ctypes.c_void_p]
print(c.malloc_usable_size(c.malloc(int(sys.argv[1]))))' "$2"
}
usables() { # BYTES
	echo "$(usable '' "$1") $(usable libtcmalloc_minimal.so.4 "$1") $(usable libjemalloc.so.2 "$1") $(usable "$MIMALLOC" "$1")"
}

@test "4 bytes behind 80: slack under glibc, the next block under the others, whose size classes have 80" {
	looked over4
	is "80 80 83" "$(jq -r '.heap | "\(.asked_bytes) \(.first_byte) \(.last_byte)"' json)"
	is "88 80 80 80" "$(columns .usable_bytes)"
	is "$(usables 80)" "$(columns .usable_bytes)"
	is "8 0 0 0" "$(columns .own_bytes)"
	is "slack next+link next next+link" "$(columns '.lies_in | join("+")')"
	is "true false false false" "$(columns .hides)"
	jq -e '.heap.owner[0] | test("^give\\+")' json
}
@test "8 bytes behind 88: the other way round" {
	looked over8
	is "88 88 95" "$(jq -r '.heap | "\(.asked_bytes) \(.first_byte) \(.last_byte)"' json)"
	is "$(usables 88)" "$(columns .usable_bytes)"
	is "own slack slack slack" "$(columns '.lies_in | join("+")')"
	is "false true true true" "$(columns .hides)"
	is "true false false false" "$(columns .died)"
}
@test "far behind, before, after it was given back, twice" {
	looked over4096
	is "100 null" "$(jq -r '.heap | "\(.asked_bytes) \(.last_byte)"' json)"
	is "next+link next+link next next+link" "$(columns '.lies_in | join("+")')"
	is "false false false false" "$(columns .hides)"
	looked under1
	is "-1" "$(jq .heap.first_byte json)"
	is "own next next next" "$(columns '.lies_in | join("+")')"
	looked uaf-write
	is "guard=ends guard-frames=8 64" "$(jq -r '.heap | "\(.treatment) \(.first_byte)"' json)"
	is "   " "$(columns '.lies_in | join("+")')"
	is "16 8 0 8" "$(columns .link_bytes)"
	looked twice
	jq -e '.heap.text | test("given back twice")' json
}
@test "in words, beside the order of teardown" {
	capture ex compare --allocators "$ALL" -- "$ZOO/corrupt" over8
	is 0 "$status"
	grep -q '^heap: 8 bytes behind the end of a block of 88 bytes at 0x[0-9a-f]* were changed; found when the program gave it back$' out
	grep -q '^    asked for by   give+0x' out
	grep -q "^  glibc        dies (SIGABRT): a block of 88 bytes has 88 there; bytes 88 to 95 are the allocator's own, beside the block$" out
	grep -q "^  tcmalloc     hides it: a block of 88 bytes has 96 there; bytes 88 to 95 are slack, nobody's$" out
	grep -q 'order of teardown' out
	grep -q 'exit status 0' out
}
@test "looked for where one dies, or by wish; a sound heap is said to be one" {
	capture ex compare --json --allocators glibc,jemalloc -- "$ZOO/corrupt" sound
	is null "$(jq .heap out)"
	looked sound
	is '{"found":false}' "$(jq -c .heap json)"
	capture ex compare --look-for heap --allocators glibc -- "$ZOO/corrupt" sound
	grep -q '^heap: guarded runs found no block' out
	# of another cause: looked for, and nothing found
	capture ex compare --json --allocators glibc -- "$ZOO/null_deref"
	is '{"found":false}' "$(jq -c .heap out)"
	capture ex compare --look-for soap --allocators glibc -- "$ZOO/order_exe"
	is 2 "$status"
	grep -q 'soap.*write heap' err
}
@test "what an allocator of the program's own has is not said" {
	capture ex compare --json --look-for heap --allocators glibc -- env "LD_PRELOAD=$MIMALLOC" "$ZOO/corrupt" over8
	is null "$(jq '.heap.columns[0].usable_bytes' out)"
	is '[]' "$(jq -c '.heap.columns[0].lies_in' out)"
}
@test "the schema" {
	/usr/bin/python3 -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema is missing; run: scripts/setup check"
	for way in over4 under1 uaf-write twice sound; do
		looked $way
		"/usr/bin/python3" "$ROOT/tests/lib/validate.py" "$ROOT/docs/compare.schema.json" json
	done
}
