# The profile pgo-exit: what can be saved of an LLVM profile, whichever way the program ends.
load ../lib/zoo
load ../lib/verdicts
load ../lib/pgo
setup() {
	zoo_setup
	command -v rustc >/dev/null || skip "rustc is missing (a Rust toolchain, which no Debian package of ours brings)"
	pgo_rustc
	pgo_need healthy_22 mixed_exit
	need llvm-profdata-22
}
teardown() { zoo_teardown; }

# the functions of Rust, with hash, counts and targets
rust_counts() { pgo_counts 22 "$@" | grep -E '^_(R|ZN)'; }

@test "a program that ends well leaves the profile that it leaves by itself" {
	LLVM_PROFILE_FILE=own.profraw "$PGO/healthy_22"
	LLVM_PROFILE_FILE=saved.profraw capture ex run -p pgo-exit -o trace -- "$PGO/healthy_22"
	is "0 97 45174" "$status $(cat out)"
	is "$(pgo_counts 22 own.profraw)" "$(pgo_counts 22 saved.profraw)"
}
@test "one that dies in its writer, and one that leaves without: the same counts" {
	LLVM_PROFILE_FILE=own.profraw "$PGO/healthy_22"
	LLVM_PROFILE_FILE=lost.profraw capture "$PGO/mixed_exit"
	is 139 "$status"
	run -1 llvm-profdata-22 merge -o lost.profdata lost.profraw
	LLVM_PROFILE_FILE=saved.profraw capture ex run -p pgo-exit -o trace -- "$PGO/mixed_exit"
	is "0 97 45174" "$status $(cat out)"
	is "$(rust_counts own.profraw)" "$(rust_counts saved.profraw)"
	LLVM_PROFILE_FILE=left.profraw capture ex run -p pgo-exit -o left -- "$PGO/healthy_22" _exit
	is "$(rust_counts own.profraw | grep -c .)" "$(rust_counts left.profraw | grep -c .)"
}
