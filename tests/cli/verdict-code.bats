# Code that was given back, and code against the rights that it had: each its verdict, and none for what only looks like it.
load ../lib/zoo
load ../lib/verdicts
setup() { zoo_setup; }
teardown() { zoo_teardown; }

# named VERDICT STATUS COMMAND…: with every status but 0 a bad one
named() {
	local wanted="$1 $2"
	shift 2
	capture ex diagnose --runs "${EX_DIAGNOSE_RUNS:-5}" --expect-status 0 --json -- "$@"
	cp out json
	is "$wanted" "$(of '.verdict + " " + .status')" "$*" || { told; return 1; }
}
evidence() { of "[.evidence[] | select(.id == \"$1\") | .text] | join(\"|\")"; }
excluded() { of "[.excluded[] | select(.verdict == \"$1\") | .why] | join(\"|\")"; }

@test "the old pointer called: who gave the code back, and who called it" {
	named dangling-code confirmed "$ZOO/jit_stale" stale
	[[ $(evidence made) == *compile+* ]]
	[[ $(evidence gone) == *"it was unmapped by thread"*"main+"* ]]
	[[ $(evidence caller) == *"main+"* ]]
	is "keep confirm 5 0|modules control 5 5" "$(of '[.arms[1:][] | "\(.name) \(.role) \(.runs) \(.bad)"] | join("|")')"
	is "growth-refused" "$(of '.excluded[] | select(.verdict == "growth-refused") | .verdict')"
}
@test "it ran another function: a wrong result, and the use is found all the same" {
	named dangling-code confirmed "$ZOO/jit_stale" reuse
	[[ $(evidence stale) == "with keep=exec 5 of 5 runs died where they called code that was gone" ]]
	[[ $(evidence caller) == "run "*"main+"* ]]
}
@test "code that is never given back: healthy; written again and run: healthy" {
	named healthy none "$ZOO/jit_stale" kept
	named healthy none "$ZOO/jit_ends" toggle
}
@test "writable and not executable; a store to code" {
	named write-xor-execute likely "$ZOO/jit_ends" fetch
	[[ $(of .cause) == *"had written and not made executable"* ]]
	named write-xor-execute likely "$ZOO/jit_ends" store
	[[ $(of .cause) == *"code that it had made executable and read-only"* ]]
	[[ $(evidence protected) == *protect+* ]]
}
@test "code went away, and it died of something else" {
	named null-dereference likely "$ZOO/jit_ends" null
	[[ $(excluded dangling-code) == *"arm keep"* ]]
	named wild-address likely "$ZOO/jit_ends" wild
	[[ $(excluded dangling-code) == *"arm keep"* ]]
	named unknown none "$ZOO/jit_ends" abort
	named unknown none "$ZOO/jit_ends" status
	[[ $(excluded dangling-code) == *"arm keep"* ]]
}
@test "data that was unmapped is no code" {
	named unknown none "$ZOO/jit_ends" data
	is "no executable memory went away while the program ran" "$(excluded dangling-code)"
}
@test "code of a closed library is unloaded-module's" {
	capture ex diagnose --runs 5 --json -- "$ZOO/late/unloaded_callback"
	cp out json
	is unloaded-module "$(of .verdict)" || { told; return 1; }
}
