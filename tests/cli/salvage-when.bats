# When a profile is salvaged: at signals that end the process, at a signal of the user's, at intervals; and that the program
# does not notice. Programs: tests/zoo/salvage.
load ../lib/zoo
setup() {
	zoo_setup
	need clang-14
	need llvm-profdata-14
	P=$ZOO/salvage
}
teardown() {
	[ -z "${TARGET:-}" ] || kill -9 "$TARGET" 2>/dev/null || true
	zoo_teardown
}

# counted FILE: calls of counted() that a profile has; the whole file must be readable for that
counted() { llvm-profdata-14 show --counts --function=counted "$1" 2>&1 | sed -n 's/.*Block counts: \[\(.*\)\]/\1/p'; }
profiles() { find . -name '*.profraw*' -not -path './plain/*' -printf '%P %s\n' | sort | awk '$2 { print $1 }'; }
# with SETTINGS: words in front of a command, in the array WITH
with() { WITH=(env "EXEUNT=out=$WORK/trace $1" "LD_PRELOAD=$LIBRARY" "LLVM_PROFILE_FILE=$WORK/x.profraw"); }

# ends COUNT SETTINGS WAY [SIGNAL]: status and output as without us, and the profile of that moment, and no other file
ends() {
	local count=$1 settings=$2 want want_status=0
	shift 2
	mkdir -p plain
	want=$(cd plain && LLVM_PROFILE_FILE=p.profraw timeout 60 "$P/ends" "$@" 2>&1) || want_status=$?
	rm -rf trace ./*.profraw*
	with "$settings"
	capture timeout 60 "${WITH[@]}" "$P/ends" "$@"
	is "$want_status" "$status" "status of ends $* without (left), with $settings (right)"
	is "$want" "$(cat out err)" "output of ends $* with $settings"
	is "$count" "$(counted x.profraw)" "calls in the profile of ends $* with $settings"
	is x.profraw "$(profiles)" "files of ends $* with $settings"
}

@test "without salvage a signal leaves no profile (control)" {
	capture env LLVM_PROFILE_FILE="$WORK/x.profraw" "$EXEUNT_COMMAND" run -o trace -- "$P/ends" kill 15
	is 143 "$status"
	is "" "$(profiles)"
}
@test "every signal whose default action ends a program" {
	for signo in 1 2 3 10 12 13 14 15 16 24 25 26 27 29 30 34 35 50 64 4 5 6 7 8 11 31; do ends 5 salvage=yes kill $signo; done
}
@test "signals that do not end a program do not" {
	for signo in 17 18 23 28; do ends 5 salvage=yes kill $signo; done
}
@test "faults, abort, a timer, a broken pipe, a thread's own signal" {
	for way in null abort alarm pipe; do ends 5 salvage=yes $way; done
	for signo in 15 40 11 6; do ends 5 salvage=yes thread $signo; done
}
@test "faults are salvaged with signals=no too" {
	for way in null abort "kill 15"; do ends 5 "salvage=yes signals=no" $way; done
}
@test "the program's own handler comes first, and may end it in its own way" {
	for signo in 15 2 40 11 6; do
		ends 6 salvage=yes handler $signo
		ends 6 salvage=yes resethand $signo
		ends 6 salvage=yes handler-returns $signo
		ends 6 salvage=yes handler-leaves $signo
	done
}
@test "signals that are ignored, blocked, waited for or read" {
	for signo in 15 34 11; do
		ends 5 salvage=yes ignored $signo
		ends 6 salvage=yes blocked $signo
		ends 5 salvage=yes sigsuspend $signo
		ends 5 salvage=yes ppoll $signo
		ends 5 salvage=yes sigwait $signo
		ends 5 salvage=yes signalfd $signo
	done
}
@test "a signal that was ignored when the program was started stays ignored" {
	for settings in salvage=yes flush=signal:1; do
		with $settings
		rm -rf trace ./*.profraw
		capture env --ignore-signal=HUP "${WITH[@]}" "$P/ends" kill 1
		is "6 5" "$status $(counted x.profraw)" "$settings"
	done
}
@test "the report knows the signal, and what was salvaged at its coming" {
	LLVM_PROFILE_FILE=x.profraw capture ex run -s salvage=yes -o trace -- "$P/ends" kill 15
	report trace >json
	jq -e '.end.kind == "signal" and .end.signal == "SIGTERM"' json
	babeltrace2 trace | grep ' salvaged: ' | grep -q 'point = ( "death"'
}
@test "the signal that ends it is the one that came, from the same sender" {
	need strace
	# without LD_PRELOAD strace itself would be observed
	LLVM_PROFILE_FILE=x.profraw strace -f -o log -e signal=SIGTERM -e trace=none -E "LD_PRELOAD=$LIBRARY" \
		-E "EXEUNT=out=$WORK/trace salvage=yes" "$P/ends" kill 15 || true
	sed -n 's/^[0-9]* *--- \(SIGTERM {.*}\) ---$/\1/p' log >seen
	is 2 "$(wc -l <seen)" "seen by us, and by the kernel's default action"
	is 1 "$(sort -u seen | wc -l)" "the same siginfo"
	grep -q '+++ killed by SIGTERM +++' log
}
@test "memory that salvage reads is gone: the first signal ends the program all the same" {
	for signo in 15 40 6 11; do
		with salvage=yes
		capture "${WITH[@]}" "$P/ends" unreadable $signo
		is $((128 + signo)) "$status"
		rm -rf trace
	done
}
@test "under a seccomp filter that kills, the signal ends the program, and not the filter" {
	for settings in salvage=yes flush=signal:15 flush=every:1; do
		for signo in 15 11 40; do
			with $settings
			capture "${WITH[@]}" "$P/ends" sealed $signo
			is $((128 + signo)) "$status" "$settings"
			rm -rf trace
		done
	done
}
@test "the first process of a container ignores these signals, as without us" {
	unshare -pf true 2>/dev/null || skip "no new process namespace here: $(unshare -pf true 2>&1 || true)"
	with salvage=yes
	capture unshare -pf "${WITH[@]}" "$P/ends" kill 15
	is 6 "$status"
}
@test "what the program is told of its signals' actions is the same" {
	"$P/actions" >plain.out
	for settings in salvage=yes "salvage=yes signals=no" flush=signal:10 flush=signal:15 flush=signal:11 flush=signal:40; do
		rm -rf trace
		with "$settings"
		capture "${WITH[@]}" "$P/actions"
		is "0 " "$status $(cat err)"
		cmp plain.out out || { diff <(tr ' ' '\n' <plain.out) <(tr ' ' '\n' <out) | head; return 1; }
	done
}

# start SETTINGS: program waits, with its answers on 8; "" for none: without us
start() {
	rm -rf trace in answers ./*.profraw*
	mkfifo in answers
	with "$1"
	[ -n "$1" ] || WITH=(env LLVM_PROFILE_FILE=plain.profraw)
	LAST="${WITH[*]} $P/waits"
	"${WITH[@]}" "$P/waits" <in >answers 2>err 3>&- &
	TARGET=$!
	exec 7>in 8<answers
	read -r ANSWER <&8
	is "ready $TARGET" "$ANSWER"
}
say() { # LINE: its answer in ANSWER
	ANSWER=
	echo "$*" >&7
	read -r -t 60 ANSWER <&8 || { echo "no answer to: $*"; return 1; }
}
answers() { # LINE ANSWER
	say "$1"
	is "$2" "$ANSWER" "answer to $1"
}
close_input() {
	exec 7>&- 8<&-
	status=0
	wait $TARGET || status=$?
	TARGET=
}
await() { # COMMAND…: until it succeeds, and for two minutes at most
	for n in $(seq 1200); do
		"$@" && return 0
		sleep 0.1
	done
	echo "did not come: $*"
	return 1
}
has_counted() { [ -s x.profraw ] && [ "$(counted x.profraw)" = "$1" ]; }
# the processes that it has made and that still run
companions() { cat /proc/$TARGET/task/*/children; }

