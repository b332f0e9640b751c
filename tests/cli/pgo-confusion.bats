# Why a profile is missing, in both directions: records of several layouts are never taken for an order of exit handlers, nor
# the other way round, nor either where the program died by itself. Each program with symbols and without. The last test
# prints the table: what a program is by its construction, and what diagnose called it.
load ../lib/zoo
load ../lib/verdicts
load ../lib/pgo
setup() {
	zoo_setup
	TABLE=$BATS_FILE_TMPDIR/table
	pgo_need mixed_exit mixed_c22 healthy_19
	pgo_rustc
}
teardown() { zoo_teardown; }

@test "mixed: dies in the writer" { pgo_verdict mixed-profile-layouts '(^|mimalloc )mixed_exit'; }
@test "mixed: dies at the first value site, in main and before" { pgo_verdict mixed-profile-layouts 'mixed_(site|early)'; }
@test "mixed: the runtime refuses" { pgo_verdict mixed-profile-layouts 'refused'; }
@test "mixed, in C: LLVM 22's runtime, and LLVM 14's" { pgo_verdict mixed-profile-layouts 'mixed_c(22|14)$'; }
@test "mixed, in C: at the first value site" { pgo_verdict mixed-profile-layouts 'mixed_c.._site'; }
@test "mixed: no crash, no message, no profile" { pgo_verdict mixed-profile-layouts 'silent'; }
@test "mixed: built for coverage" { pgo_verdict mixed-profile-layouts 'cover'; }
@test "mixed: one of two instrumented objects" { pgo_verdict mixed-profile-layouts 'mixed_(beside|dso|order)'; }
@test "order: an allocator is gone before the writer's turn" { pgo_verdict profile-after-teardown; }
@test "lost: the writer's turn never came" { pgo_verdict profile-lost 'healthy'; }
@test "lost: nor that of a mixed program" { pgo_verdict profile-lost 'mixed'; }
@test "rivals: a null pointer in a mixed program" { pgo_verdict null-dereference; }
@test "rivals: records and addresses that only look like it" { pgo_verdict unknown; }
@test "rivals: a wild address in a mixed program" { pgo_verdict wild-address; }
@test "healthy" { pgo_verdict healthy; }
@test "every program of the folder is in the table" {
	for program in "$PGO"/mixed_* "$PGO"/healthy_*; do
		grep -qE "[ /]${program##*/}( |\$)" <<<"$PGO_PROGRAMS" || { echo "not asked for: ${program##*/}"; return 1; }
	done
}
@test "the table" {
	{
		echo "# rows: by construction; columns: what diagnose said"
		awk -v "order=mixed-profile-layouts profile-after-teardown profile-lost wild-address null-dereference unknown healthy" \
			-f "$ROOT/tests/lib/confusion.awk" "$TABLE"
	} >&3
	is "$((2 * $(grep -c . <<<"$PGO_PROGRAMS")))" "$(grep -c . "$TABLE")" "programs that were diagnosed"
	is "" "$(awk '$1 != $2' "$TABLE")" "confused"
}
