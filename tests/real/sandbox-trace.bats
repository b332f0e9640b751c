# Traces survive a gVisor sandbox, however it ends, and exeunt outside reads them: the program prints a number for each event
# that it makes, through a pipe, and the trace has as many. EX_RUNSC=PATH: a second runsc, tried with systrap too.
load ../lib/zoo
FLAGS=(--network=none --ignore-cgroups)
DO=(do -force-overlay=false)
setup() {
	zoo_setup
	need runsc
	need babeltrace2
	need jq
	PLATFORMS=("runsc --platform=ptrace")
	if [ -n "${EX_RUNSC:-}" ]; then
		PLATFORMS+=("$EX_RUNSC --platform=systrap")
	else
		echo "EX_RUNSC=PATH is not set: only with Debian's runsc, ptrace" >&3
	fi
	timeout 60 runsc --platform=ptrace "${FLAGS[@]}" "${DO[@]}" true </dev/null >probe 2>&1 || skip "runsc does not start here: $(tail -1 probe)"
	cat >counts.c <<'END'
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
/* one growth of 69632 bytes, then its number on standard output; after N of them it dies by itself, or goes on slowly */
int main(int argc, char **argv)
{
	int most = atoi(argv[1]);
	for (int n = 1;; n++) {
		char line[16];
		int bytes = 0;
		mmap(0, 69632, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		for (int rest = n; rest; rest /= 10)
			memmove(line + 1, line, ++bytes), line[0] = (char)('0' + rest % 10);
		line[bytes++] = '\n';
		if (write(1, line, bytes) != bytes)
			return 1;
		if (n == most && argc > 2)
			kill(getpid(), atoi(argv[2]));
		if (n >= most)
			usleep(20000);
	}
}
END
	gcc -O1 -w -o counts counts.c
}
teardown() { zoo_teardown; }

# outside TRACE COMMAND…: observed from outside, in each sandbox; output through a pipe
outside() {
	local trace=$1
	shift
	LAST="$EXEUNT_COMMAND run -o $trace -- $RUNSC ${FLAGS[*]} ${DO[*]} $*"
	# shellcheck disable=SC2086
	timeout 300 "$EXEUNT_COMMAND" run -o "$trace" -- $RUNSC "${FLAGS[@]}" "${DO[@]}" "$@" </dev/null 2>err | cat >printed || true
	status=${PIPESTATUS[0]}
}
# the trace opens in babeltrace2 and has an event for each number that came out; one more may have been made
whole() {
	babeltrace2 "$1" >events
	local made
	made=$(grep -c ' growth: .* bytes = 69632' events)
	[ "$made" -eq "$(tail -1 printed)" ] || [ "$made" -eq $(($(tail -1 printed) + 1)) ] || { echo "events $made, printed $(tail -1 printed)"; return 1; }
	is "$(wc -l <events)" "$(report "$1" | jq .events)" "events: babeltrace2, report"
	is 0 "$(report "$1" | jq .lost)"
}
descendants() {
	local child
	for child in $(pgrep -P "$1"); do
		echo "$child"
		descendants "$child"
	done
}
# the Sentry: the descendant that was started as "boot"
sentry() {
	local pid
	for pid in $(descendants "$1"); do
		if tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -qx boot; then
			echo "$pid"
			return
		fi
	done
}
# ended SIGNAL TRACE: a sandbox whose Sentry gets the signal while the program goes on
ended() {
	: >printed
	# shellcheck disable=SC2086
	"$EXEUNT_COMMAND" run -o "$2" -- $RUNSC "${FLAGS[@]}" "${DO[@]}" ./counts 200 </dev/null 2>err > >(cat >printed) &
	local launcher=$!
	until [ "$(wc -l <printed)" -ge 210 ]; do
		kill -0 $launcher
		sleep 0.1
	done
	kill "-$1" "$(sentry $launcher)"
	status=0
	wait $launcher || status=$?
	sleep 0.3 # of cat: the pipe has been closed
}

@test "the program is killed" {
	for RUNSC in "${PLATFORMS[@]}"; do
		rm -rf t
		outside t ./counts 500 9
		is 137 "$status" "$RUNSC"
		is 500 "$(tail -1 printed)"
		whole t
		is vanished "$(report t | jq -r .end.kind)"
		ex report t | grep -q "runsc ended with status 137: the process, or gVisor's Sentry, was killed"
	done
}
@test "the program dies of a signal that it sends itself" {
	for RUNSC in "${PLATFORMS[@]}"; do
		rm -rf t
		outside t ./counts 500 11
		is 139 "$status" "$RUNSC"
		whole t
		is "signal SIGSEGV" "$(report t | jq -r '"\(.end.kind) \(.end.signal)"')"
	done
}
@test "kill -9 of the Sentry" {
	for RUNSC in "${PLATFORMS[@]}"; do
		rm -rf t
		ended KILL t
		is 137 "$status" "$RUNSC"
		whole t
		is vanished "$(report t | jq -r .end.kind)"
		ex report t | head -1 | grep -q "vanished: nothing inside saw its end; runsc ended with status 137"
		is "" "$(descendants $$ | while read -r pid; do tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep runsc; done)" "left over"
	done
}
@test "the host has no mappings left" {
	for RUNSC in "${PLATFORMS[@]}"; do
		rm -rf t
		outside t "$ZOO/grow_threads" 4 400
		[ "$status" = 139 ] || [ "$status" = 2 ]
		babeltrace2 t >events
		is "$(wc -l <events)" "$(report t | jq .events)"
		# each of the four may want one more file at that moment, which the host cannot map: it is counted
		report t | jq -e '.lost <= 4 and .growth.host_mappings_estimate > 50000 and (.end.kind == "signal" or .end.kind == "vanished")'
		is grow_threads "$(report t | jq -r '.processes[-1].exe | sub(".*/"; "")')"
		rm -rf t
		outside t true
		is "0 true" "$status $(report t | jq -r '.processes[-1].exe | sub(".*/"; "")')"
	done
}
@test "the Sentry panics" {
	# host mappings until few are left, then each munmap in the middle of memory asks the host for one more: when that is
	# refused, gVisor gives up (both versions, ptrace and systrap)
	cat >splits.c <<'END'
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
int main(void)
{
	size_t page = 4096, made = 64000, splits = 3000;
	char *one = mmap(0, made * 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *whole = mmap(0, splits * 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (size_t n = 0; n < splits * 2; n++)
		whole[n * page] = 1;
	for (size_t n = 0; n < made; n++) {
		mprotect(one + n * 2 * page, page, PROT_READ | PROT_WRITE);
		one[n * 2 * page] = 1;
	}
	for (size_t n = 0; n < splits; n++) {
		char line[32];
		munmap(whole + (n * 2 + 1) * page, page);
		write(1, line, snprintf(line, sizeof(line), "%zu\n", n + 1));
	}
	return 0;
}
END
	gcc -O1 -w -o splits splits.c
	for RUNSC in "${PLATFORMS[@]}"; do
		rm -rf t
		outside t ./splits
		is 2 "$status" "$RUNSC: $(tail -1 printed)"
		babeltrace2 t >events
		# the one that it died in may be there, or not
		made=$(grep -c ' growth: .*"munmap"' events)
		[ "$made" -eq "$(grep -cx '[0-9]*' printed)" ] || [ "$made" -eq $(($(grep -cx '[0-9]*' printed) + 1)) ]
		is "$(wc -l <events) 0" "$(report t | jq -r '"\(.events) \(.lost)"')"
		is vanished "$(report t | jq -r .end.kind)"
		ex report t | head -1 | grep -q "runsc ended with status 2, as when gVisor's Sentry panics"
	done
}
@test "many threads in systrap: silent, or the Sentry panics" {
	[ -n "${EX_RUNSC:-}" ] || skip "EX_RUNSC=PATH is not set"
	RUNSC="$EX_RUNSC --platform=systrap"
	outside t "$ZOO/grow_threads" 16 512
	echo "status $status: $(report t | jq -r .end.kind)"
	[ "$status" = 139 ] || [ "$status" = 2 ]
	is "$(babeltrace2 t | wc -l)" "$(report t | jq .events)"
	report t | jq -e '.lost <= 16 and .growth.host_mappings_estimate > 50000'
}
@test "in the default overlay nothing is kept: refused, and what it says to do works" {
	RUNSC=${PLATFORMS[0]}
	# shellcheck disable=SC2086
	capture ex run -o t -- $RUNSC "${FLAGS[@]}" do ./counts 5 9
	is 125 "$status"
	[ ! -e t ]
	eval "$EXEUNT_COMMAND run -o t -- $(sed -n 's/.*run it with: //p' err)" </dev/null 2>err | cat >printed
	whole t
}
@test "an OCI bundle, by the script of docs/gvisor.md" {
	sed -n '/^```sh$/,/^```$/p' "$ROOT/docs/gvisor.md" | sed '1d;$d' >observed
	[ "$(wc -l <observed)" -le 60 ]
	export EXEUNT_CLI=$EXEUNT_COMMAND RUNSC RUNSC_FLAGS
	for RUNSC in "${PLATFORMS[@]}"; do
		RUNSC_FLAGS="${RUNSC#* } ${FLAGS[*]}"
		[ "$RUNSC" = "${PLATFORMS[0]}" ] || RUNSC_FLAGS="$RUNSC_FLAGS --overlay2=none"
		RUNSC=${RUNSC%% *}
		LAST="RUNSC=$RUNSC RUNSC_FLAGS='$RUNSC_FLAGS' sh observed t / $WORK/counts 300 9"
		rm -rf t
		timeout 60 sh observed t / "$WORK/counts" 300 9 </dev/null 2>err | cat >printed
		is 137 "${PIPESTATUS[0]}" "$(tail -2 err)"
		is 300 "$(tail -1 printed)"
		whole t
		is vanished "$(report t | jq -r .end.kind)"
		rm -rf t
		SETTINGS="growth=no crash-threads=no" timeout 60 sh observed t / /bin/sh -c 'exit 3' </dev/null 2>err | cat >printed
		is 3 "${PIPESTATUS[0]}"
		is "_exit 3 0" "$(report t | jq -r '"\(.end.kind) \(.end.status) \(.growth.calls // 0)"')"
	done
}
@test "commands of docs/gvisor.md" {
	mkdir bin
	printf '#!/bin/sh\nexec "%s" "$@"\n' "$EXEUNT_COMMAND" >bin/exeunt
	# runsc as this machine can run it
	cat >bin/runsc.c <<'END'
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	char **words = calloc(argc + 3, sizeof(*words));
	words[0] = argv[0];
	words[1] = "--platform=ptrace";
	words[2] = "--ignore-cgroups";
	for (int n = 1; n < argc; n++)
		words[n + 2] = argv[n];
	execv(REAL, words);
	return 127;
}
END
	gcc -static -DREAL="\"$(type -P runsc)\"" -o bin/runsc bin/runsc.c
	chmod +x bin/exeunt
	cp "$(type -P true)" app
	PATH=$WORK/bin:$PATH
	awk '/^```/ { is_open = !is_open; is_plain = is_open && $0 == "```"; next } is_plain' "$ROOT/docs/gvisor.md" | grep -E '^(exeunt|runsc) .*' | grep -v ' doctor$\|/tmp/t$' | sed "s|/home/you/t|$WORK/inside|" >commands
	[ "$(wc -l <commands)" -ge 7 ]
	while read -r command; do
		LAST=$command
		rm -rf t inside exeunt.runsc.*
		if [[ $command = "exeunt report "* ]]; then
			mv last t
		fi
		timeout 300 sh -c "$command" </dev/null >out 2>err || { echo "$command:"; cat err; return 1; }
		rm -rf last
		for trace in t inside exeunt.runsc.*; do [ ! -d "$trace" ] || cp -r "$trace" last; done
		if [[ $command = *" diagnose "* ]]; then
			grep -q '^healthy' out
			exeunt run -o last -- runsc --network=none do -force-overlay=false ./app </dev/null
		fi
	done <commands
	runsc --network=none do exeunt doctor </dev/null | cat >out
	grep -q '^note *gvisor *runs under gVisor: ' out
	grep -q '^note *traces *what is written in the working directory is gone with the sandbox' out
}
@test "doctor inside measures the host's limit" {
	for RUNSC in "${PLATFORMS[@]}"; do
		LAST="$RUNSC ${FLAGS[*]} ${DO[*]} $EXEUNT_COMMAND doctor --host-mappings --json"
		# shellcheck disable=SC2086
		timeout 300 $RUNSC "${FLAGS[@]}" "${DO[@]}" "$EXEUNT_COMMAND" doctor --host-mappings --json </dev/null 2>err | cat >out
		is 0 "${PIPESTATUS[0]}"
		finding() { jq -r --arg name "$1" '.findings[] | select(.name == $name) | "\(.level): \(.text)"' out; }
		limit=$(cat /proc/sys/vm/max_map_count)
		made=$(finding "host mappings" | sed -n 's/^ok: a copy of this process made \([0-9]*\) before it died of it.*/\1/p')
		[ "$made" -le "$limit" ] && [ "$made" -ge $((limit - 500)) ] || { finding "host mappings"; return 1; }
		finding gvisor | grep -q '^note: runs under gVisor: .*/proc/sentry-meminfo is there'
		finding "perf events" | grep -q "^note: "
		finding "fault kind" | grep -q "^note: "
		is "ok: the working directory lies on the host, so a trace in it outlives the sandbox" "$(finding traces)"
		[[ $RUNSC = *ptrace* ]] || finding platform | grep -q '^note: systrap'
		[[ $RUNSC = *systrap* ]] || finding "fault code" | grep -q 'fix-si-code'
		[[ $RUNSC = *ptrace* ]] || is "ok: as on Linux" "$(finding 'fault code')"
	done
}
@test "diagnose ends a sandbox at its time limit, and at Ctrl-C, with all that is of it" {
	# runsc sets up its sandbox in there, as a user who may not enter folders of this test
	TMPDIR=$(mktemp -d /tmp/exeunt-test.XXXXXX)
	export TMPDIR
	chmod 755 "$TMPDIR"
	for RUNSC in "${PLATFORMS[@]}"; do
		rm -rf d
		# shellcheck disable=SC2086
		timeout 120 "$EXEUNT_COMMAND" diagnose -n 1 -t 4 -o d -- $RUNSC "${FLAGS[@]}" "${DO[@]}" sh -c 'trap "" TERM; echo up; while :; do sleep 1; done' </dev/null >out 2>err || true
		is up "$(cat d/baseline/1/stdout)" "$RUNSC"
		grep -q '^ *baseline *baseline *1 *1 ' out
		is "" "$(ls "$TMPDIR")"
		rm -rf d
		# shellcheck disable=SC2086
		"$EXEUNT_COMMAND" diagnose -n 1 -o d -- $RUNSC "${FLAGS[@]}" "${DO[@]}" sh -c 'echo up; while :; do sleep 1; done' </dev/null >out 2>err &
		launcher=$!
		until [ -s d/baseline/1/stdout ]; do
			kill -0 $launcher
			sleep 0.1
		done
		descendants $launcher >before
		grep -q . before
		kill -TERM $launcher
		status=0
		wait $launcher || status=$?
		is 143 "$status"
		is "" "$(ls "$TMPDIR")"
		while read -r pid; do
			until ! grep -q '^State:.[^ZX]' "/proc/$pid/status" 2>/dev/null; do sleep 0.1; done
		done <before
	done
	rmdir "$TMPDIR"
}
@test "diagnose from outside, though each bad run takes the sandbox down" {
	RUNSC=${PLATFORMS[-1]}
	# shellcheck disable=SC2086
	capture timeout 900 "$EXEUNT_COMMAND" diagnose -n 6 -b 15m -o d -- $RUNSC "${FLAGS[@]}" "${DO[@]}" "$ZOO/grow_threads" 4 400 </dev/null
	is 0 "$status"
	head -1 out | grep -q '^host-mapping-exhaustion, confirmed: '
}
@test "profile gvisor-growth" {
	RUNSC=${PLATFORMS[0]}
	# shellcheck disable=SC2086
	timeout 300 "$EXEUNT_COMMAND" run -p gvisor-growth -o t -- $RUNSC "${FLAGS[@]}" "${DO[@]}" "$ZOO/grow_threads" 4 400 </dev/null 2>err | cat >out
	is 139 "${PIPESTATUS[0]}"
	ex report t >text
	grep -q "the sandbox's host refused memory" text
	grep -q '^where the threads were' text
	report t | jq -e '.growth.host_mappings_estimate > 50000 and (.crash.stack | length > 3)'
}
