# code.bash: programs that die where memory, code or a stack is not what they took it for, and what diagnose must say of each:
# for code-confusion.bats. Each row has its rivals among the others.
# shellcheck shell=bash disable=SC2154,SC2034

CODE_RUNS=4 # nearly all die each time, so that four runs of an arm exclude chance

# verdict, status, program and arguments
CODE_PROGRAMS='stack-overflow confirmed stacks main
stack-overflow confirmed stacks deep
stack-overflow confirmed stacks thread
stack-overflow confirmed stacks small
stack-overflow confirmed stacks mutual
stack-overflow confirmed stacks array
stack-overflow confirmed stacks tells
stack-overflow confirmed stacks probe
stack-overflow likely stacks jump
stack-overflow likely stacks own
stack-overflow likely stacks signal
stack-overflow likely stacks signal-low
stack-overflow likely stacks coroutine
double-unmap confirmed unmaps twice
double-unmap confirmed unmaps larger
double-unmap confirmed unmaps thread
double-unmap confirmed unmaps block
double-unmap confirmed unmaps code
double-unmap confirmed unmaps codes
dangling-code confirmed jit_stale stale
write-xor-execute likely jit_ends fetch
write-xor-execute likely jit_ends store
unloaded-module confirmed late/unloaded_callback
unloaded-module confirmed late/unloaded_thread
unloaded-module confirmed late/unloaded_sleeper
unloaded-module confirmed late/unloaded_data
heap-overflow confirmed corrupt over8
heap-overflow confirmed corrupt over4096
use-after-free confirmed each_signal list
stray-kernel-write confirmed stale clock
stray-kernel-write confirmed stale block
stray-kernel-write confirmed stale call
wild-address likely stale store
wild-address likely stale thread
wild-address likely stale own
wild-address likely stale cast
wild-address likely stale wrong
wild-address likely wild
wild-address likely wild scaled
wild-address likely wild offset
wild-address likely wild high
wild-address likely stacks lost
wild-address likely stacks beside
wild-address likely jit_ends wild
null-dereference likely nulls field
null-dereference likely nulls element
null-dereference likely nulls call
null-dereference likely nulls virtual
null-dereference likely nulls jump
null-dereference likely jit_ends null
null-dereference likely unmaps null
unknown none stacks page
unknown none stacks freed
unknown none stacks unmaps
unknown none unmaps self
unknown none unmaps gone
unknown none wild gone
unknown none wild odd
unknown none wild halt
unknown none jit_ends data
unknown none jit_ends abort
unknown none each_signal accerr
unknown none each_signal bus
unknown none each_signal assert
unknown none each_signal ill
unknown none each_signal intdiv
unknown none each_signal smashed
unknown none each_signal kill
unknown none assert_fail
healthy none unmaps harmless
healthy none jit_stale kept
healthy none jit_ends toggle'

# where the program lies, in the folder of those without symbols if it is asked for
code_place() { # PROGRAM [stripped]
	case $1 in
	late/*) echo "$ZOO/late/${2:+stripped/}${1#late/}" ;;
	*) [ -n "${2:-}" ] && echo "$STRIPPED/$1" || echo "$ZOO/$1" ;;
	esac
}

# rows of a verdict: diagnoses each and says in the file table "EXPECTED GIVEN COMMAND"; fails when one differs
code_verdict() { # VERDICT
	local expected status_expected program arguments given place failed=0 stripped
	while read -r expected status_expected program arguments <&9; do
		[ "$expected" = "$1" ] || continue
		for stripped in "" stripped; do
			place=$(code_place "$program" $stripped)
			# shellcheck disable=SC2086
			EX_DIAGNOSE_RUNS=$CODE_RUNS verdict "$place" $arguments 9<&-
			given=$(of '.verdict + " " + .status')
			echo "$expected ${given% *} $stripped $program $arguments" >>"${TABLE:-/dev/null}"
			[ "$given" = "$expected $status_expected" ] || {
				echo "$program $arguments $stripped: $given, not $expected $status_expected; $LAST"
				told
				failed=1
			}
			code_dangles "$program $arguments" || failed=1
		done
	done 9<<<"$CODE_PROGRAMS"
	return $failed
}

# no executable memory goes away in any other of them, so that dangling-code is not even looked into
code_dangles() { # COMMAND
	case $1 in
	jit_stale* | jit_ends* | "unmaps code"*) return 0 ;;
	esac
	[ "$(of .verdict)" = healthy ] && return 0
	is "no executable memory went away while the program ran" \
		"$(of '[.excluded[] | select(.verdict == "dangling-code") | .why] | join("|")')" "dangling-code of $1"
}
