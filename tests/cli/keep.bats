# Treatments keep=exec and keep=always: what was unmapped is not given out again, what else the program does stays as it is.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

# kept SETTINGS HOW: what zoo/keeps prints, in one line
kept() {
	local words=() word
	for word in $1; do words+=(-s "$word"); done
	rm -rf trace
	capture ex run "${words[@]}" -o trace -- "$ZOO/keeps" "$2"
	is "0 " "$status $(cat err)"
	paste -sd'|' out
}
events() { babeltrace2 trace | grep -c " $1: " || true; }

@test "off: all of it can be had again" {
	is "data: free" "$(kept "" data)"
	is "code: free" "$(kept "" code)"
	is "before: free|code: free|behind: free" "$(kept "" part)"
}
@test "exec: code, or what was code once; data is given back" {
	need babeltrace2
	is "data: free" "$(kept keep=exec data)"
	kept keep=exec data >/dev/null
	is 0 "$(events quarantined)"
	is "code: taken" "$(kept keep=exec code)"
	is "once: taken" "$(kept keep=exec once)"
	is "before: free|code: taken|behind: free" "$(kept keep=exec part)"
	kept keep=exec part >/dev/null
	is 1 "$(events quarantined)"
}
@test "always: whatever it was" {
	is "data: taken" "$(kept keep=always data)"
	is "code: taken" "$(kept keep=always code)"
	is "before: taken|code: taken|behind: taken" "$(kept keep=always part)"
}
@test "moved by mremap, mapped over by MAP_FIXED" {
	is "where it was: taken|where it went: taken" "$(kept keep=exec moved)"
	is "data over code: free" "$(kept keep=exec fixed)"
	is "data over code: taken" "$(kept keep=always fixed)"
	is "data over code: free" "$(kept keep=exec again)"
}
@test "given back twice: told, and no error, as without" {
	need babeltrace2
	is "code: free" "$(kept "" twice)"
	is "code: taken" "$(kept keep=exec twice)"
	kept keep=exec twice >/dev/null
	is "1 1" "$(events quarantined) $(events stale_unmap)"
	is "code: taken|hole: taken|code: taken" "$(kept keep=exec hole)"
}
@test "a fork child keeps its own" {
	is "in the child: free|in the parent: taken|in the parent: free" "$(kept "" child)"
	is "in the child: taken|in the parent: taken|in the parent: taken" "$(kept keep=exec child)"
}
@test "a budget, told when it is reached" {
	need babeltrace2
	is "code: free" "$(kept "keep=exec keep-limit=1K" code)"
	kept "keep=exec keep-limit=1K" code >/dev/null
	is "0 1" "$(events quarantined) $(events quarantine_full)"
	is "before: free|code: taken|behind: free" "$(kept "keep=exec keep-limit=4K" part)"
}
@test "the stale call faults, also where the next function got the address" {
	for how in stale reuse; do
		capture ex run -s keep=exec -o "trace.$how" -- "$ZOO/jit_stale" "$how"
		is 139 "$status" "$how"
		# the pointer that was called is in what was kept
		is 1 "$(babeltrace2 "trace.$how" | /usr/bin/python3 -c '
import re, sys
text = sys.stdin.read()
kept = re.search(r" quarantined: .*? begin = (\w+), end = (\w+)", text)
crash = re.search(r" crash: .*? address = (\w+), pc = (\w+)", text)
begin, end, address, pc = (int(n, 0) for n in kept.groups() + crash.groups())
print(int(begin <= pc < end and address == pc))')" "$how"
	done
	capture ex run -o trace.off -- "$ZOO/jit_stale" reuse
	is 7 "$status"
	capture ex run -s keep=exec -o trace.kept -- "$ZOO/jit_stale" kept
	is "0 42" "$status $(cat out)"
}
@test "profile jit: the same, and the run is told" {
	capture ex run -p jit -o trace -- "$ZOO/jit_stale" reuse
	is 139 "$status"
	report trace >json
	is "dangling-code" "$(jq -r '.suspects[].verdict' json)"
}
@test "programs that map and unmap print the same" {
	for program in grow_odd grow_mmap grow_trim grow_churn "grow_threads 8 32 free" grow_mix grow_forks grow_signals; do
		# shellcheck disable=SC2086
		"$ZOO/"$program >plain
		for keep in exec always; do
			# shellcheck disable=SC2086
			capture ex run -s keep=$keep -o "trace.$keep.${program%% *}" -- "$ZOO/"$program
			is "0 $(cat plain)" "$status $(cat out)" "$program, keep=$keep"
		done
	done
}
