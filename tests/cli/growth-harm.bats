# Hooks in libc's memory calls under unkind circumstances: the program does what it does without them.
load ../lib/zoo
load ../lib/growth
setup() {
	zoo_setup
	need babeltrace2
}
teardown() { zoo_teardown; }

# same COMMAND…: status and output with and without us; trace is left
same() {
	capture "$@"
	local want="$status $(cat out err)"
	rm -rf trace
	capture ex run "${SETTINGS[@]}" -o trace -- "$@"
	is "$want" "$status $(cat out err)" "without (left) and with exeunt (right): $*"
}
results() { # what became of the detours of the last image, each kind once, with its number
	babeltrace2 trace | grep ' detour: ' | tail -8 | sed -nE 's/.* result = \( "([^"]*)" .*/\1/p' | sort | uniq -c | awk '{ n = $1; $1 = ""; print n $0 }' | paste -sd,
}

@test "memory that may not be made executable" {
	"$ZOO/launch_mdwe" /bin/true || skip "this kernel has no PR_SET_MDWE"
	same "$ZOO/launch_mdwe" "$ZOO/grow_threads" 4 8
	echo "detours: $(results)"
	case $(results) in
	"8 placed") exact "$ZOO/launch_mdwe" "$ZOO/grow_threads" 4 8 ;;
	"8 text is not writable") ;;
	*) return 1 ;;
	esac
}
@test "a seccomp filter that kills for whatever growing threads do not need" {
	"$ZOO/grow_sealed" >out || skip "no filters here"
	for setting in growth=yes growth=no serialize=growth serialize=malloc log=counters grow-step=1M delay=growth:10 limits=raise; do
		SETTINGS=(-s "$setting")
		same "$ZOO/grow_sealed"
	done
}
@test "all descriptors closed" {
	same "$ZOO/grow_closed"
	same bash -c 'exec 0<&- 1>&- 2>&-; exec "$1" 4 4' - "$ZOO/grow_threads"
}
@test "little address space" {
	# from too little for the program itself to plenty; where the library itself does not fit the dynamic linker says so
	for kib in 3000 5000 10000 20000 40000 80000 160000 320000; do
		(ulimit -S -v $kib && LD_PRELOAD=$LIBRARY EXEUNT="out=$WORK/probe.$kib" /bin/true) 2>probe || continue
		[ ! -s probe ] || continue
		capture bash -c "ulimit -S -v $kib; exec '$ZOO/grow_brk' 1"
		want="$status $(cat out err)"
		LD_PRELOAD=$LIBRARY EXEUNT="out=$WORK/trace.$kib" capture bash -c "ulimit -S -v $kib; exec '$ZOO/grow_brk' 1"
		is "$want" "$status $(cat out err)" "ulimit -v $kib"
		tested="$tested $kib"
	done
	echo "tested:$tested"
	[ -n "$tested" ]
}
@test "another preload is initialized first" {
	other=$ZOO/libinitfirst_dso.so
	for order in "$other:$LIBRARY" "$LIBRARY:$other"; do
		rm -rf trace
		EXEUNT="out=$WORK/trace" LD_PRELOAD=$order capture "$ZOO/grow_threads" 4 8
		is "0 OK" "$status $(cat out err)"
		echo "$order: $(results)"
		is "8 placed" "$(results)"
		"$PYTHON" "$ORACLE/events.py" calls trace | grep -q 'mprotect=[0-9]\{3,\}'
	done
}
@test "another preload is initialized first, and has a thread" {
	other=$ZOO/libinitfirst_dso.so
	export INITFIRST_THREAD=1
	for order in "$other:$LIBRARY" "$LIBRARY:$other"; do
		rm -rf trace
		EXEUNT="out=$WORK/trace" LD_PRELOAD=$order capture "$ZOO/grow_threads" 4 8
		is "0 OK" "$status $(cat out err)"
		echo "$order: $(results)"
		case $(results) in
		# nothing may be moved of which a thread may be in the middle
		*"threads run already"*) is 0 "$(babeltrace2 trace | grep ' detour: ' | grep '"placed"' | grep -vc 'moved = 5,')" ;;
		"8 placed") ;;
		*) return 1 ;;
		esac
	done
}
@test "a breakpoint at a function's start stays, and that function is left alone" {
	LAST="$PYTHON $ORACLE/uprobe.py --start count $EXEUNT_COMMAND run -o trace -- $ZOO/grow_wait 4"
	status=0
	"$PYTHON" "$ORACLE/uprobe.py" --start count "$EXEUNT_COMMAND" run -o trace -- "$ZOO/grow_wait" 4 >out 2>err || status=$?
	[ "$status" != 77 ] || skip "$(cat err)"
	is "0 OK" "$status $(cat out)"
	is "1 breakpoint,7 placed" "$(results)"
	is breakpoint "$(babeltrace2 trace | sed -nE 's/.* detour: .* result = \( "([^"]*)" .* symbol = "__lll_lock_wait_private".*/\1/p')"
	is "6 waits by the uprobe, 0 by us" "$(cat count) waits by the uprobe, $("$PYTHON" "$ORACLE/events.py" waits trace) by us"
}
@test "growth=no: nothing of growth is patched or told" {
	SETTINGS=(-s growth=no)
	same "$ZOO/grow_threads" 4 8
	is "" "$(babeltrace2 trace | grep -E ' (growth|wait): ' || true)"
	is '_exit abort exit' "$(babeltrace2 trace | sed -n 's/.* detour: .*symbol = "\([^"]*\)".*/\1/p' | sort | paste -sd' ')"
}
@test "every growing program, with malloc wrapped too" {
	for setting in growth=yes log=counters serialize=growth serialize=malloc; do
		SETTINGS=(-s "$setting")
		for program in "$ZOO"/grow_*; do
			same "$program"
		done
	done
}
