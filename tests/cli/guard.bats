# Treatment guard from outside: a sound program does the same under it, however it is guarded; what it is asked for wrongly is
# refused in one sentence. What it finds is verdict-heap.bats's.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }
GUARDS="slack ends starts sample:3 site:123456789abcdef0"

# same GUARD COMMAND…: output, errors and status with it and without
same() {
	local guard=$1 want=0
	shift
	"$@" >out.1 2>err.1 </dev/null || want=$?
	capture ex run -s "guard=$guard" -o trace -- "$@" </dev/null
	rm -rf trace
	[ "$status" = "$want" ] && diff out.1 out && diff err.1 err && return
	echo "guard=$guard $*: status $want without, $status with"
	return 1
}

@test "sound programs of the zoo do what they do without" {
	local program guard bad=0
	for program in order_exe leave__exit leave_abort leave_quick_exit leave_signal_kill exec_chain fork_child tls_threads heap_forms heap_throws \
		heap_counts heap_signals heap_late heap_storm exits_with_threads; do
		[ -x "$ZOO/$program" ] || { echo "$program is gone"; return 1; }
		for guard in slack ends sample:3; do same $guard "$ZOO/$program" || bad=1; done
	done
	[ $bad = 0 ]
}
@test "what calls answer, errno included, that fail and that do not" {
	for guard in $GUARDS; do same "$guard" "$ZOO/heap_errno"; done
}
@test "malloc_usable_size answers what was asked for" {
	for guard in slack ends starts; do is exact "$(ex run -s guard=$guard -o trace.$guard -- "$ZOO/heap_errno" usable)" $guard; done
	for lib in libjemalloc.so.2 "$MIMALLOC" libtcmalloc_minimal.so.4; do
		is exact "$(ex run -s guard=slack -o "trace.$lib" -- env "LD_PRELOAD=$lib" "$ZOO/heap_errno" usable)" "$lib"
	done
	# and without what the allocator has
	is "more than was asked for" "$("$ZOO/heap_errno" usable)"
}
@test "memory that is used up within a limit is refused in time" {
	for guard in slack ends starts sample:3; do same $guard "$ZOO/heap_errno" refused; done
}
@test "shells, pipes, signals, children" {
	for guard in slack ends sample:7; do
		same $guard sh -c 'printf "b\na\n" | sort | (read -r one; echo "$one"; exit 7)'
		same $guard sh -c 'kill -TERM $$'
		same $guard bash -c 'trap "echo caught; exit 3" USR1; kill -USR1 $$; wait'
		same $guard python3 -c 'import os, signal, subprocess, threading
count = [0]
signal.signal(signal.SIGALRM, lambda *_: count.__setitem__(0, count[0] + 1))
signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
threads = [threading.Thread(target=lambda: [bytes(n) for n in range(3000)]) for _ in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
pid = os.fork()
if not pid:
    x = [str(n) for n in range(20000)]
    os._exit(len(x) % 251)
print(os.waitpid(pid, 0)[1], subprocess.run(["echo", "child"], capture_output=True).stdout, sum(len(str(n)) for n in range(20000)))'
	done
}
@test "a budget that is reached is told, and the program goes on" {
	capture ex run -s guard=ends -o trace -- python3 -c 'x = [bytearray(600) for n in range(60000)]; print(len(x))'
	is "0 60000" "$status $(cat out)"
	jq -e '.blocks.is_complete == false' <(report trace)
	ex report trace | grep -q 'not all could be guarded: no more'
}
@test "where nothing can be reserved the run is not guarded, which is told, and the program lives" {
	capture bash -c "ulimit -v 60000; exec \"\$@\"" _ "$EXEUNT_COMMAND" run -s guard=ends -o trace -- "$ZOO/corrupt" sound
	is "0 done" "$status $(cat out)"
	ex report trace | grep -q 'not honoured.*: guard'
}
@test "several treatments at a time" {
	for more in keep=exec scribble=yes log=counters serialize=malloc free=own; do
		capture ex run -s guard=slack -s $more -o "trace.$more" -- "$ZOO/corrupt" sound
		is "0 done" "$status $(cat out)" $more
		is '{"is_complete":true,"found":[]}' "$(report "trace.$more" | jq -c '.blocks | {is_complete, found}')" $more
	done
}
@test "settings that say nothing are refused, and the command is not run" {
	local value
	for value in foo slack: site site: site:xyz site:12,,3 site:12, site:0123456789abcdef0 sample sample: sample:0 sample:1x sample:-1 SLACK; do
		capture ex run -s "guard=$value" -o trace -- touch there
		is "2 1" "$status $(wc -l <err)" "$value"
		grep -q '^exeunt: .*guard.*; \(write\|site:\|sample:N\)' err
		[ ! -e there ]
	done
	for value in 0 17 x ''; do
		run -2 "$EXEUNT_COMMAND" run -s "guard-frames=$value" -- touch there
	done
	run -2 "$EXEUNT_COMMAND" run -s guard-side=left -- touch there
	[ ! -e there ]
	# by the variable alone the library says it, and the program runs unguarded
	EXEUNT="out=$WORK/bare guard=foo" LD_PRELOAD=$LIBRARY capture "$ZOO/corrupt" sound
	is "0 done" "$status $(cat out)"
	ex report bare | grep -q 'not honoured.*: guard=foo'
}
@test "a site that does not come: nothing is guarded, and no block found" {
	capture ex run -s guard=site:1 -o trace -- "$ZOO/corrupt" over1
	is "done" "$(cat out)"
	is '[]' "$(report trace | jq -c .blocks.found)"
}
@test "the identifier of a site is the same in every run, and what the report says stops at the store" {
	local one other
	for n in 1 2; do
		ex run -p "$ROOT/profiles/heap.profile" -o slack.$n -- "$ZOO/corrupt" over4 >/dev/null
	done
	one=$(report slack.1 | jq -r '.blocks.found[0].owner.site') other=$(report slack.2 | jq -r '.blocks.found[0].owner.site')
	is "$one" "$other"
	ex report slack.1 >text
	grep -q "allocation site $one" text
	grep -q 'size classes have moved' text
	# the very words of the report
	local words
	words=$(sed -n 's/^ *exeunt run \(.* --\) CMD$/\1/p' text)
	[ -n "$words" ]
	# shellcheck disable=SC2086
	capture ex run -o aimed ${words% --} -- "$ZOO/corrupt" over4
	is 139 "$status"
	is "behind true 80 give" "$(report aimed | jq -r '.blocks.found[0] | "\(.kind) \(.is_caught) \(.asked_bytes) \(.owner.frames[0] | sub("\\+.*"; ""))"')"
	# both stacks stand before anything else
	ex report aimed | sed -n '/^blocks/,/^$/p' >text
	grep -q '^    by  *store+0x' text
	grep -q '^    asked for by  *give+0x' text
}
