# Verdicts on programs under gVisor, from outside the sandbox: each with its confirming arms, its control and a rival cause. With
# Debian's runsc on the ptrace platform; with another one too (EX_RUNSC=PATH), on systrap and ptrace.
load ../lib/zoo
load ../lib/verdicts
load ../lib/growth
setup() {
	zoo_setup
	need runsc
}
teardown() { zoo_teardown; }

# where debian|systrap|ptrace: the sandbox that runs from then on; the reason is printed where it cannot be had
where() {
	local runsc=runsc platform=ptrace
	if [ "$1" != debian ]; then
		[ -n "${EX_RUNSC:-}" ] || skip "EX_RUNSC=PATH does not say where another runsc is"
		runsc=$EX_RUNSC platform=$1
	fi
	INSIDE=("$runsc" "--platform=$platform" --network=none --ignore-cgroups do -force-overlay=false)
	timeout 60 "${INSIDE[@]}" true </dev/null >probe 2>&1 || skip "$runsc does not start here on $platform: $(tail -1 probe)"
}
# diagnosed RUNS COMMAND…: from outside, into the file json
diagnosed() {
	local runs=$1
	shift
	capture ex diagnose --runs "$runs" --timeout 5m --budget 60m --json -- "${INSIDE[@]}" "$@"
	cp out json
	jq -e .verdict json >/dev/null || { cat err out; return 1; }
	"$PYTHON" "$ROOT/tests/lib/validate.py" "$ROOT/docs/diagnose.schema.json" json
}
# arm NAME: its role, runs and bad ones
arm() { of ".arms[] | select(.name == \"$1\") | \"\(.role) \(.runs) \(.bad)\""; }
excluded() { of ".excluded[] | select(.verdict == \"$1\") | .why"; }
has() { [[ $1 == *$2* ]] || { echo "not in it: $2"; echo "$1"; return 1; }; }
verdict_is() { is "$1" "$(of '.verdict + " " + .status')" || { told; return 1; }; }
# one run from outside, into the folder trace and the file json
outside() { # [-s KEY=VALUE] -- COMMAND…
	local settings=()
	while [ "$1" = -s ]; do
		settings+=(-s "$2")
		shift 2
	done
	shift
	rm -rf trace
	capture ex run "${settings[@]}" -o trace -- "${INSIDE[@]}" "$@"
	report trace >json
	ex report trace >text
	"$PYTHON" "$ROOT/tests/lib/validate.py" "$ROOT/docs/report.schema.json" json
}

# three runs of each arm are enough: 6 bad untreated ones against 3 good ones, three times, are p = 0.036
exhausted() {
	where "$1"
	diagnosed 3 "$ZOO/grow_threads" 4 400
	verdict_is "host-mapping-exhaustion confirmed"
	is 0 "$status"
	is "baseline 3 3" "$(arm baseline)"
	is "confirm 3 0" "$(arm step)" "grow-step=2M cures"
	is "confirm 3 0" "$(arm rescue)" "rescue cures, which would cure no race"
	if [ -n "$(arm ballast)" ]; then
		echo "serialize=growth alone: $(arm serialize)"
		is "control 3 3" "$(arm ballast)" "one thread at a time, with ballast"
		is "confirm 3 0" "$(arm both)" "the ballast alone is not what kills"
		jq -e '.arms[] | select(.name == "ballast") | .treatment | test("^serialize=growth ballast=[0-9]+$")' json
	else
		is "control 3 3" "$(arm serialize)" "one thread at a time"
	fi
	has "$(of '.evidence[] | select(.id == "serialize") | .text')" "no race between threads that grow"
	has "$(of '.evidence[] | select(.id == "mapping") | .text')" "readable and writable"
	has "$(excluded misreported-fault-code)" "no page without access"
	has "$(excluded wild-address)" "readable and writable"
	jq -e '[.advice[] | select(test("grow-step=2M"))] | length == 1' json
}
@test "growth in turn between arenas: host-mapping-exhaustion" { exhausted debian; }
@test "growth in turn between arenas, another runsc, systrap" { exhausted systrap; }
@test "growth in turn between arenas, another runsc, ptrace" { exhausted ptrace; }

