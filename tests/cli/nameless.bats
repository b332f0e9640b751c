# With every allocator's name deleted from the tool the verdicts stay the same.
load ../lib/zoo
load ../lib/verdicts
load ../lib/late
load ../lib/pgo
setup() {
	zoo_setup
	EXEUNT_COMMAND=$O/nameless/exeunt
	[ -x "$EXEUNT_COMMAND" ] || make -s -C "$ROOT" O="$O" tests
}
teardown() { zoo_teardown; }

@test "the names are gone" {
	for name in mi_process_done libjemalloc libtcmalloc; do
		grep -q "$name" "$O/exeunt"
		run -1 grep -q "$name" "$EXEUNT_COMMAND"
	done
}
@test "mimalloc destroys its heap, LLVM_PROFILE_FILE set" { case_mimalloc; }
@test "mimalloc destroys its heap, LLVM_PROFILE_FILE not set" { case_mimalloc_unset; }
@test "mimalloc keeps its heap: healthy" { case_healthy; }
@test "own allocator" { case_own libown_allocator.so; }
@test "left by _exit" { case_lost _exit; }
@test "null dereference" { case_null; }
@test "heap-after-teardown" { late_verdict heap-after-teardown "(mimalloc|own_allocator_null|heap_static)"; }
@test "exit-list-on-dead-heap" { late_verdict exit-list-on-dead-heap "(mimalloc|list_inside)"; }
@test "unloaded-module" { late_verdict unloaded-module "(callback|at_exit)"; }
@test "threads-at-exit" { late_verdict threads-at-exit "(own_allocator|stripped)"; }
@test "foreign-free" { late_verdict foreign-free "foreign_box"; }
@test "mixed-profile-layouts" {
	pgo_need mixed_exit mixed_c14
	pgo_verdict mixed-profile-layouts "^mixed_(exit|early|refused|c14)$"
}
@test "mixed records in the process, and the order of exit handlers is the cause" {
	pgo_need healthy_dso
	pgo_verdict profile-after-teardown "healthy_dso"
}
