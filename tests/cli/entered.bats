# Option enter= as the launcher fills it in: the teardown of an allocator that is linked in, which has no row of its own.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

# what enter= was for the program, "" when it was not set
filled() { babeltrace2 trace | sed -nE 's/.* image: .*options = "([^"]*)".*/\1/p' | head -n 1 | tr ' ' '\n' | sed -n 's/^enter=//p'; }
# the place of a function by a reader that is not ours
place() { # FILE SYMBOL
	echo "${1##*/}+0x$(nm "$1" | sed -n "s/^0*\([0-9a-f]*\) [tT] $2\$/\1/p")"
}
# entries as: symbol, module+offset, number, the caller's symbol, and the handler by its row
entries() {
	jq -r '.teardown as $rows | .entered[]? | . as $e | "\(.symbol) \(.module)+\(.offset) \(.n) \(.caller.symbol) \([$rows[] | select(.n == $e.handler_n) | .symbol] | join(","))"' json
}

@test "enter= is filled in: a local teardown, called by a handler and by a finalizer" {
	local program at
	for program in linked_done linked_done.fixed; do
		capture "$ZOO/$program"
		is "0 mi_process_done at_exit _mi_auto_process_done" "$status $(marks <out | xargs)" "$program alone"
		observed -s probe=on "$ZOO/$program"
		is "0 mi_process_done at_exit _mi_auto_process_done" "$status $(marks <out | xargs)" "$program"
		is "" "$(cat err)" "$program"
		at=$(place "$ZOO/$program" mi_process_done)
		is "$at" "$(filled)" "$program"
		is "mi_process_done $at 1 at_exit at_exit
mi_process_done $at 2 _mi_auto_process_done _mi_auto_process_done" "$(entries)" "$program"
		is "entered: mi_process_done ($at), entry 1, in at_exit,entered: mi_process_done ($at), entry 2, in _mi_auto_process_done" \
			"$(sed -nE 's/^(entered: \S+ \(\S+\)).* (entry [0-9]+), from (\w+)\+.*/\1, \2, in \3/p' text | paste -sd,)" "$program"
		is 0 "$(grep -c 'not honoured' text || true)" "$program"
	done
}
@test "enter= is filled in: a library beside the program" {
	observed -s probe=on "$ZOO/linked_done_beside"
	is "0 mi_process_done done_in_dso" "$status $(marks <out | xargs)"
	is "$(place "$ZOO/liblinked_done_dso.so" mi_process_done)" "$(filled)"
	is "mi_process_done $(filled) 1 done_in_dso done_in_dso" "$(entries)"
}
@test "enter= is left alone: another file of that name elsewhere is the one that is loaded" {
	mkdir other
	cp "$ZOO/linked_done_beside" "$ZOO/liblinked_done_dso.so" .
	cp liblinked_done_dso.so other
	LD_LIBRARY_PATH=$PWD/other observed -s probe=on ./linked_done_beside
	is "0 mi_process_done done_in_dso" "$status $(marks <out | xargs)"
	is " null" "$(filled) $(jq -c .entered json)"
}
@test "enter= is left alone: stripped, a script, no probe, or given" {
	observed -s probe=on "$ZOO/linked_done.stripped"
	is "0 mi_process_done at_exit _mi_auto_process_done" "$status $(marks <out | xargs)"
	is " null" "$(filled) $(jq -c .entered json)" "stripped"
	printf '#!/bin/sh\nexec %s\n' "$ZOO/linked_done" >script
	chmod +x script
	observed -s probe=on ./script
	is "0  null" "$status $(filled) $(jq -c .entered json)" "script"
	observed "$ZOO/linked_done"
	is "0  null" "$status $(filled) $(jq -c .entered json)" "no probe"
	observed -s probe=on -s "enter=$(place "$ZOO/linked_done" main)" "$ZOO/linked_done"
	is "0 $(place "$ZOO/linked_done" main)" "$status $(filled)" "given"
	is "main 1" "$(jq -r '.entered[] | "\(.symbol) \(.n)"' json)" "given"
}
@test "a crash in an instruction that was moved is told where the program has it" {
	observed -s probe=on "$ZOO/linked_done_null"
	is 139 "$status"
	is "mi_process_done 1 at_exit" "$(jq -r '.entered[] | "\(.symbol) \(.n) \(.caller.symbol)"' json)"
	is "$(place "$ZOO/linked_done_null" mi_process_done) mi_process_done at_exit" \
		"$(jq -r '.crash.stack | "\(.[0].module)+\(.[0].offset) \(.[0].symbol) \(.[1].symbol)"' json)"
}
@test "the timeline is the same with and without it" {
	local rows='[.teardown[] | "\(.n) \(.kind) \(.symbol)"] | join(",")' without
	observed "$ZOO/linked_done"
	without=$(jq -r "$rows" json)
	observed -s probe=on "$ZOO/linked_done"
	is "$without" "$(jq -r "$rows" json)"
}
