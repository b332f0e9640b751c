# babeltrace2, which we did not write, reads the same number of events in the same order as exeunt.
load ../lib/zoo
setup() {
	zoo_setup
	need babeltrace2
}
teardown() { zoo_teardown; }

# agree DIR: number of events; and, for one process, number, order and times of the teardown's rows
agree() {
	babeltrace2 --clock-cycles "$1" >bt 2>bt.err || { cat bt.err; return 1; }
	is "$(wc -l <bt)" "$(report "$1" | jq .events)" "events: babeltrace2 (left), exeunt (right)"
}
agree_rows() {
	sed -nE 's/^\[0*([0-9]+)\].* (handler_begin|main_end): .* row = ([0-9]+).*/\3 \1/p' bt | grep -v '^0 ' >bt.rows || true
	# times count from the process's own first event; the launcher's come before it
	first=$(grep -v ' launch: ' bt | sed -nE '1s/^\[0*([0-9]+)\].*/\1/p')
	is "$(awk -v first="$first" '{ printf "%d %d\n", $1, $2 - first }' bt.rows)" \
		"$(report "$1" | jq -r '.teardown[] | select(.kind != "end") | "\(.n) \(.begin_ns)"')" \
		"rows and times: babeltrace2 (left), exeunt (right)"
}
both() {
	local n=0
	for words in "$@"; do
		n=$((n + 1))
		# shellcheck disable=SC2086
		capture ex run -o "trace.$n" -- $words
		agree "trace.$n"
		agree_rows "trace.$n"
	done
}

@test "programs of one process: events, rows, times" {
	both "$ZOO/order_exe" "$ZOO/leave_quick_exit" "$ZOO/leave_abort" "$ZOO/leave__exit" "$ZOO/many_handlers" \
		"$ZOO/nested_atexit" "$ZOO/tls_threads" "$ZOO/key_dtor" "$ZOO/null_in_handler" "$ZOO/dlopen_close" \
		"$ZOO/sig_handler_longjmp" "$ZOO/leave_signal_kill"
}
@test "programs of several processes: events" {
	local n=0
	for program in fork_child fork_exit_child vfork_exec exec_chain spawn_child system_child popen_child; do
		n=$((n + 1))
		capture ex run -o "trace.$n" -- "$ZOO/$program"
		is 0 "$status" "$program"
		agree "trace.$n"
	done
}

# starts sigkill_loop under the bare preload; the fifo "gone" ends when it and all children of its have ended
start_loop() { # TRACE [MICROSECONDS]
	rm -f gone
	mkfifo gone
	EXEUNT="out=$1" LD_PRELOAD=$LIBRARY "$ZOO/sigkill_loop" "${2:-0}" >gone 2>&1 3>&- &
	loop=$!
	cat gone >loop.out 3>&- &
	gone=$!
}
kill_loop() {
	kill -9 $loop
	wait $loop 2>/dev/null || true
	wait $gone
}
until_begun() { # TRACE
	until compgen -G "$1/s.*" >/dev/null; do kill -0 $loop || return 1; done
}

@test "while it is being written" {
	local bad=0 reads=0
	# rests, or the reader would run after it up to the size limit
	start_loop "$WORK/trace" 2000
	until_begun trace
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		babeltrace2 trace >bt 2>bt.err || bad=$((bad + 1))
		[ ! -s bt ] || reads=$((reads + 1))
	done
	kill_loop
	cat bt.err
	is "10 reads with events, 0 bad" "$reads reads with events, $bad bad"
}
@test "50 kills at random moments: no trace is unreadable" {
	RANDOM=1107
	local unreadable=0 begun=0 trace n
	for n in $(seq "${EX_KILLS:-50}"); do
		trace=$WORK/kill.$n
		start_loop "$trace"
		[ $((n % 3)) = 0 ] || until_begun "$trace"
		sleep "0.$(printf %03d $((RANDOM % 120)))"
		kill_loop
		compgen -G "$trace/s.*" >/dev/null || continue
		begun=$((begun + 1))
		if ! agree "$trace"; then
			echo "kill $n"
			unreadable=$((unreadable + 1))
		fi
		rm -rf "$trace"
	done
	echo "$begun traces begun, $unreadable unreadable"
	[ $unreadable = 0 ]
	[ $begun -ge $((${EX_KILLS:-50} * 2 / 3)) ]
}
