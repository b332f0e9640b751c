# --json keeps its contract: docs/*.schema.json, checked by python's jsonschema.
load ../lib/zoo
setup() {
	zoo_setup
	/usr/bin/python3 -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema is missing; run: scripts/setup check"
}
teardown() { zoo_teardown; }

valid() { # SCHEMA FILE
	LAST="/usr/bin/python3 tests/lib/validate.py docs/$1.schema.json $2"
	/usr/bin/python3 "$ROOT/tests/lib/validate.py" "$ROOT/docs/$1.schema.json" "$2"
}

@test "report" {
	local n=0
	for words in "$ZOO/order_exe" "$ZOO/leave__exit" "$ZOO/leave_abort" "$ZOO/leave_quick_exit" "$ZOO/leave_signal_kill" \
		"$ZOO/null_in_handler" "$ZOO/exec_chain" "$ZOO/fork_child" "$ZOO/tls_threads" "$ZOO/threads_spin" \
		"env LD_PRELOAD=$MIMALLOC $ZOO/prof_app" "env OWNALLOC_DESTROY=1 LD_PRELOAD=$ZOO/libown_allocator.so $ZOO/prof_app"; do
		n=$((n + 1))
		# shellcheck disable=SC2086
		capture ex run -o "trace.$n" -- $words
		report "trace.$n" >json
		valid report json
	done
}
@test "report: blocks, of each kind of guard" {
	local way n=0
	kind() { is "$1" "$(jq -r '.blocks.found[0].kind' json)" "$way"; }
	guarded() { # GUARD WAY KIND
		n=$((n + 1)) way=$2
		capture ex run -s "guard=$1" -o "guarded.$n" -- "$ZOO/corrupt" "$way"
		report "guarded.$n" >json
		valid report json
		kind "$3"
	}
	guarded slack over4 behind
	is "80 0 4 78787878 80 false true" "$(jq -r '.blocks.found[0] | [.asked_bytes, .distance_bytes, .changed_bytes, .bytes[:8], .bytes_from, .is_caught, .is_certain] | join(" ")' json)"
	jq -e '.blocks.is_complete and (.blocks.found[0].owner.frames[0] | test("^give\\+"))' json
	guarded slack over4096 mark
	guarded slack twice twice
	guarded ends over4 behind
	guarded ends uaf-write freed
	is "64 give finish" "$(jq -r '.blocks.found[0] | [(.distance_bytes | tostring), (.owner, .freed_by | .frames[0] | sub("\\+.*"; ""))] | join(" ")' json)"
	guarded starts under1 before
	guarded slack sound null
	is '{"is_complete":true,"found":[]}' "$(jq -c .blocks json)"
	capture ex run -o plain -- "$ZOO/corrupt" sound
	is null "$(report plain | jq -c .blocks)"
}
@test "diagnose" {
	for words in "$ZOO/order_exe" "$ZOO/null_deref" "$ZOO/prof_app leave _exit" "$ZOO/leave_raise_segv" \
		"env MIMALLOC_DESTROY_ON_EXIT=1 LD_PRELOAD=$MIMALLOC $ZOO/prof_app"; do
		# shellcheck disable=SC2086
		capture ex diagnose --runs 2 --json -- $words
		valid diagnose out
	done
	capture ex diagnose --runs 4 --look-for heap --json -- "$ZOO/corrupt" uaf-write
	valid diagnose out
	is use-after-free "$(jq -r .verdict out)"
}
@test "compare" {
	capture ex compare --json --allocators glibc,mimalloc,jemalloc -- "$ZOO/order_exe"
	valid compare out
}
@test "doctor" {
	for words in '' "-- $ZOO/order_exe" "-- $ZOO/static_exe" '-- ./nosuchprogram'; do
		# shellcheck disable=SC2086
		capture ex doctor --json $words
		valid doctor out
		is "$status" "$(jq .status out)"
	done
}
@test "env" {
	for words in '' '-o folder -p exit-order' '-s skip=#3'; do
		# shellcheck disable=SC2086
		capture ex env --json $words
		valid env out
	done
}
@test "rerun" {
	capture ex run -o trace -s clone-at=call:fullGC -- "$ZOO/collector"
	for words in '--list trace' 'trace' '-n 2 -o again trace' '--end trace' '--list trace'; do
		# shellcheck disable=SC2086
		capture ex rerun --json $words
		valid rerun out
	done
}
@test "a document that breaks the contract is found" {
	echo '{"schema": "exeunt.report/1"}' >json
	run -1 valid report json
}
