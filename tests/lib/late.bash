# late.bash: the programs of tests/zoo/late and what diagnose must say of each: all verdicts about what is used after it
# is gone, and their rivals. For exit-confusion.bats, verdict-teardown.bats and nameless.bats.
# shellcheck shell=bash disable=SC2154,SC2034

LATE_RUNS=4 # every one of them dies each time, so that four runs of an arm exclude chance

# verdict, status, command: in front of the program the allocator that is preloaded and destroys its heap at exit
LATE_PROGRAMS='heap-after-teardown confirmed heap_handler
heap-after-teardown confirmed heap_static
heap-after-teardown confirmed heap_protected
heap-after-teardown confirmed heap_raw
heap-after-teardown confirmed heap_block
heap-after-teardown confirmed heap_alone
heap-after-teardown confirmed heap_discarded
heap-after-teardown confirmed stripped/heap_handler
heap-after-teardown confirmed stripped/heap_static
heap-after-teardown confirmed jemalloc heap_handler
heap-after-teardown confirmed mimalloc heap_keeper
heap-after-teardown confirmed own_allocator heap_keeper
heap-after-teardown confirmed own_allocator_raw heap_keeper
heap-after-teardown confirmed own_allocator_null allocates heap_keeper
exit-list-on-dead-heap confirmed list_inside
exit-list-on-dead-heap confirmed list_raw
exit-list-on-dead-heap confirmed stripped/list_inside
exit-list-on-dead-heap confirmed mimalloc list_keeper
exit-list-on-dead-heap confirmed own_allocator list_keeper
exit-list-on-dead-heap confirmed own_allocator_raw list_keeper
unloaded-module confirmed unloaded_callback
unloaded-module confirmed unloaded_handler
unloaded-module confirmed unloaded_key
unloaded-module confirmed unloaded_thread
unloaded-module confirmed unloaded_sleeper
unloaded-module confirmed unloaded_at_exit
unloaded-module confirmed unloaded_data
unloaded-module confirmed stripped/unloaded_handler
threads-at-exit confirmed thread_pool
threads-at-exit confirmed thread_within
threads-at-exit confirmed thread_static
threads-at-exit confirmed thread_main
threads-at-exit confirmed stripped/thread_pool
threads-at-exit confirmed own_allocator thread_heap
foreign-free confirmed foreign_pool
foreign-free confirmed foreign_realloc
foreign-free confirmed foreign_box
foreign-free confirmed stripped/foreign_box
null-dereference likely rival_null
null-dereference likely rival_closed
null-dereference likely rival_discarded
null-dereference likely rival_cleared
unknown none rival_own
unknown none rival_before
unknown none rival_thread_null
unknown none rival_thread_own
use-after-free confirmed rival_freed
wild-address likely rival_wild
double-free confirmed rival_twice
unknown none rival_inside
unknown none rival_static
double-free confirmed rival_both
healthy none mimalloc thread_heap'

# late WORD… PROGRAM: diagnoses it into the file json
late() {
	local -a command=()
	local word
	for word in "$@"; do
		case $word in
		mimalloc) command+=(MIMALLOC_DESTROY_ON_EXIT=1 LD_PRELOAD="$MIMALLOC") ;;
		jemalloc) command+=(LD_PRELOAD=libjemalloc.so.2) ;;
		own_allocator*) command+=(OWNALLOC_DESTROY=1 LD_PRELOAD="$ZOO/lib$word.so") ;;
		allocates) command+=(KEEPER_ALLOCATES=1) ;;
		*) command+=("$ZOO/late/$word") ;;
		esac
	done
	[ ${#command[@]} = 1 ] || command=(env "${command[@]}")
	EX_DIAGNOSE_RUNS=$LATE_RUNS verdict "${command[@]}"
}

# rows of a verdict: diagnoses each and says in the file table "EXPECTED GIVEN COMMAND"; fails when one differs
late_verdict() { # VERDICT [PATTERN]
	local expected status_expected program given failed=0
	while read -r expected status_expected program <&9; do
		[ "$expected" = "$1" ] || continue
		[[ $program =~ ${2:-.} ]] || continue
		# shellcheck disable=SC2086
		late $program 9<&-
		given=$(of '.verdict + " " + .status')
		echo "$expected ${given% *} $program" >>"${TABLE:-/dev/null}"
		[ "$given" = "$expected $status_expected" ] || {
			echo "$program: $given, not $expected $status_expected; $LAST"
			told
			failed=1
		}
	done 9<<<"$LATE_PROGRAMS"
	return $failed
}