@test "flush=signal: twice and at exit, each call once" {
	start flush=signal:10
	answers "count 3" 3
	kill -10 $TARGET
	answers "count 2" 5
	await has_counted 3
	kill -10 $TARGET
	answers "count 1" 6
	await has_counted 5
	close_input
	is "0 6" "$status $(counted x.profraw)"
	is x.profraw "$(profiles)"
}
@test "flush=signal: the program's own handler is called too, and a blocked signal waits" {
	start flush=signal:12
	answers "handle 12" ""
	answers "count 3" 3
	kill -12 $TARGET
	answers handled 1
	is 3 "$(counted x.profraw)"
	answers "block 12" ""
	answers "count 1" 4
	kill -12 $TARGET
	answers handled 1
	is 3 "$(counted x.profraw)"
	answers "unblock 12" ""
	answers handled 2
	is 4 "$(counted x.profraw)"
	close_input
	is "0 4" "$status $(counted x.profraw)"
}
@test "flush=signal: signals that end programs still do" {
	for signo in 1 2 3 6 11 14 15; do ends 5 flush=signal:$signo kill $signo; done
	for signo in 10 12 34; do # and the others not: 6 is what main returns then
		with flush=signal:$signo
		capture "${WITH[@]}" "$P/ends" kill $signo
		is 6 "$status"
	done
}
@test "flush=signal: other signals that end the program are salvaged as well" {
	for signo in 15 40 11; do ends 5 flush=signal:10 kill $signo; done
}
@test "flush=signal: each of two processes has a file of its own" {
	status=0
	LLVM_PROFILE_FILE=%p.profraw EXEUNT="out=$WORK/trace flush=signal:10" LD_PRELOAD=$LIBRARY \
		sh -c "\"$P/ends\" kill 10; \"$P/ends\" kill 10; exit 3" || status=$?
	is 3 "$status"
	is 2 "$(profiles | wc -l)"
	for file in *.profraw; do is 5 "$(counted "$file")"; done
}

