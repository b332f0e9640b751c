# Each verdict about what is used after it is gone: right on its own programs, silent on all others. The last test prints
# the table: what a program is by its construction, and what diagnose called it.
load ../lib/zoo
load ../lib/verdicts
load ../lib/late
setup() {
	zoo_setup
	TABLE=$BATS_FILE_TMPDIR/table
}
teardown() { zoo_teardown; }

@test "heap-after-teardown" { late_verdict heap-after-teardown; }
@test "exit-list-on-dead-heap" { late_verdict exit-list-on-dead-heap; }
@test "unloaded-module" { late_verdict unloaded-module; }
@test "threads-at-exit" { late_verdict threads-at-exit; }
@test "foreign-free" { late_verdict foreign-free; }
@test "rivals: null pointers" { late_verdict null-dereference; }
@test "rivals: what no handler took" { late_verdict unknown; }
@test "rivals: addresses that belong to nothing" { late_verdict wild-address; }
@test "rivals: blocks used after they were given back" { late_verdict use-after-free; }
@test "rivals: blocks given back twice" { late_verdict double-free; }
@test "rivals: nothing happens" { late_verdict healthy; }
@test "every program of the folder is in the table" {
	for source in "$ROOT"/tests/zoo/late/*.c "$ROOT"/tests/zoo/late/*.cc; do
		name=${source##*/}
		name=${name%.*}
		[[ $name == *_dso ]] || grep -q "[ /]$name\$" <<<"$LATE_PROGRAMS" || { echo "not asked for: $name"; return 1; }
	done
}
@test "the table" {
	grep -c . <<<"$LATE_PROGRAMS" >wanted
	grep -c . "$TABLE" >done
	{
		echo "# rows: by construction; columns: what diagnose said"
		awk -v "order=heap-after-teardown exit-list-on-dead-heap unloaded-module threads-at-exit foreign-free use-after-free double-free wild-address null-dereference unknown healthy" \
			-f "$ROOT/tests/lib/confusion.awk" "$TABLE"
	} >&3
	is "$(cat wanted)" "$(cat done)" "programs that were diagnosed"
	is "" "$(awk '$1 != $2' "$TABLE")" "confused"
}
