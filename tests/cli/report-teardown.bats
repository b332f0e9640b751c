# The report around the timeline: stdio's turn, who asked for the end, threads and where they slept, whose data points at
# what went away, calls that came after the allocator was done; and the same of several runs side by side.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

of() { jq -r "$1" json; }
# what the text says of the row of a handler, behind its columns
fate() { sed -nE "s/^ +#[0-9].* $1 .*  (did not .*|still ran .*|deferred.*|ran-first.*)$/\1/p" text; }
# time of the first (-f) or last event of a name, in ns of the trace's clock, by a reader that is not ours
clock() {
	need babeltrace2
	local -A end=([-f]=head [-l]=tail)
	babeltrace2 --clock-cycles trace | grep " $2: " | "${end[$1]}" -n 1 | sed -E 's/^\[0*([0-9]+)\].*/\1/'
}

@test "time at exit and stdio's part of it, from the events" {
	observed "$ZOO/order_exe"
	is 0 "$status"
	is "$(($(clock -l leaving) - $(clock -f main_end)))" "$(of .teardown_ns)" "teardown_ns"
	is "$(($(clock -l leaving) - $(clock -l goodbye)))" "$(of .stdio_flush_ns)" "stdio_flush_ns"
	is 1 "$(grep -c '^ .* stdio flush (_IO_cleanup)' text)" "lines about stdio"
	is "stdio end" "$(sed -nE 's/^ .* (stdio) flush .*/\1/p; s/^ +#.* (end)  .*/\1/p' text | paste -sd' ')" "stdio comes before the end"
}
@test "no time at exit where the kernel was not asked by libc" {
	for program in leave__exit leave_abort null_deref; do
		observed "$ZOO/$program"
		is "null null" "$(of '"\(.teardown_ns) \(.stdio_flush_ns)"')" "$program"
		is 0 "$(grep -c 'stdio flush' text || true)" "$program"
	done
}
@test "who asked for the end, each time" {
	observed "$ZOO/order_exe"
	is "main-return null" "$(of '.exit_calls[] | "\(.kind) \(.caller.symbol)"')"
	is 0 "$(grep -c 'was called' text || true)"
	observed "$ZOO/exit/exit_again"
	is "exit main,exit second" "$(of '[.exit_calls[] | "\(.kind) \(.caller.symbol)"] | join(",")')"
	is 1 "$(grep -cE '^exit was called again by thread [0-9]+ from second\+' text)"
	observed "$ZOO/exit/exit_in_two_threads"
	is "main also_leaves" "$(of '[.exit_calls[].caller.symbol] | join(" ")')"
	is 2 "$(of '[.exit_calls[].thread] | unique | length')" "threads"
	is 1 "$(grep -cE "^exit was called again by thread $(of '.exit_calls[1].thread') from also_leaves\+" text)"
	observed "$ZOO/exit/pthread_exit_main"
	is "pthread_exit main" "$(of '.exit_calls[0] | "\(.kind) \(.caller.symbol)"')"
	is 1 "$(grep -c '^the first thread left by pthread_exit from main+' text)"
}
@test "a handler that did not return: what is known of it" {
	observed "$ZOO/exit/exit_again"
	is "did not return: it called exit" "$(fate second)"
	observed "$ZOO/exit/longjmp_out"
	is "did not return: left by a jump or an exception, then main called exit" "$(fate jumps)"
	observed "$ZOO/exit/quick_in_handler"
	is "did not return: it called quick_exit" "$(fate hurries)"
	observed "$ZOO/exit/thread_exit_in_handler"
	is "did not return: it called pthread_exit" "$(fate leaves)"
	observed "$ZOO/exit/killed_in_handler"
	is "still ran when the process died of SIGKILL" "$(fate kills)"
	observed "$ZOO/exit/exit_in_two_threads"
	is "still ran when thread $(of '.exit_calls[1].thread') ended the process" "$(fate second)"
}
@test "a handler whose turn a treatment moved" {
	observed -s defer=handler_two -s first=handler_one "$ZOO/treat_order"
	for handler in handler_one handler_two; do
		is 1 "$(of "[.teardown[] | select(.symbol == \"$handler\")] | length")" "rows of $handler that ran"
	done
	is "deferred, as #$(of '.teardown[] | select(.symbol == "handler_two").n')" "$(fate handler_two)"
	is "ran-first, as #$(of '.teardown[] | select(.symbol == "handler_one").n')" "$(fate handler_one)"
}
@test "threads alive when exit began: name, call, stack" {
	for program in "$ZOO/exits_with_threads" "$ZOO/exits_with_threads exit"; do
		# shellcheck disable=SC2086
		observed $program
		is "for_byte false read waits_for_byte
for_lock false futex waits_for_lock
for_time false clock_nanosleep waits_for_time" "$(of '.threads_at_exit | sort_by(.name)[] | "\(.name) \(.running) \(.syscall) \([.stack[].symbol | select(test("^waits_for"))][0])"')" "threads"
		is 3 "$(of '[.threads_at_exit[] | select(.where.module == "libc.so.6" and .where.offset == .stack[0].offset)] | length')" "places in libc"
		is 3 "$(grep -cE '^  [0-9]+ for_.* in waits_for_.*, slept in [a-z_]+, called from waits_for' text)"
	done
}
@test "the first thread is alive where another one exits" {
	observed "$ZOO/exit/exit_in_thread"
	is "$(of .pid) main" "$(of '.threads_at_exit[] | select(.thread == '"$(of .pid)"') | "\(.thread) \(.symbol)"')"
}
@test "what a thread did after exit began" {
	local row
	observed -s log=counters "$ZOO/late_thread"
	is 0 "$status"
	row=$(of '.teardown[] | select(.symbol == "waits").n')
	is "$row 3 2" "$(of '.threads_at_exit[].after[] | "\(.handler_n) \(.allocations) \(.frees)"')"
	is "$(of '.threads_at_exit[0].after[0].growths')" "$(babeltrace2 trace | grep -E " growth: .* tid = $(of '.threads_at_exit[0].thread') \}" | grep -cv ' n = 0,')"
	is 1 "$(grep -cE '^  [0-9]+ .*; grew memory [0-9]+ times after exit began; allocated 3 times and freed 2 times after exit began$' text)"
	observed "$ZOO/exits_with_threads"
	is "[] [] []" "$(of '[.threads_at_exit[].after | tostring] | join(" ")')" "those that slept on"
}
@test "memory gone: whose data points into it" {
	observed -s probe=on env OWNALLOC_DESTROY=1 LD_PRELOAD="$ZOO/libown_allocator.so" "$ZOO/many_handlers"
	is "munmap libown_allocator.so 1" "$(of '.teardown[].took[] | select(.whose != []) | "\(.how) \(.whose[0].module) \(.whose[0].words)"')"
	is 1 "$(grep -c '256 MiB by munmap, 1 word of libown_allocator.so points into it$' text)"
}
@test "calls after the allocator's own handler had ended" {
	observed -s log=counters env KEEPER_ALLOCATES=1 LD_PRELOAD="$MIMALLOC" "$ZOO/late/heap_keeper"
	is "allocate let_go_of_it $(of '.teardown[] | select(.symbol == "let_go_of_it").n')" \
		"$(of '.use_after_teardown[] | "\(.kind) \(.caller.symbol) \(.handler_n)"')"
	is "$(of '.teardown[] | select(.kind == "allocator-done").n')" \
		"$(sed -nE "s/^calls of the malloc family after the allocator's own handler #([0-9]+) had ended: 1$/\1/p" text)"
	observed -s log=counters "$ZOO/late_calls"
	is "[]" "$(of '.use_after_teardown | tostring')" "glibc has no handler of its own"
	observed "$ZOO/late_calls"
	is null "$(of .use_after_teardown)" "not counted"
}
@test "an allocator whose calls do not come to the wrappers" {
	observed -s log=counters env LD_PRELOAD="$MIMALLOC" "$ZOO/late_calls"
	is "mimalloc counted,glibc not visible" "$(of '[.allocators[] | "\(.name) \(.calls)"] | join(",")')"
	observed -s log=counters "$ZOO/linked_jemalloc"
	is "jemalloc not visible" "$(of '.allocators[0] | "\(.name) \(.calls)"')" "it has the program's malloc"
	is 1 "$(grep -c '^allocators: jemalloc .*(static, linked_jemalloc, its calls are not visible)' text)"
	observed -s log=counters "$ZOO/linked_mimalloc"
	is "glibc counted,mimalloc not visible" "$(of '[.allocators[] | "\(.name) \(.calls)"] | join(",")')" "it has not"
	observed "$ZOO/late_calls"
	is null "$(of '.allocators[0].calls')"
}
@test "what treatments of threads and memory came to" {
	observed -s park-threads=yes "$ZOO/exits_with_threads"
	is "for_byte for_lock for_time" "$(sed -nE 's/^  [0-9]+ (for_[a-z]+) in .*; parked$/\1/p' text | sort | paste -sd' ')"
	observed -s keep=exit env OWNALLOC_DESTROY=1 LD_PRELOAD="$ZOO/libown_allocator.so" "$ZOO/late/heap_keeper"
	is 0 "$status"
	is 1 "$(grep -cx 'treatment keep: 1 call did not take 256 MiB away' text)"
}
@test "compare: time at exit, threads, memory gone, differences" {
	local name
	capture ex compare --json --allocators "glibc,$MIMALLOC,$ZOO/libown_allocator.so" -- env OWNALLOC_DESTROY=1 "$ZOO/exits_with_threads"
	is 0 "$status"
	mv out json
	is "3 3 3" "$(of '[.columns[].threads_at_exit | tostring] | join(" ")')" "threads"
	is "0 0 268435456" "$(of '[.columns[].took_bytes | tostring] | join(" ")')" "memory gone"
	is "$(of '[.columns[].rows[].took_bytes] | add')" "$(of '[.columns[].took_bytes] | add')" "sums"
	is "$(of '[.lines[] | select(.mark == "only").key] | unique | length')" "$(of .differences.only)" "handlers that not all have"
	for name in 0 1 2; do
		ex report --json "$(of ".columns[$name].trace")" >one
		is "$(jq -c '[.teardown_ns, .stdio_flush_ns]' one)" "$(of ".columns[$name] | [.teardown_ns, .stdio_flush_ns] | tostring")"
	done
	capture ex compare --allocators "glibc,$ZOO/libown_allocator.so" -- env OWNALLOC_DESTROY=1 "$ZOO/exits_with_threads"
	is 2 "$(grep -cE ' at exit \(stdio flush [0-9.]+ [a-z]+\), 3 other threads alive' out)"
	is 1 "$(grep -c ', 256 MiB went away' out)"
	is 1 "$(grep -c 'times at exit have the trials of the allocator in them' out)"
}
@test "compare: one handler in another place counts once" {
	ex run -o one -- "$ZOO/treat_order" >/dev/null || true
	ex run -s first=handler_one -o two -- "$ZOO/treat_order" >/dev/null || true
	capture ex compare one two
	is 0 "$status"
	is "0 1" "$(sed -nE 's/.* not in every column: ([0-9]+) .* in another place: ([0-9]+)$/\1 \2/p' out)"
}
@test "compare: six at most" {
	ex run -o one -- "$ZOO/leave__exit" >/dev/null || true
	capture ex compare one one one one one one
	is 0 "$status"
	capture ex compare one one one one one one seventh
	is 2 "$status"
	is "exeunt: seventh is one too many; at most 6 are compared at a time" "$(<err)"
	capture ex compare --allocators glibc,none,glibc,none,glibc,none,glibc -- "$ZOO/leave__exit"
	is 2 "$status"
}
@test "compare: a row that a treatment left out says so" {
	ex run -o one -- "$ZOO/treat_order" >/dev/null || true
	ex run -s skip=handler_two -o two -- "$ZOO/treat_order" >/dev/null || true
	capture ex compare one two
	is 1 "$(grep -cE 'handler_two treat_order\+0x[0-9a-f]+ +#[0-9]+ [0-9.]+ [a-z]+ +#[0-9]+ skipped$' out)"
}