@test "flush=every: a program that is killed leaves the profile of a moment before" {
	start flush=every:1
	answers "count 3" 3
	await has_counted 3
	answers "count 4" 7
	await has_counted 7
	kill -9 $TARGET
	close_input
	is "137 7" "$status $(counted x.profraw)"
	is x.profraw "$(profiles)"
}
@test "flush=every: the last word is that of the exit, of a signal, of _exit" {
	for settings in flush=every:1 flush=every:86400; do
		start $settings
		answers "count 3" 3
		close_input
		is "0 3" "$status $(counted x.profraw)"
		for way in "kill 15" null abort; do ends 5 $settings $way; done
		ends 6 $settings handler-leaves 15
	done
}
@test "flush=every: the program sees no thread, descriptor, child or interruption of ours" {
	start ""
	say look
	local plain=$ANSWER
	for word in fork vfork exec-nothing; do
		say $word
		plain+=" $ANSWER"
	done
	close_input
	start flush=every:1
	say look
	local ours=$ANSWER
	for word in fork vfork exec-nothing; do
		say $word
		ours+=" $ANSWER"
	done
	is "$plain" "$ours"
	is 1 "$(companions | wc -w)"
	# each of the three is longer than an interval
	answers "wait 1500" "interrupted 0"
	answers look "${plain%% 143*}"
	answers wall "none yet" # a wait for any child of any kind: the one thing that tells
	close_input
	is 0 "$status"
	is x.profraw "$(profiles)"
}
@test "flush=every: it keeps nothing open, and is gone with its program" {
	start flush=every:1
	local companion
	companion=$(companions)
	is exeunt-every "$(cat /proc/$((companion))/comm)"
	answers "count 2" 2
	echo close >&7
	# the answer to that goes nowhere; what is read here is the end of the pipe, which nobody holds but the program
	status=0
	read -r -t 60 ANSWER <&8 || status=$?
	is 1 "$status" "end of file"
	close_input
	[ ! -e /proc/$((companion)) ]
	start flush=every:86400
	companion=$(companions)
	kill -9 $TARGET
	close_input
	is_gone() { [ ! -e /proc/$((companion)) ] || grep -q '^State:	Z' /proc/$((companion))/status; }
	await is_gone
}
@test "flush=every: another program takes its place, and has a companion of its own" {
	start flush=every:1
	answers "count 3" 3
	await has_counted 3
	local companion
	companion=$(companions)
	echo exec >&7
	read -r ANSWER <&8
	is "ready $TARGET" "$ANSWER"
	[ ! -e /proc/$((companion)) ]
	is 1 "$(companions | wc -w)"
	read -r -t 60 ANSWER <&8 || true # of an exec that failed
	is "" "$ANSWER"
}
@test "flush=every: an exec that nobody sees ends it too" {
	start flush=every:1
	local companion
	companion=$(companions)
	echo exec-raw >&7
	read -r ANSWER <&8
	is "ready $TARGET" "$ANSWER"
	is_gone() { [ ! -e /proc/$((companion)) ] || grep -q '^State:	Z' /proc/$((companion))/status; }
	await is_gone
	answers "count 3" 3
	close_input
	is 0 "$status"
}
@test "flush=every: what root's rights are given up for is not written with them" {
	[ "$(id -u)" = 0 ] || skip "only root can give up root's rights"
	start flush=every:1
	local companion
	companion=$(companions)
	answers drop 0
	is_gone() { [ ! -e /proc/$((companion)) ] || grep -q '^State:	Z' /proc/$((companion))/status; }
	await is_gone
	answers "count 3" 3
	close_input
	is 0 "$status"
}
@test "flush=every: killed, stopped or broken by somebody, it is only no longer there" {
	local before
	for signo in 9 11 19 15; do
		start flush=every:1
		answers "count 3" 3
		say look
		before=$ANSWER
		kill -$signo "$(companions | tr -d ' ')"
		answers look "$before"
		close_input
		is "0 3" "$status $(counted x.profraw)" "after signal $signo"
	done
}
@test "flush=every: no process may be made: the run says so" {
	[ "$(id -u)" = 0 ] || skip "only root can become another user"
	need setpriv
	shared=$(mktemp -d /tmp/exeunt-when.XXXXXX)
	chmod 777 "$shared"
	cp "$P/ends" "$LIBRARY" "$shared"
	status=0
	# an unused number: the limit counts all processes of a user
	(cd "$shared" && exec setpriv --reuid=65471 --regid=65471 --clear-groups prlimit --nproc=0 \
		env "EXEUNT=out=$shared/trace flush=every:1" LD_PRELOAD="$shared/libexeunt.so" LLVM_PROFILE_FILE=x.profraw \
		"$shared/ends") || status=$?
	"$EXEUNT_COMMAND" report "$shared/trace" >text
	local count
	count=$(counted "$shared/x.profraw")
	rm -rf "$shared"
	is "0 5" "$status $count"
	grep -q '^not honoured: flush=every:1 (no process for it)' text
}
@test "programs that are started find all signals as without salvage" {
	for settings in probe=off salvage=yes flush=signal:10 flush=every:1; do
		start $settings
		say spawn
		echo "$ANSWER" >>signals
		close_input
	done
	is 4 "$(wc -l <signals)"
	is 1 "$(sort -u signals | wc -l)" "signals blocked, ignored, caught in the child: $(cat signals)"
}
