# log=counters: counts of the malloc family are exact, whatever ends the process, and nothing that malloc promises changes.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

ALLOCATORS=("" "$MIMALLOC" libjemalloc.so.2 libtcmalloc_minimal.so.4)

# counted STATUS FEWEST_PROCESSES COMMAND…: runs it with a second counter behind the library, and the two agree
BEHIND=
counted() {
	local want=$1 fewest=$2
	shift 2
	rm -rf trace count
	mkdir count
	capture ex run -s log=counters -o trace -- \
		env COUNT_DIR="$WORK/count" LD_PRELOAD="$ZOO/libcount_dso.so${BEHIND:+:$BEHIND}" "$@"
	is "$want" "$status" "exit status of $*" || { cat err; return 1; }
	run "$ROOT/tests/lib/counts.py" "$EXEUNT_COMMAND" trace count "$fewest"
	[ "$status" = 0 ] || { echo "$* with ${BEHIND:-glibc}:"; echo "$output"; return 1; }
}
calls() { # DIR FUNCTION
	report "$1" | jq ".heap.calls[\"$2\"] // 0"
}
# every form of a call, with and without COMMAND's library in front: same output, same end
same_as_alone() { # SETTINGS COMMAND…
	local settings=$1 alone
	shift
	for allocator in "${ALLOCATORS[@]}"; do
		rm -rf trace
		capture env LD_PRELOAD="$allocator" "$@"
		alone=$status
		mv out alone.out
		capture ex run -s "$settings" -o trace -- env LD_PRELOAD="$allocator" "$@"
		is "$alone" "$status" "exit status with ${allocator:-glibc}"
		is "$(cat alone.out)" "$(cat out)" "$* with ${allocator:-glibc}, alone and observed"
	done
}

