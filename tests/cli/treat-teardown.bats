# Treatments of the teardown: each changes what it says in what the program does, and nothing else.
load ../lib/zoo
setup() {
	zoo_setup
	need babeltrace2
}
teardown() { zoo_teardown; }

# treated "KEY=VALUE …" PROGRAM…: its status in $status, what it said as one line in $said
treated() {
	local settings=() word
	for word in $1; do settings+=(-s "$word"); done
	shift
	rm -rf trace
	capture timeout 60 "$EXEUNT_COMMAND" run "${settings[@]}" -o trace -- "$@"
	said=$(sed 's/^mark: //' out | paste -sd' ')
}
# says "KEY=VALUE …" STATUS WORDS PROGRAM…: nothing was refused either
says() {
	local with=$1 expected="$2 $3"
	shift 3
	treated "$with" "$@"
	is "$expected" "$status $said" "status and output of ${*##*/} with ${with:-nothing}"
	is "" "$(events refused)" "settings that were refused"
}
# fields of the events of one kind, one event a line
events() { babeltrace2 trace | sed -nE "s/.* $1: .* lost = [0-9]+ \}, \{ tid = [0-9]+ \}, \{ (.*) \}$/\1/p"; }
# outcome by row: "1 ran, 2 deferred"
outcomes() { events handler_end | sed -nE 's/.* row = ([1-9][0-9]*), how = \( "([^"]*)".*/\1 \2/p' | sort -n | paste -sd,; }
ORDER="handler_three handler_two with_status handler_one finalizer"

