# Under gVisor, inside the sandbox: copies are made and run on as elsewhere; around one they are refused. Debian's runsc with
# ptrace; EX_RUNSC=PATH: another one too, with systrap and ptrace.
load ../lib/zoo
load ../lib/sandbox
setup() {
	zoo_setup
	sandbox_platforms
}
teardown() { zoo_teardown; }

inside() { # RUNSC PLATFORM COMMAND…
	LAST="$1 --platform=$2 --network=none --ignore-cgroups do -force-overlay=false ${*:3}"
	timeout 120 "$1" "--platform=$2" --network=none --ignore-cgroups do -force-overlay=false "${@:3}" </dev/null 2>err | cat >out
}

@test "from before the fatal pass it fails ten times of ten" {
	cat >job <<END
#!/bin/sh
$EXEUNT_COMMAND run -o trace -s clone-at=call:fullGC -- $ZOO/collector
$EXEUNT_COMMAND rerun --json -n 10 trace >json
$EXEUNT_COMMAND rerun --end trace
END
	chmod +x job
	for platform in "${PLATFORMS[@]}"; do
		rm -rf trace json
		# shellcheck disable=SC2086
		inside $platform ./job
		is '[[10,"SIGSEGV","slide"]]' "$(jq -c '[.runs[] | [.signal, .place.symbol]] | group_by(.) | map([length] + .[0])' json)" "$platform"
	done
}
@test "the program sees no difference" {
	for platform in "${PLATFORMS[@]}"; do
		rm -rf trace
		# shellcheck disable=SC2086
		inside $platform sh -c "$ZOO/watchful; true"
		cp out plain
		# shellcheck disable=SC2086
		inside $platform sh -c "$EXEUNT_COMMAND run -o trace -s clone-at=call:step -- $ZOO/watchful; true"
		is "$(cat plain)" "$(cat out)" "$platform"
		is 11 "$($EXEUNT_COMMAND rerun --list --json trace | jq '.clones | length')" "$platform"
	done
}
@test "around a sandbox: refused, with what to do" {
	run -125 ex run -s clone-at=growth -- runsc do -force-overlay=false true
	[[ $output == *"copies end with the sandbox of runsc do; run exeunt inside of it"* ]]
}