@test "a program that knows its counts" {
	local t f
	for t in 0 3; do ex run -s log=counters -o "t$t" -- "$ZOO/heap_counts" $t; done
	# twelve rounds: three, in each of four threads
	while read -r f n; do
		is "$((n * 12))" "$(($(calls t3 "$f") - $(calls t0 "$f")))" "$f"
	done <<-EOF
		malloc 5
		calloc 4
		reallocarray 1
		free 25
		posix_memalign 4
		aligned_alloc 5
		memalign 6
		valloc 1
		pvalloc 1
		malloc_usable_size 7
	EOF
	report t0 >t0.json
	report t3 >t3.json
	size() { jq "[.heap.by_size[] | select(.to_bytes == $2) | .$3] | add // 0" "$1.json"; }
	while read -r to n bytes; do
		is "$((n * 12)) $((bytes * 12))" \
			"$(($(size t3 "$to" calls) - $(size t0 "$to" calls))) $(($(size t3 "$to" bytes) - $(size t0 "$to" bytes)))" "to $to"
	done <<-EOF
		0 1 0
		3 6 18
		127 2 200
		511 9 3280
		null 2 0
	EOF
	is 4 "$(jq '.heap.threads | length' t3.json)"
	is "libc.so.6 0" "$(jq -r '"\(.heap.allocator.module) \(.heap.unseen | length)"' t3.json)"
}
@test "every way out: return, exit, _exit, abort, kill -9" {
	for BEHIND in "${ALLOCATORS[@]}"; do
		counted 0 1 "$ZOO/heap_counts" 2 return
		counted 0 1 "$ZOO/heap_counts" 2 exit
		counted 0 1 "$ZOO/heap_counts" 2 _exit
		counted 134 1 "$ZOO/heap_counts" 2 abort
		counted 137 1 "$ZOO/heap_counts" 2 kill
	done
}
@test "C++: all forms of new and delete" {
	for BEHIND in "" libjemalloc.so.2 libtcmalloc_minimal.so.4; do
		counted 0 1 "$ZOO/heap_forms"
		counted 0 1 "$ZOO/heap_throws"
	done
	BEHIND=$MIMALLOC
	counted 0 1 "$ZOO/heap_forms" 5 # its C build aborts where new has to throw
}
@test "C++ without a second counter: each form as often as it is written" {
	ex run -s log=counters -o trace -- env LD_PRELOAD=libtcmalloc_minimal.so.4 "$ZOO/heap_forms" 7 >out
	for form in "new[](nothrow)" "new(align_val_t, nothrow)" "new[](align_val_t, nothrow)" "delete(sized)" "delete[](sized)" \
		"delete(nothrow)" "delete[](nothrow)" "delete(align_val_t)" "delete(sized, align_val_t)" \
		"delete[](sized, align_val_t)" "delete(align_val_t, nothrow)" "delete[](align_val_t, nothrow)"; do
		is 7 "$(calls trace "operator $form")" "operator $form"
	done
	is libtcmalloc_minimal.so.4 "$(report trace | jq -r .heap.allocator.module | sed 's/\.4\..*/.4/')"
}
@test "ten programs, to the last call" {
	for BEHIND in "${ALLOCATORS[@]}"; do
		counted 0 1 ls -l /usr/bin
		counted 0 2 python3 -c 'import json, subprocess
for i in range(1000): json.dumps({"a": i})
subprocess.run(["true"])'
		counted 0 3 sh -c 'seq 20000 | sort --parallel=2 | uniq | tail -1'
		counted 0 5 bash -c 'for i in 1 2 3; do x=$(echo $i | sed s/1/2/); done; (exit 3) & wait'
		counted 0 1 perl -e '$h{$_} = $_ x 10 for 1 .. 5000'
		counted 0 1 jq -n '[range(1000)] | add'
		counted 0 1 find "$ROOT/cli" -name '*.c'
		counted 0 1 sed -n '/a/p' "$ROOT/README.md"
		counted 0 1 awk '{ n[$1]++ } END { for (i in n) print i }' "$ROOT/README.md"
		counted 0 1 bash -c 'declare -A a; for i in {1..2000}; do a[$i]=$i; done'
	done
}
@test "git, xz, a program with threads and children" {
	need git
	need xz
	git init -q repository
	git -C repository -c user.name=a -c user.email=a@b commit -q --allow-empty -m one
	for BEHIND in "${ALLOCATORS[@]}"; do
		counted 0 1 git -C repository log --stat
		counted 0 1 xz -T2 -c "$ROOT/README.md"
		counted 0 9 "$ZOO/heap_storm" 4 3000 8
	done
}
@test "signals in the middle of calls lose nothing" {
	for BEHIND in "${ALLOCATORS[@]}"; do
		counted 0 1 "$ZOO/heap_signals" say
		is "$(sed 's/.*malloc_usable_size //' out)" "$(calls trace malloc_usable_size)" "with ${BEHIND:-glibc}"
	done
}
@test "a plugin that brings the C++ runtime, opened and closed" {
	ex run -s log=counters -o trace -- "$ZOO/heap_late" >out
	is "$(printf 'caught 5\n%.0s' 1 2 3)" "$(cat out)"
	is 15 "$(calls trace 'operator delete(sized)')"
	is 30 "$(calls trace 'operator new[]')"
}
@test "alignment, zeroing, errno, exceptions are as without" { same_as_alone log=counters "$ZOO/heap_forms"; }
@test "an allocator inside the program: it says that nothing can be counted" {
	ex run -s log=counters -o trace -- "$ZOO/allocator_inside"
	is "calloc free malloc realloc in allocator_inside" \
		"$(report trace | jq -r '.heap.unseen | "\(map(.function) | sort | join(" ")) in \(map(.module) | unique | join(" "))"')"
	ex report trace | grep -q 'not counted: calls that allocator_inside takes before the library sees them: malloc'
}
@test "an allocator before the library: the same" {
	LD_PRELOAD="libjemalloc.so.2:${LIBRARY%.so}-heap.so" EXEUNT="out=$WORK/trace log=counters" ls >out
	report trace | jq -e '.heap.unseen[] | select(.function == "malloc") | .module | startswith("libjemalloc.so.2")'
	is 0 "$(calls trace malloc)"
}
@test "a bare preload that asks for counters gets the library that has them" {
	LD_PRELOAD="$LIBRARY" EXEUNT="out=$WORK/trace log=counters" ls / >out
	[ "$(calls trace malloc)" -gt 0 ]
	is "" "$(report trace | jq -r '.processes[] | select(.exe | endswith("exeunt"))')"
}
@test "no room for a thread's counters: what is missing is said" {
	ex run -s log=counters -s limit=96K -o trace -- "$ZOO/heap_storm" 16 100
	[ "$(report trace | jq .lost)" -gt 0 ]
	ex report trace | grep -q 'lost: .* at the size limit.*may be incomplete'
}
@test "not asked for: null, and no library that wraps malloc" {
	ex run -o trace -- grep -c libexeunt-heap /proc/self/maps >out || true
	is 0 "$(cat out)"
	is null "$(report trace | jq .heap)"
}
@test "children: the wrapped library follows, once" {
	ex run -s log=counters -o trace -- sh -c "env -i env; LD_PRELOAD=$LIBRARY env" | grep LD_PRELOAD >out
	is "$(printf '%s\n' "LD_PRELOAD=${LIBRARY%.so}-heap.so"{,})" "$(cat out)"
}
@test "the library with wrappers is missing: 125" {
	mkdir alone
	cp "$LIBRARY" alone/
	run -125 --separate-stderr env EXEUNT_LIBRARY="$WORK/alone/libexeunt.so" "$EXEUNT_COMMAND" run -s log=counters -- true
	[[ $stderr == *"libexeunt-heap.so not found (looked for $WORK/alone/libexeunt-heap.so)"* ]]
	EXEUNT_LIBRARY="$WORK/alone/libexeunt.so" ex run -o trace -- true
	run -125 env EXEUNT_LIBRARY="$WORK/alone/libexeunt.so" "$EXEUNT_COMMAND" env -s serialize=growth
}