misreported() { # HOW-IT-ENDS
	where debian
	diagnosed 3 "$ZOO/sicode" "$1"
	verdict_is "misreported-fault-code confirmed"
	is "baseline 3 3" "$(arm baseline)"
	is "confirm 3 0" "$(arm code)"
	is "control 3 3" "$(arm step)"
	has "$(of '.evidence[] | select(.id == "mapping") | .text')" "without access"
	has "$(excluded host-mapping-exhaustion)" "without access"
}
@test "a handler that trusts the code, and aborts: misreported-fault-code" { misreported abort; }
@test "the same, which makes the access again by the default action" { misreported again; }
@test "the same, which sends the signal again" { misreported signal; }
@test "a handler that ends the process whatever the code: not that" {
	where debian
	diagnosed 3 "$ZOO/sicode" always
	verdict_is "unknown none"
	is 3 "$status"
	has "$(excluded misreported-fault-code)" "should have cured it and did not"
}
healthy_sicode() {
	where "$1"
	diagnosed 3 "$ZOO/sicode"
	verdict_is "healthy none"
}
@test "a handler that trusts the code, another runsc, systrap: healthy" { healthy_sicode systrap; }
@test "a handler that trusts the code, another runsc, ptrace: healthy" { healthy_sicode ptrace; }

stray() {
	where "$1"
	diagnosed 3 "$ZOO/wild"
	verdict_is "wild-address likely"
	has "$(of .cause)" "860 MiB past the end of 0x200000000000-0x200000400000"
	has "$(of '.evidence[] | select(.id == "register") | .text')" "holds 0x200000000000, the first byte of that mapping"
	has "$(excluded host-mapping-exhaustion)" "the map has nothing at the faulting address"
	has "$(excluded misreported-fault-code)" "no page without access"
	outside -- "$ZOO/wild" again
	is "wild-address" "$(of '.suspects[].verdict')" "seen by a handler of its own"
	outside -- "$ZOO/wild" gone
	is "" "$(of '.suspects[].verdict')" "gone"
	grep -q '^  not wild-address: ' text
	outside -- "$ZOO/wild" stack
	is "stack-overflow" "$(of '.suspects[].verdict')" "stack"
}
@test "860 MiB past a mapping: wild-address" { stray debian; }
@test "860 MiB past a mapping, another runsc, systrap" { stray systrap; }
@test "860 MiB past a mapping, another runsc, ptrace" { stray ptrace; }

# without the library's handlers nothing inside sees a death by a signal, as when the Sentry panics
unseen() {
	where "$1"
	outside -s signals=no -- "$ZOO/grow_threads" 4 400
	is vanished "$(of .end.kind)" || { cat text err; return 1; }
	is host-mapping-exhaustion "$(of '.suspects[].verdict')" || { cat text; return 1; }
	is null "$(of '.suspects[].doubt')"
	grep -q 'nothing is confirmed; exeunt diagnose tries it' text
	# the same death, with few mappings
	outside -s signals=no -- "$ZOO/wild"
	is vanished "$(of .end.kind)"
	is "" "$(of '.suspects[].verdict')"
	has "$(cat text)" "not host-mapping-exhaustion: nothing inside saw its end, but its growth took only about"
}
@test "a death that nothing inside saw: by the number of mappings" { unseen debian; }
@test "a death that nothing inside saw, another runsc, systrap" { unseen systrap; }
@test "a death that nothing inside saw, another runsc, ptrace" { unseen ptrace; }

# sentry: processes of the sandbox that this shell's child PID started, the Sentry among them
below() {
	local child
	for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
		echo "$child"
		below "$child"
	done
}
@test "kill -9 of the Sentry with few mappings: no verdict of exhaustion" {
	where debian
	"$EXEUNT_COMMAND" run -o trace -- "${INSIDE[@]}" sleep 300 </dev/null >out 2>err &
	local pid=$! sentry=
	for _ in $(seq 300); do
		sentry=$(for p in $(below $pid); do grep -lz '^boot$' /proc/"$p"/cmdline 2>/dev/null; done | sed 's|/proc/||; s|/.*||' | head -1)
		[ -z "$sentry" ] || ! babeltrace2 trace 2>/dev/null | grep -q ' main_begin: ' || break
		sleep 0.1
	done
	[ -n "$sentry" ]
	kill -9 "$sentry"
	wait $pid || true
	report trace >json
	ex report trace >text
	is vanished "$(of .end.kind)" || { cat text; return 1; }
	is "" "$(of '.suspects[].verdict')"
	has "$(cat text)" "not host-mapping-exhaustion: nothing inside saw its end, but its growth took only about"
}

@test "every thread at the death: its function, its arena" {
	where debian
	outside -- "$ZOO/grow_threads" 8 300
	is 9 "$(of '.crash.threads | length')" || { cat text; return 1; }
	# each of the eight grew an arena of its own, and most of them were at the same statement
	is 8 "$(of '[.crash.threads[].arena | select(. != null and . != "main")] | unique | length')"
	is true "$(of '.crash.threads[0] | .died and .symbol == .stack[0].symbol')"
	same=$(of '.crash.threads[0].offset as $at | [.crash.threads[] | select(.offset == $at)] | length')
	echo "$same of 9 threads at one statement"
	[ "$same" -ge 4 ]
	has "$(of '.crash.explained[0]')" "the sandbox's host refused memory"
}
