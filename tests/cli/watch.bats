# Every writer of one word, as setting watch names it: compared with what the program says that it did. And that the program
# does not notice.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

WORD=watched_room+0x40
# what the trace says of the word: "store VALUE", "call NAME VALUE", ...; twice the same in a row is once (memcpy stores twice)
writers() {
	ex report "$@" --json t | jq -r '.watch.list[] | {store: "store", "system call": "call", "signal frame": "frame",
		"thread'"'"'s end": "exit", unknown: "unknown", "one of several": "several"}[.writer] +
		(if .writer == "system call" then " " + .syscall else "" end) + " " + .after' | uniq
}
# way, word, settings: the writers are those that the program tells of, and the status is 0
exact() {
	rm -rf t
	capture ex run -o t -s watch="${2:-$WORD}" "${@:3}" -- "$ZOO/watched" "$1"
	is 0 "$status" "status of $1"
	is "" "$(cat err)" "stderr of $1"
	is "$(grep -E '^(store|call|frame|exit) ' out)" "$(writers)" "writers of $1"
}

@test "stores: plain, of another thread, by memcpy, a vector, one byte, across the end, in a handler" {
	for way in store same thread memcpy vector byte unaligned handler; do exact $way; done
}
@test "the instruction that stored, and its callers" {
	capture ex run -o t -s watch="$WORD" -- "$ZOO/watched" store
	ex report --json t >report
	jq -r '.watch.list[] | .frames[0], .frames[1]' report | sed 's/[+ ].*//' >places
	is "$(printf '%s\n' writer_of_word main writer_of_word main)" "$(cat places)"
	jq -e '.watch.by == "debug register" and .watch.bytes == 8 and .watch.place == "watched+" + (.watch.place | split("+")[1])' report
	jq -e 'all(.watch.list[]; .is_behind == false)' report
	/usr/bin/python3 "$ROOT/tests/lib/validate.py" "$ROOT/docs/report.schema.json" report
	babeltrace2 t >text
	is 2 "$(grep -c ' wrote: ' text)"
}
@test "a call whose return address is the word" {
	exact call
	ex report --json t | jq -e '.watch.list[0] | (.frames[0] | startswith("main+")) and (.instruction | startswith("call"))'
}
@test "system calls: read, readv, getcpu, clock_gettime, with arguments and caller" {
	for way in read readv getcpu clock; do exact $way; done
	is 'clock_gettime(0, 0x' "$(ex report --json t | jq -r '.watch.list[0].call' | cut -c1-19)"
	ex report t | grep -q 'by the kernel, in clock_gettime(0, .*) = 0, called at main+'
}
@test "other kernel writes: a signal's frame, the end of a thread" {
	exact frame area+0xfe00
	exact join
}
@test "with threads: stores beside system calls of others, and reads beside stores, each to its own" {
	capture ex run -o t -s watch="$WORD" -- "$ZOO/watched" busy
	is 0 "$status"
	is "store 100" "$(writers | cut -d' ' -f1 | uniq -c | awk '{ print $2, $1 }')"
	rm -rf t
	capture ex run -o t -s watch="$WORD" -- "$ZOO/watched" race
	is 0 "$status"
	is "$(for ((n = 1; n <= 200; n++)); do printf 'store 0x%x\ncall read 0x%x\n' $((0xbbbb0000 + n)) $((0xaaaa0000 + n)); done)" "$(writers)"
}
@test "children: in a fork child, in borrowed memory, after exec" {
	exact vfork
	rm -rf t
	capture ex run -o t -s watch="$WORD" -- "$ZOO/watched" child
	is "" "$(writers)"
	child=$(ex report --json t | jq '[.processes[].pid] | max')
	is "store 0x9" "$(writers --pid "$child")"
	rm -rf t
	capture ex run -o t -s watch="$WORD" -- "$ZOO/watched" exec
	is "$(tail -2 out)" "$(writers)"
	rm -rf t
	capture ex run -o t -s watch="$WORD" -s follow=no -- "$ZOO/watched" child
	is 0 "$status"
}
@test "a word that comes later: mapped, or in a library that is opened" {
	exact heap 0x700000000010
	ex report --json t | jq -e '.watch.notes[0].note == "begins later"'
	rm -rf t
	printf 'int opened_count = 3;\n' >late.c
	gcc -shared -fPIC -o late.so late.c
	capture ex run -o t -s watch=late.so:opened_count:4 -- "$ZOO/watched" dlopen ./late.so opened_count
	is 0 "$status"
	is "store 0x7" "$(writers)"
	ex report --json t | jq -e '.watch.place | startswith("late.so+0x")'
}
@test "by module and offset, as by name" {
	offset=$(nm "$ZOO/watched" | awk '$3 == "watched_room" { print $1 }')
	exact store "$(printf 'watched+0x%x' $((0x$offset + 64)))"
	exact store "watched:$WORD"
}
@test "nobody, and nothing of that name" {
	capture ex run -o t -s watch="$WORD" -- "$ZOO/watched" never
	ex report --json t | jq -e '.watch | .was_there and .writes == 0'
	rm -rf t
	capture ex run -o t -s watch=no_such_thing -- "$ZOO/watched" store
	is 0 "$status"
	ex report --json t | jq -e '.watch | .was_there == false and .writes == 0'
	ex report t | grep -q 'the word was never there'
	rm -rf t
	nm "$LIBRARY" | grep -q ' b companion$' # a name that the library in front of the program has
	capture ex run -o t -s watch=companion -- "$ZOO/watched" store
	ex report --json t | jq -e '.watch.was_there == false'
}
@test "twenty thousand writes: the first and the last, and how many are between" {
	capture ex run -o t -s watch="$WORD" -- "$ZOO/watched" many
	ex report --json t >report
	jq -e '.watch | .writes == 20000 and .skipped == 20000 - 8192 and (.list | length) == 8192' report
	is "0x1 0x1000 0x3e21 0x4e20" "$(jq -r '.watch.list | [.[0, 4095, 4096, 8191].after] | join(" ")' report)"
	is "main" "$(jq -r '.watch.list[8191].frames[1]' report | sed 's/+.*//')"
}
@test "a run that dies: by its own signal, with its own crash record, and the last writer" {
	capture ex run -o t -s watch="$WORD" -- "$ZOO/watched" die
	is 139 "$status"
	is "store 0x1000" "$(writers)"
	ex report --json t | jq -e '.end.signal == 11 or .end.signal == "SIGSEGV"'
	ex report --json t | jq -e '.crash.address == "0x1000"'
}
@test "of an earlier run: a mapping of its crash, an address, and another layout" {
	capture ex run -o before -s aslr=off -- "$ZOO/watched" die
	babeltrace2 before | grep ' mapping: ' >mappings
	base=$(grep 'zoo/watched' mappings | head -1 | sed 's/.*begin = 0x\([0-9A-F]*\).*/\1/')
	at=$(((0x$base) + 0x$(nm "$ZOO/watched" | awk '$3 == "watched_room" { print $1 }') + 64))
	n=$(sed 's/.* n = \([0-9]*\), begin = \(0x[0-9A-F]*\), end = \(0x[0-9A-F]*\).*/\1 \2 \3/' mappings |
		while read -r number begin end; do if ((at >= begin && at < end)); then echo "$number $begin"; fi; done)
	[ -n "$n" ]
	exact store "$(printf 'mapping#%s+0x%x@before' "${n% *}" $((at - ${n#* })))"
	exact store "$(printf '0x%x@before' $at)"
	is "[]" "$(ex report --json t | jq -c .watch.notes)"
	rm -rf before
	capture ex run -o before -- "$ZOO/watched" die
	rm -rf t
	capture ex run -o t -s watch="$(printf '0x%x@before' $at)" -- "$ZOO/watched" store
	ex report --json t | jq -e '.watch.notes[].note | select(. == "other layout")'
}
@test "single steps: the same writers" {
	exact heap 0x700000000010 -s watch-by=steps
	ex report --json t | jq -e '.watch.by == "single steps"'
}
@test "aslr=off: the same addresses in each run" {
	for n in 1 2; do
		capture ex run -o "t$n" -s aslr=off -- "$ZOO/watched" never
		babeltrace2 "t$n" | grep ' module: ' | sed 's/.*begin = \(0x[0-9A-F]*\).*/\1/' >"bases$n"
	done
	[ -s bases1 ]
	is "$(cat bases1)" "$(cat bases2)"
}
@test "the program does not notice: output, status and signal of programs of all kinds" {
	for name in leave_abort leave_signal_kill leave_signal_term leave__exit leave_quick_exit leave_raise_segv null_deref \
		assert_fail sig_handler_longjmp sig_handler_chain fork_child fork_crash_child fork_exit_child popen_child \
		system_child spawn_child vfork_exec exec_chain sigaltstack_own exits_with_threads key_dtor tls_threads unwinds; do
		rm -rf a b
		capture ex run -o a -- "$ZOO/$name"
		mv out out.plain
		plain=$status
		capture ex run -o b -s watch=libc.so.6:environ -- "$ZOO/$name"
		is "$plain" "$status" "status of $name"
		is "$(sed 's/0x[0-9a-f]*/0x/g; s/[0-9]\{3,\}/N/g' out.plain)" "$(sed 's/0x[0-9a-f]*/0x/g; s/[0-9]\{3,\}/N/g' out)" "output of $name"
	done
}
@test "the program does not notice: traps and stops of its own, signals that are sent to exeunt" {
	exact trap
	is 2 "$(grep -c '^trap' out)"
	exact stops
	rm -rf t
	capture ex run -o t -s watch=libc.so.6:environ -- sh -c 'kill -TERM $PPID; sleep 100'
	is 143 "$status"
}
@test "what outlives the command goes on, untraced" {
	capture ex run -o t -s watch=libc.so.6:environ -- sh -c '(until [ -e go ]; do sleep 0.05; done; grep TracerPid /proc/self/status >left.new; mv left.new left) >/dev/null 2>&1 & '
	is 0 "$status"
	touch go
	for ((n = 0; n < 600; n++)); do
		[ ! -e left ] || break
		sleep 0.05
	done
	is "TracerPid:	0" "$(cat left)"
}
@test "refused: what traces others itself, a malformed word, a bare preload" {
	capture ex run -o t -s watch="$WORD" -- "$ZOO/watched" traces
	is 125 "$status"
	grep -q 'traces others by itself' err
	run ! grep -q 'not reached' out
	for word in 0x x+ x+12 mapping#4+0x10 crash mapping#x+0x1@t x:3 a/b :y 0x10:16; do
		capture ex run -o u -s watch="$word" -- true
		is 2 "$status" "status of $word"
		grep -q 'write 0xADDRESS' err
	done
	capture ex run -o u -s watch=mapping#9999+0x0@t -- true
	is 125 "$status"
	grep -q 'has no mapping #9999' err
	capture ex env -s watch="$WORD"
	is 2 "$status"
	grep -q 'exeunt run' err
}
@test "doctor says how" {
	capture ex doctor --json
	jq -e '.findings[] | select(.name == "watch") | .text' out
}