@test "defer: behind all others, in the order of their turns, with a second row" {
	says "" 7 "$ORDER" "$ZOO/treat_order"
	is "1 ran,2 ran,3 ran,4 ran,5 ran,6 ran,7 ran,8 ran" "$(outcomes)"
	says defer=handler_two 7 "handler_three with_status handler_one finalizer handler_two" "$ZOO/treat_order"
	is "1 ran,2 deferred,3 ran,4 ran,5 ran,6 ran,7 ran,8 ran,9 ran" "$(outcomes)"
	is "handler_three with_status handler_one _dl_fini finalizer __do_global_dtors_aux _fini handler_two" "$(rows trace | paste -sd' ')"
	is "deferred, as #9" "$(ex report trace | grep -o 'deferred.*')"
	says defer=with_status,handler_three 7 "handler_two handler_one finalizer handler_three with_status" "$ZOO/treat_order"
	says defer=#3 7 "handler_three handler_two handler_one finalizer with_status" "$ZOO/treat_order"
	says defer=finalizer,handler_one 7 "handler_three handler_two with_status handler_one finalizer" "$ZOO/treat_order"
	is "4 deferred" "$(outcomes | tr ',' '\n' | grep '^4 ')"
}
@test "defer: everything, and the dynamic linker's finalizer runs all the same" {
	says "defer=handler_one,handler_two,handler_three,with_status,finalizer,_dl_fini" 7 "$ORDER" "$ZOO/treat_order"
	is 1 "$(events goodbye | wc -l)"
}
@test "defer: a destructor of the thread's, a plugin's finalizer" {
	says "defer=_ZN6SecondD1Ev,_ZN6SecondD2Ev" 0 "First::~First() own Second::~Second()" "$ZOO/exit/tls_main"
	says defer=plugin_destructor 0 "plugin_atexit exe_atexit plugin_destructor" "$ZOO/dlopen_close" keep
	# one that a dlclose runs cannot wait: its code goes
	says defer=plugin_destructor 0 "plugin_destructor plugin_atexit main exe_atexit" "$ZOO/dlopen_close"
}
@test "defer: a process that leaves by _exit runs none" {
	treated defer=handler "$ZOO/leave__exit"
	is "" "$(events handler_begin | grep -v 'row = 0' || true)"
}
@test "first: before all others, and not again" {
	says first=handler_one 7 "handler_one handler_three handler_two with_status finalizer" "$ZOO/treat_order"
	is "1 ran,2 ran,3 ran,4 ran,5 ran-first,6 ran,7 ran,8 ran,9 ran" "$(outcomes)"
	says first=with_status,finalizer 7 "with_status finalizer handler_three handler_two handler_one" "$ZOO/treat_order"
	says "first=handler_one defer=handler_one" 7 "handler_one handler_three handler_two with_status finalizer" "$ZOO/treat_order"
	offset=$(nm "$ZOO/treat_order" | sed -nE 's/^0*([0-9a-f]+) t handler_one$/\1/p')
	says "first=treat_order+0x$offset" 7 "handler_one handler_three handler_two with_status finalizer" "$ZOO/treat_order"
}
@test "first: one function that was registered often runs as often, and never again" {
	says "" 0 "$(seq -f 'counted %g' -s' ' 70 -1 1)" "$ZOO/many_handlers"
	says first=counted 0 "$(seq -f 'counted %g' -s' ' 70 -1 1)" "$ZOO/many_handlers"
	is "70 70" "$(outcomes | tr ',' '\n' | awk '$2 == "ran" && $1 <= 71 { a++ } $2 == "ran-first" { b++ } END { print a, b }')"
}
@test "first: what does not exist, or is no handler then, is refused" {
	treated first=nosuch,plugin_destructor "$ZOO/treat_order"
	is "7 $ORDER" "$status $said"
	is "nosuch plugin_destructor" "$(events refused | sed -nE 's/.*"no such handler".*option = "first=(.*)"$/\1/p' | paste -sd' ')"
}
@test "delay=before:HANDLER:USEC: that handler begins so much later, and no other" {
	says delay=before:handler_two:300000 7 "$ORDER" "$ZOO/treat_order"
	report trace | jq -e '[.teardown[] | select(.symbol == "handler_two" or .symbol == "handler_three") | .begin_ns] | .[1] - .[0] >= 300000000'
	report trace | jq -e '[.teardown[] | select(.kind != "end") | .duration_ns] | max < 300000000'
}
@test "fast-exit: no handler runs, the status stays" {
	says fast-exit=yes 7 "" "$ZOO/treat_order"
	is "" "$(outcomes)"
	says fast-exit=yes 6 "" "$ZOO/leave_quick_exit"
	says fast-exit=yes 0 "plugin_destructor plugin_atexit main" "$ZOO/dlopen_close" # what dlclose runs is no exit
}
MEMORY="munmap madvise mprotect mremap free sbrk trim"
@test "keep=exit: what a handler gives back is still there, and can be mapped over" {
	says "" 0 "calls succeed ${MEMORY// / gone } gone over it new" "$ZOO/treat_memory"
	says keep=exit 0 "calls succeed ${MEMORY// / stays } stays over it new" "$ZOO/treat_memory"
	is "brk madvise madvise mprotect mremap munmap munmap" "$(events kept | sed -nE 's/.* how = \( "([^"]*)".*/\1/p' | sort | paste -sd' ')"
	is "mmap" "$(events release | sed -nE 's/.* how = \( "([^"]*)".*/\1/p' | paste -sd' ')"
}
@test "keep=exit: before exit everything goes as ever" {
	says keep=exit 0 OK "$ZOO/grow_trim"
	report trace | jq -e '.growth.by_class["heap-shrink"] > 0 and .growth.by_class["heap-delete"] > 0'
}
@test "keep=exit without its hooks is refused" {
	treated "keep=exit growth=no" "$ZOO/treat_order"
	[[ "$(events refused)" == *'option = "keep=exit"'* ]]
}
@test "keep=modules: dlclose unloads nothing, finalizers run at exit" {
	says "" 0 "plugin_destructor plugin_atexit main exe_atexit" "$ZOO/dlopen_close"
	says keep=modules 0 "main plugin_atexit exe_atexit plugin_destructor" "$ZOO/dlopen_close"
	is "1 0" "$(events dlclose | wc -l) $(events module_gone | wc -l)"
}
@test "park-threads: no other thread goes on" {
	for how in spins sleeps last allocates; do
		says "" 0 busy "$ZOO/treat_threads" $how
		says park-threads=yes 0 quiet "$ZOO/treat_threads" $how
		is 1 "$(events parked | grep -c '"parked"')"
	done
	says park-threads=yes 0 handler "$ZOO/threads_spin"
	is 4 "$(events parked | grep -c '"parked"')"
}
@test "park-threads: one that blocks all signals is told" {
	says park-threads=yes 0 busy "$ZOO/treat_threads" deaf
	is 1 "$(events parked | grep -c '"not parked"')"
}
@test "serialize=exit: others wait at malloc's door, but no join hangs" {
	says serialize=exit 0 quiet "$ZOO/treat_threads" allocates
	says serialize=exit 0 busy "$ZOO/treat_threads" spins
	says serialize=exit 0 joined "$ZOO/treat_threads" joined
}
@test "free=own: blocks of others are left alone, all others are freed" {
	treated "" "$ZOO/treat_foreign"
	is "134 own" "$status $said"
	says free=own 0 "own foreign" "$ZOO/treat_foreign"
	is 1 "$(events foreign | wc -l)"
	treated "" "$ZOO/treat_foreign" resize
	is "134 own" "$status $said"
	says free=own 0 "own foreign" "$ZOO/treat_foreign" resize
	is 1 "$(events foreign | wc -l)"
}
@test "free=own: no block of an ordinary program is foreign" {
	for program in "grow_threads 8 64 free" grow_churn grow_mix grow_trim "grow_signals 100 calls" "grow_forks 20"; do
		# shellcheck disable=SC2086
		says free=own 0 OK "$ZOO"/$program
		is "" "$(events foreign)" "$program"
	done
	treated free=own bash -c 'x=$(ls / | sort); [ -n "$x" ]'
	is "0 " "$status $(events foreign)"
}
@test "children inherit the settings" {
	says "defer=handler_two first=handler_one" 7 "handler_one handler_three with_status finalizer handler_two" sh -c '"$1"' - "$ZOO/treat_order"
}
refuses() { # PATTERN SETTING
	capture ex run -s "$2" -o trace -- /bin/true
	[ "$status" = 2 ] && grep -qE "$1" err || { echo "$2: status $status"; cat err; return 1; }
}
@test "settings that do not parse" {
	for value in '' '#0' '#x' 'a,,b' 'a+0x' 'a b'; do refuses 'defer: .*a handler is a symbol' "defer=$value"; done
	refuses 'defer: .*at most 8' defer=a,b,c,d,e,f,g,h,i
	refuses 'first: .*#n is known only when its turn comes' first=#3
	refuses 'first: .*#n is known only when its turn comes' first=a,#3
	refuses 'first: .*a handler is a symbol' first=
	for value in a '#3' '' 'm+0x' 'm+0x1,a'; do refuses 'enter: .*module\+0xoffset' "enter=$value"; done
	for value in before: before:h before:h:0 before:h:1000001 before:h:x; do
		refuses 'delay: .*write before:HANDLER:USEC' "delay=$value"
	done
	refuses 'delay: .*a handler is a symbol' delay=before:#x:5
	refuses 'keep: .*one of: off \| exit \| exec \| always \| modules' keep=yes
	refuses 'free: .*one of: all \| own' free=no
	refuses 'serialize: .*one of: off \| growth \| malloc \| exit' serialize=on
	refuses 'park-threads: .*yes or no' park-threads=1
	refuses 'fast-exit: .*yes or no' fast-exit=1
}
@test "what the library itself does not understand is told" {
	env EXEUNT="out=$WORK/trace first=#2 enter=a keep=x free=x defer=#0 delay=before:a:x" LD_PRELOAD="$LIBRARY" "$ZOO/treat_order" >out || status=$?
	is 7 "$status"
	is "defer=#0 delay=before:a:x enter=a first=#2 free=x keep=x" "$(events refused | sed -nE 's/.*option = "(.*)"$/\1/p' | sort | paste -sd' ')"
}
