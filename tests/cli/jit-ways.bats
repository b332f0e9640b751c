# The ways in which JITs have memory and give it back: each its verdict, and none for those that are in order. What a real one
# does is in tests/real/jit.bats.
load ../lib/zoo
load ../lib/verdicts
setup() { zoo_setup; }
teardown() { zoo_teardown; }

# way HOW VERDICT STATUS: 42 is what it returns when nothing is wrong
way() {
	capture ex diagnose --runs "${EX_DIAGNOSE_RUNS:-4}" --expect-status 42 --json -- "$ZOO/jit_ways" "$1"
	cp out json
	is "$2 $3" "$(of '.verdict + " " + .status')" "$1" || { told; return 1; }
}
arms() { of '[.arms[1:][] | "\(.name) \(.role) \(.runs) \(.bad)"] | join("|")'; }
evidence() { of "[.evidence[] | select(.id == \"$1\") | .text] | join(\"|\")"; }
excluded() { of "[.excluded[] | select(.verdict == \"$1\") | .why] | join(\"|\")"; }
found="keep confirm 4 0|modules control 4 4"

@test "given back by another thread than the one that calls it" {
	way thread dangling-code confirmed
	is "$found" "$(arms)"
	[[ $(evidence gone) == *"it was unmapped by thread"*"give_back+"* ]]
	[[ $(evidence caller) == *"main+"* ]]
	is 2 "$(of '[.evidence[] | select(.id == "made" or .id == "gone") | .text | capture("by thread (?<tid>[0-9]+)").tid] | unique | length')"
}
@test "given back while another thread runs in it" {
	way inside dangling-code confirmed
	is "$found" "$(arms)"
	[[ $(evidence gone) == *"give_back+"*"called by main+"* ]]
}
@test "made writable while another thread runs in it, or before it is called: no code went away" {
	way toggle write-xor-execute likely
	[[ $(excluded dangling-code) == *"only made writable"* ]]
	[[ $(evidence protected) == *"protect+"*"called by main+"* ]]
	way rw write-xor-execute likely
}
@test "data, or other code, in its place by MAP_FIXED" {
	way fixed dangling-code confirmed
	# the program has the place for its own: what it puts there it may well want to call
	way newer unknown none
	[[ $(excluded dangling-code) == *"arm keep"* ]]
}
@test "moved away by mremap, and called where it was" {
	way moved dangling-code confirmed
	is "$found" "$(arms)"
	[[ $(evidence gone) == *"it was moved away by thread"*"main+"* ]]
}
@test "a block of malloc, made writable and freed: also where the next function has got it" {
	way freed dangling-code confirmed
	is "$found" "$(arms)"
	[[ $(evidence gone) == *"run 1 of that arm: it was freed as a block of malloc (and kept reserved without access) by thread"*"main+"* ]]
	way freed-newer dangling-code confirmed
	is "$found" "$(arms)"
	is "write-xor-execute" "$(of '.excluded[] | select(.verdict == "write-xor-execute") | .verdict')"
}
@test "a reserve that is committed in pieces and given back whole" {
	way cache dangling-code confirmed
	[[ $(evidence made) == *"main+"* ]]
}
@test "two views of one memory, of which the writable one goes; the other of two pages goes" {
	way views healthy none
	way part healthy none
	for how in views part; do
		capture ex run -s keep=exec -o "trace.$how" -- "$ZOO/jit_ways" $how
		is 42 "$status" "$how"
	done
}
@test "keep=exec never costs the program its memory: what is kept is given back when the system refuses" {
	need babeltrace2
	capture ex run -s keep=exec -o trace -- "$ZOO/jit_ways" limited
	is 0 "$status"
	is 1 "$(babeltrace2 trace | grep -c ' quarantine_full: ')"
	# and such a run proves nothing
	capture ex diagnose --runs 3 --expect-status 9 --json -- "$ZOO/jit_ways" limited
	cp out json
	is "unknown none" "$(of '.verdict + " " + .status')"
	is "keep 0" "$(of '.arms[] | select(.name == "keep") | "\(.name) \(.runs)"')"
}
@test "a churn of code: as without, and read" {
	for keep in off exec; do
		capture ex run -s keep=$keep -o "trace.$keep" -- "$ZOO/jit_ways" churn 20000
		is 0 "$status"
		is "20000 20000 20000" "$(report "trace.$keep" | jq -r '.growth.by_syscall | "\(.mmap) \(.mprotect) \(.munmap)"')" "$keep"
	done
}
