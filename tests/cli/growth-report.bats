# What report says about growth: its sums hold, the kernel agrees, and whose memory it is has a name.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

# grown SETTINGS PROGRAM…: runs it into trace, its report into json
grown() {
	local words=() word
	for word in $1; do words+=(-s "$word"); done
	shift
	rm -rf trace
	capture ex run "${words[@]}" -o trace -- "$@"
	is "0 " "$status $(cat err)" "status and standard error of $*"
	report trace >json
}
of() { jq -r "$1" json; }
text() { # the growth section for people
	LAST="$EXEUNT_COMMAND report trace"
	"$EXEUNT_COMMAND" report trace | sed -n '/^growth/,$p'
}
holds() { # JQ-CONDITION
	jq -e ".growth | $1" json >/dev/null && return
	echo "does not hold: $1"
	jq '.growth | del(.over_time)' json
	return 1
}
valid() {
	/usr/bin/python3 -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema is missing; run: scripts/setup check"
	/usr/bin/python3 "$ROOT/tests/lib/validate.py" "$ROOT/docs/report.schema.json" json
}

@test "the sums hold, and the contract" {
	for words in "$ZOO/grow_threads 4 8" "$ZOO/grow_trim" "$ZOO/grow_mmap" "$ZOO/grow_retry" "$ZOO/grow_churn"; do
		# shellcheck disable=SC2086
		grown "" $words
		holds '.observed'
		holds '([.by_class[]] | add) == ([.by_syscall[]] | add)'
		holds '([.arenas[].growths] | add) == .arena_growths + ([.arenas[].failed] | add)'
		holds '([.over_time[].growths] | add) == .growths'
		holds '([.over_time[].bytes] | add) == .grown_bytes'
		holds '([.arenas[].waits] | add) == .waits.arena'
		holds '.over_time[-1].committed_bytes == ([.arenas[].committed_bytes] | add) + .mmap_chunks.live_bytes'
		holds '[.arenas[] | .committed_bytes <= .peak_committed_bytes] | all'
		holds '.switches < .arena_growths and .host_mappings_estimate <= .host_mappings_worst'
		valid
	done
}
@test "each arena has what the kernel says it has" {
	grown "" "$ZOO/tells_heaps"
	is "$(sort out)" "$(of '.growth.arenas[] | (if .arena == "main" then "main" else (.arena | sub("030$"; "000")) end) + " \(.committed_bytes)"' | sort)" \
		"bytes by heap: the kernel (left), the report (right)"
	is 4 "$(wc -l <out)"
	is "1 1 1 1" "$(of '[.growth.arenas[].threads] | join(" ")')"
	is "0 1 1 1" "$(of '[.growth.arenas[].heaps] | join(" ")')"
}
@test "as text" {
	grown "" "$ZOO/grow_threads" 4 64
	text >section
	is "$(of '.growth.growths')" "$(sed -nE 's/^growth: ([0-9]+) growths.*/\1/p' section)"
	is "$(of '.growth.arenas[] | "\(.arena) \(.threads) \(.growths) \(.waits)"')" \
		"$(sed -nE 's/^  (main|0x[0-9a-f]+) +([0-9]+) +[0-9.]+ .?i?B +[0-9.]+ .?i?B +([0-9]+) +([0-9]+).*/\1 \2 \3 \4/p' section)" "rows: json (left), text (right)"
	grep -qE 'switches: [0-9]+ of [0-9]+ growths' section
	# said where it matters only
	is "$(of '.growth | select(.host_mappings_worst > 1000) | .host_mappings_estimate')" \
		"$(sed -nE 's/.*under gVisor this takes about ([0-9]+) host mappings.*/\1/p' section)"
	# no character of more than one byte where the user's language has none
	LC_ALL=C "$EXEUNT_COMMAND" report trace | sed -n '/^growth/,$p' >plain
	is 0 "$(LC_ALL=C grep -c '[^ -~]' plain)" "lines with other than ASCII"
	LC_ALL=C.UTF-8 "$EXEUNT_COMMAND" report trace | grep -q '█'
}
@test "one arena for all: one row, no switch, no more mappings" {
	grown "arenas=1" "$ZOO/grow_threads" 4 8
	is "main" "$(of '.growth.arenas[].arena')"
	is "0 1" "$(of '.growth | "\(.switches) \(.host_mappings_estimate)"')"
}
@test "waits: as many as events, each percentile a wait that took place" {
	need babeltrace2
	grown "" "$ZOO/grow_wait" 4
	babeltrace2 trace >bt
	is "$(grep -c ' wait: .*kind = ( "arena"' bt)" "$(of .growth.waits.arena)"
	[ "$(of .growth.waits.arena)" -gt 0 ]
	holds '[.arenas[] | select(.waits > 0) | .wait_ns.p50 <= .wait_ns.p99 and .wait_ns.p99 <= .wait_ns.max and .wait_total_ns >= .wait_ns.max] | all'
}
@test "what a treatment refused is no system call" {
	grown "" "$ZOO/grow_brk" 4 1
	local calls
	calls=$(of .growth.by_class.'"brk-extend"')
	grown "fail=growth:ENOMEM@3+2" "$ZOO/grow_brk" 4 1
	is "2 2 2" "$(of '.growth | "\(.refused_by_treatment) \(.failed.count) \(.failed.by_errno.ENOMEM)"')"
	holds '([.by_class[]] | add) == ([.by_syscall[]] | add) and .growths >= .refused_by_treatment'
	[ "$calls" -gt 4 ]
	text | grep -q '2 growths were refused (ENOMEM), the first at .*; 2 of them by treatment fail'
}
@test "growth=no: nothing observed, and not a word" {
	grown "growth=no" "$ZOO/grow_threads" 2 1
	holds '.observed == false and .growths == 0 and .arenas == [] and .hooks == []'
	is "" "$(text)"
	valid
}

