# A real JIT that writes beyond blocks of the heap, with scripts/facet-jit: facet-format 0.33.0 builds each element of a list in a
# block of exactly its size, and its code stores the last field, of 4 bytes, with 8. By size and allocator it dies at once, far
# from there, or never. Its authors took it for a pointer to code that was gone. Building it is a minute or two on two processors; what
# is built stays in out/facet-jit-test. EX_FACET_DIR=DIR takes what scripts/facet-jit has built in DIR.
load ../lib/zoo
setup() {
	zoo_setup
	need jq
	DIR=${EX_FACET_DIR:-$O/facet-jit-test}
	if [ ! -x "$DIR/bin/facet-elements" ]; then
		command -v cargo >/dev/null || skip "cargo is missing (a Rust toolchain, which no Debian package of ours brings)"
		"$ROOT/scripts/facet-jit" --dir "$DIR" --build >built 2>&1 || {
			# without a way to the registry there is nothing to test; else it is an error
			! grep -qE 'failed to (download|get|fetch)|Could not resolve|network|cannot ask its registry' built "$DIR"/cargo.log || skip "the crates cannot be had: $(tail -1 built)"
			cat built
			return 1
		}
	fi
}
teardown() { zoo_teardown; }

job() { # CASE…: as a user would run it; the output in the file said
	local words=() case
	for case in "$@"; do words+=(--only "$case"); done
	LAST="O=$O scripts/facet-jit --dir $DIR --runs 5 --diagnose 5 ${words[*]}"
	"$ROOT/scripts/facet-jit" --dir "$DIR" --runs 5 --diagnose 5 "${words[@]}" >said 2>&1 || {
		echo "ended with $?:"
		tail -40 said
		return 1
	}
}
row() { # CASE KEY…: facts of one case, in a line
	local case=$1 key
	shift
	for key in "$@"; do sed -n "s/^$key=//p" "$DIR/rows/$case"; done | paste -sd' '
}
verdict() { jq -r "$2" "$DIR/runs/$1/verdict.json"; }
STORE='mov [rdi+rsi*1], rdx'

@test "88 bytes under glibc: dies in malloc every time; the store is named, 4 bytes beyond, and dangling-code is out" {
	job glibc.88
	is "5 0 heap-overflow confirmed" "$(row glibc.88 died fine verdict status)"
	is "jit_write_u64|writes 8 bytes from byte 84 of it ($STORE)|jit_deserialize_list_by_shape" "$(row glibc.88 writer store owner | sed 's/ writes/|writes/; s/) jit/)|jit/')"
	is "no executable memory went away while the program ran" "$(row glibc.88 dangling)"
	jq -e 'any(.evidence[]; .id == "block" and (.text | test("4 bytes behind the end of a block of 88 bytes")))' "$DIR/runs/glibc.88/verdict.json"
	# called by code that the JIT made, in no module, and that by the function that has the block
	jq -e '[.evidence[] | select(.id == "caught").text] | (.[1] | test("in no module")) and (.[2] | test("jit_deserialize_list_by_shape"))' "$DIR/runs/glibc.88/verdict.json"
	is "site confirm 5 0|keep control 5 5" "$(verdict glibc.88 '[.arms[] | select(.name == "site" or .name == "keep") | "\(.name) \(.role) \(.runs) \(.bad)"] | join("|")')"
}
@test "80 bytes under tcmalloc: the same" {
	job tcmalloc.80
	is "5 0 heap-overflow confirmed" "$(row tcmalloc.80 died fine verdict status)"
	is "jit_write_u64 writes 8 bytes from byte 76 of it ($STORE) jit_deserialize_list_by_shape" "$(row tcmalloc.80 writer store owner)"
	is "no executable memory went away while the program ran" "$(row tcmalloc.80 dangling)"
}
# 80 bytes under jemalloc and mimalloc: it is another block's data that is written over, and what comes of that is chance
@test "where it lives, --look-for heap finds it: 80 bytes under glibc, 88 under tcmalloc, both under jemalloc and mimalloc" {
	local case
	job glibc.80 tcmalloc.88 jemalloc.80 jemalloc.88 mimalloc.80 mimalloc.88
	for case in glibc.80 tcmalloc.88 jemalloc.80 jemalloc.88 mimalloc.80 mimalloc.88; do
		is "heap-overflow confirmed jit_write_u64 jit_deserialize_list_by_shape" "$(row $case verdict status writer owner)" $case
		is "writes 8 bytes from byte $((${case#*.} - 4)) of it ($STORE)" "$(row $case store)" $case
	done
	for case in glibc.80 tcmalloc.88 jemalloc.88 mimalloc.88; do is "0 5" "$(row $case died fine)" $case; done
}
@test "without symbols: by module and offset, the same places" {
	local case writer owner
	job glibc.88 stripped.88 stripped.80
	writer=$(verdict glibc.88 .cause | sed -n 's/^jit_write_u64 (facet-elements+\(0x[0-9a-f]*\)).*/\1/p')
	owner=$(verdict glibc.88 .cause | sed -n 's/.*, which jit_deserialize_list_by_shape+[^ ]* (facet-elements+\(0x[0-9a-f]*\)).*/\1/p')
	[ -n "$writer" ] && [ -n "$owner" ]
	for case in stripped.88 stripped.80; do
		is "heap-overflow confirmed stripped+$writer" "$(row $case verdict status writer)" $case
		jq -e --arg owner "stripped+$owner" 'any(.evidence[]; .id == "owner" and (.text | test($owner | sub("\\+"; "\\+"))))' "$DIR/runs/$case/verdict.json"
	done
}
@test "compare: which allocator hides it, and why" {
	local size all=glibc,tcmalloc,jemalloc,mimalloc
	export MIMALLOC_ALLOW_DECOMMIT=0 # as in the script
	for size in 80 88; do
		capture ex compare --json --look-for heap --allocators $all -- "$DIR/bin/facet-elements" $size
		is 0 "$status"
		mv out $size
	done
	heap() { jq -r "[.heap.columns[] | $2] | map(tostring) | join(\" \")" "$1"; }
	is "88 80 80 80|88 96 96 96" "$(heap 80 .usable_bytes)|$(heap 88 .usable_bytes)"
	is "slack next+link next next+link|own slack slack slack" "$(heap 80 '.lies_in | join("+")')|$(heap 88 '.lies_in | join("+")')"
	is "true false false false|false true true true" "$(heap 80 .hides)|$(heap 88 .hides)"
	is "false true|true false false false" "$(heap 80 .died | cut -d' ' -f1,2)|$(heap 88 .died)"
	jq -e '.heap | .asked_bytes == 80 and .first_byte == 80 and .last_byte == 83 and any(.owner[]; test("^jit_deserialize_list_by_shape"))' 80
}
@test "the table as JSON; what is wrong is said in a sentence" {
	"$ROOT/scripts/facet-jit" --dir "$DIR" --only glibc.80 --runs 2 --diagnose 5 --json >json 2>said
	is "heap-overflow 2" "$(jq -r '.[] | select(.case == "glibc.80") | "\(.verdict) \(.fine)"' json)"
	run -2 "$ROOT/scripts/facet-jit" --only glibc.96
	[[ $output == *"there is no case glibc.96; the cases are: glibc.80 glibc.88"* ]]
	run -2 "$ROOT/scripts/facet-jit" --runs none
	run -0 "$ROOT/scripts/facet-jit" --help
	[[ $output == *"Cases: glibc.80"* ]]
}
