# Each verdict about addresses, code, stacks and damaged memory: right on its own programs, silent on all others, with symbols and without. The last
# test prints the table: what a program is by its construction, and what diagnose called it.
load ../lib/zoo
load ../lib/verdicts
load ../lib/code
setup() {
	zoo_setup
	TABLE=$BATS_FILE_TMPDIR/table
	STRIPPED=$BATS_FILE_TMPDIR
	for program in $(awk '!/late\// { print $3 }' <<<"$CODE_PROGRAMS" | sort -u); do
		[ -x "$STRIPPED/$program" ] || strip -s -o "$STRIPPED/$program" "$ZOO/$program"
	done
}
teardown() { zoo_teardown; }

@test "stack-overflow" { code_verdict stack-overflow; }
@test "double-unmap" { code_verdict double-unmap; }
@test "dangling-code" { code_verdict dangling-code; }
@test "write-xor-execute" { code_verdict write-xor-execute; }
@test "unloaded-module" { code_verdict unloaded-module; }
@test "heap-overflow" { code_verdict heap-overflow; }
@test "use-after-free" { code_verdict use-after-free; }
@test "stray-kernel-write" { code_verdict stray-kernel-write; }
@test "wild-address" { code_verdict wild-address; }
@test "null-dereference" { code_verdict null-dereference; }
@test "rivals: none of these" { code_verdict unknown; }
@test "rivals: nothing happens" { code_verdict healthy; }
@test "the table" {
	{
		echo "# rows: by construction; columns: what diagnose said"
		awk -v "order=stack-overflow double-unmap dangling-code write-xor-execute unloaded-module heap-overflow use-after-free stray-kernel-write wild-address null-dereference unknown healthy" \
			-f "$ROOT/tests/lib/confusion.awk" "$TABLE"
	} >&3
	is "$(($(grep -c . <<<"$CODE_PROGRAMS") * 2))" "$(grep -c . "$TABLE")" "programs that were diagnosed"
	is "" "$(awk '$1 != $2' "$TABLE")" "confused"
}