@test "another allocator, preloaded: its module, name and version" {
	for name in mimalloc jemalloc; do
		local library="$MIMALLOC"
		[ $name = mimalloc ] || library=libjemalloc.so.2
		grown "" env LD_PRELOAD="$library" "$ZOO/grow_threads" 2 4
		is "$library $name module" "$(of '[.growth.by_module[] | select(.allocator)] | .[0] | "\(.module) \(.allocator) \(.by)"')"
		is "$(of '.allocators[0].version')" "$(of '[.growth.by_module[] | select(.allocator)] | .[0].version')"
		holds '.by_class["other-grow"] > 0 and .arenas == []'
	done
}
linked() { # PROGRAM: lines MODULE ALLOCATOR VERSION BY of its own calls
	grown "" "$ZOO/$1"
	of '.growth.by_module[] | select(.module | startswith("linked")) | "\(.module) \(.allocator) \(.version) \(.by)"'
}
@test "jemalloc linked in: by function; stripped: the module is all that is known" {
	need_file "$ZOO/linked_jemalloc"
	is "$(printf '%s\n' "linked_jemalloc jemalloc 5.3.0 function" "linked_jemalloc null null function")" "$(linked linked_jemalloc)"
	is "jemalloc 5.3.0 static linked_jemalloc" "$(of '.allocators[0] | "\(.name) \(.version) \(.how) \(.module)"')"
	is 1048576 "$(of '.growth.by_module[] | select(.allocator == null and .module == "linked_jemalloc").grown_bytes')" "the program's own bytes"
	is "linked_jemalloc.stripped null null module" "$(linked linked_jemalloc.stripped)"
}
@test "mimalloc linked in: by function; stripped: the module is all that is known" {
	is "$(printf '%s\n' "linked_mimalloc mimalloc 2.3.2 function" "linked_mimalloc null null function")" "$(linked linked_mimalloc)"
	is "3 3145728 1048576 1 4096 0" "$(of '[.growth.by_module[] | select(.module == "linked_mimalloc") | .calls, .grown_bytes, .released_bytes] | join(" ")')"
	is "linked_mimalloc.stripped null null module" "$(linked linked_mimalloc.stripped)"
	is "4 3149824 1048576" "$(of '[.growth.by_module[] | select(.module == "linked_mimalloc.stripped") | .calls, .grown_bytes, .released_bytes] | join(" ")')"
}
@test "a fork child: its own calls, its parent's arenas" {
	grown "" "$ZOO/grow_forks" 2
	local parent child
	parent=$(of .pid)
	child=$(of "[.processes[] | select(.pid != $parent and (.exe | endswith(\"grow_forks\")))][0].pid")
	report --pid "$child" trace >json
	# it takes 256 KiB of small blocks; how many of them the heap that it inherits has room for is chance
	holds '.observed and .grown_bytes < 1048576 and ([.arenas[] | select(.heaps > 0)] | length) > 0'
	valid
}
