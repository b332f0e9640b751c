# What diagnose says, where it says it, and what it leaves behind: terminals, interruptions, folders.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

# on_terminal COLUMNS COMMAND...: what it writes to a terminal of that width
on_terminal() {
	python3 - "$@" <<'END'
import fcntl, os, pty, struct, sys, termios
ready, go = os.pipe()
pid, fd = pty.fork()
if pid == 0:
    os.read(ready, 1)
    os.execvp(sys.argv[2], sys.argv[2:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 50, int(sys.argv[1]), 0, 0))
os.write(go, b'x')
while True:
    try:
        got = os.read(fd, 65536)
    except OSError:
        break
    if not got:
        break
    os.write(1, got)
END
}

@test "interrupted between or in runs: what was done is told, exit status 128 + signal" {
	for signal in INT:130 TERM:143; do
		# in the background SIGINT is ignored, where these tests are and where they put something
		env --default-signal=INT "$EXEUNT_COMMAND" diagnose --runs 1000 -- sh -c 'sleep 0.1' >out 2>err &
		pid=$!
		until compgen -G "$WORK/state/exeunt/*.$pid-*/baseline/2" >/dev/null; do
			kill -0 $pid
			sleep 0.05
		done
		kill -"${signal%:*}" $pid
		status=0
		wait $pid || status=$?
		is "${signal#*:}" $status
		grep -q '^healthy: None of ' out
		grep -q interrupted out
	done
}
@test "a run that cannot be made: what was done is told, exit status 125" {
	capture ex diagnose --runs 5 --setup 'echo x >>ran; [ "$(wc -l <ran)" -lt 3 ]' -- true
	is 125 "$status"
	grep -q '^healthy: None of 2 runs' out
	grep -q 'only the 2 done before are counted' out
	is 1 "$(grep -c 'the --setup command failed' err)"
}
@test "healthy says where its runs are" {
	capture ex diagnose --runs 2 -o a/b/runs -- true
	grep -qx "all runs: $WORK/a/b/runs" out
	[ -d a/b/runs/baseline/2 ]
}
@test "--setup writes to stderr and does not eat the command's input" {
	printf 'a\nb\n' | ex diagnose --json --runs 3 --setup 'echo chatter; cat' --expect-same-output -- wc -l >out 2>err
	is healthy "$(jq -r .verdict out)"
	is 3 "$(grep -c chatter err)"
	is 2 "$(cat "$WORK"/state/exeunt/*/baseline/1/stdout)"
}
@test "output without a last newline does not run into the verdict" {
	ex diagnose --runs 2 -- printf abc >out
	is abc "$(head -1 out)"
	grep -q '^healthy' out
}
@test "an exit status that is not counted as bad is mentioned" {
	ex diagnose --runs 2 -- sh -c 'exit 7' >out
	grep -q 'exited with status 7; with --expect-status 0' out
	capture ex diagnose --runs 2 --expect-status 0 -- sh -c 'exit 7'
	is 3 "$status"
	grep -q 'with exit status 7, not 0' out
}
@test "without HOME and state folder the runs are kept in a folder of one's own" {
	mkdir tmp
	env -u HOME -u XDG_STATE_HOME TMPDIR="$WORK/tmp" "$EXEUNT_COMMAND" diagnose --runs 1 -- true
	is 700 "$(stat -c %a tmp/exeunt-$(id -u))"
	rm -r tmp/*
	env -u XDG_STATE_HOME HOME=/proc/none TMPDIR="$WORK/tmp" "$EXEUNT_COMMAND" diagnose --runs 1 -- true
	is 1 "$(ls tmp/exeunt-* | wc -l)"
	rm -r tmp/*
	ln -s /nowhere "tmp/exeunt-$(id -u)"
	env -u HOME -u XDG_STATE_HOME TMPDIR="$WORK/tmp" "$EXEUNT_COMMAND" diagnose --runs 1 -- true
	is 2 "$(ls tmp | wc -l)"
}
@test "progress keeps within one line of a terminal and is gone at the end" {
	name=$(printf 'x%.0s' $(seq 60))
	TERM=dumb on_terminal 40 "$EXEUNT_COMMAND" diagnose --runs 2 -- printf 'seen\n' >out
	tr '\r' '\n' <out >lines
	grep -q '^run 2 of 2: baseline$' lines
	grep -q '^seen' lines
	is "" "$(grep $'\033' out || true)"
	TERM=xterm on_terminal 40 "$EXEUNT_COMMAND" compare --allocators "glibc,glibc" -o "$name" -- true >out
	tr '\r' '\n' <out | grep '^run ' >lines
	is "" "$(awk 'length > 39' lines)"
}
@test "a command of the longest name" {
	name=$(printf 'n%.0s' $(seq 250))
	cp /bin/true "$name"
	ex run -- "./$name" >out
	ex diagnose --runs 1 -- "./$name" >out
}
@test "a trace that is still being written has no teardown yet" {
	"$EXEUNT_COMMAND" run -o trace -- sleep 600 >/dev/null 2>&1 &
	pid=$!
	until [ "$(compgen -G 'trace/s.*' | wc -l)" -ge 2 ]; do sleep 0.05; done
	ex report trace >out
	kill -TERM $pid
	wait $pid || true
	grep -q 'still runs' out
	grep -q 'no teardown so far' out
}
@test "a treatment that met nothing is told" {
	ex run -s "skip=#99" -s flush=exit -o trace -- true
	ex report trace >out
	grep -q '^skip=#99 did not take place' out
	grep -q '^flush=exit did not take place' out
	ex run -s "skip=#2" -o trace2 -- "$ZOO/null_in_handler" || true
	ex report trace2 >out
	[ -z "$(grep 'did not take place' out)" ]
}
@test "a bare preload's trace is for its user alone" {
	eval "$(ex env -o trace)"
	/bin/true
	unset LD_PRELOAD
	is 700 "$(stat -c %a trace)"
	is "" "$(find trace -type f -perm /077)"
}
@test "compare and report say the same of what a handler took, seen by its call and in the map" {
	capture ex run -s probe=on -o trace -- env OWNALLOC_DESTROY=1 LD_PRELOAD="$ZOO/libown_allocator.so" "$ZOO/order_exe"
	ex report --json trace | jq -c '.teardown[] | select(.took != []) | .n' >rows
	[ -s rows ]
	ex compare trace trace >text
	ex report trace | grep -o '[0-9.]* [KMG]iB by munmap' | sed 's/ by.*//' | sort -u | while read -r amount; do
		grep -q "took $amount" text
	done
	jq_size='def hex: ltrimstr("0x") | explode | reduce .[] as $c (0; . * 16 + (if $c > 96 then $c - 87 else $c - 48 end));'
	ex report --json trace | jq -c "$jq_size"' [.teardown[] | select(.took != []) | [.n, ([.took[] | (.end | hex) - (.begin | hex)] | add)]]' >one
	ex compare --json trace | jq -c '[.columns[0].rows[] | select(.took_bytes > 0) | [.n, .took_bytes]]' >other
	is "$(cat one)" "$(cat other)"
}
@test "what cannot be written is an error: standard output full, or closed" {
	[ -w /dev/full ] || skip "no /dev/full here"
	ex run -o trace -- true
	for words in 'report trace' 'report --json trace' 'compare trace trace' 'diagnose --runs 1 -- true' 'scan /bin/true' 'scan --json /bin/true' doctor env --version help; do
		for sink in /dev/full '&-'; do
			status=0
			# shellcheck disable=SC2086
			if [ $sink = '&-' ]; then ex $words >&- 2>err; else ex $words >$sink 2>err; fi || status=$?
			is 125 "$status" "$words, $sink"
			grep -q '^exeunt: cannot write to standard output' err
		done
	done
}
@test "diagnose: another output than a file's is a bad end; a run that died is nothing to compare with" {
	echo 42 >right
	echo 7 >wrong
	capture ex diagnose --json --runs 3 --expect-output right -- echo 42
	is "0 healthy" "$status $(jq -r .verdict out)"
	capture ex diagnose --json --runs 3 --expect-output wrong -- echo 42
	is "3 unknown wrote other output than expected" "$status $(jq -r '"\(.verdict) \(.evidence[0].text | sub(".* ended badly; the first of them "; ""))"' out)"
	capture ex diagnose --runs 3 --expect-output none -- echo 42
	is "2 exeunt: --expect-output: value none is not understood; name a file that can be read (No such file or directory)" "$status $(cat err)"
	# dies without a word the first time, then ends well
	capture ex diagnose --json --runs 4 --expect-same-output -- bash -c "if [ -e $WORK/been ]; then echo fine; else touch $WORK/been; kill -SEGV \$\$; fi"
	is "1" "$(jq '.arms[0].bad' out)"
}
