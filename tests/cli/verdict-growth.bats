# growth-refused and arena-contention: each on its own programs, with what its arms must do, and silent on the rivals.
load ../lib/zoo
load ../lib/verdicts
setup() {
	zoo_setup
	export EX_DIAGNOSE_RUNS=3
	unset MALLOC_ARENA_MAX GLIBC_TUNABLES
}
teardown() { zoo_teardown; }

arm() { of ".arms[] | select(.name == \"$1\") | \"\(.role) \(.treatment) \(.bad) bad\" + if .runs > 0 then \"\" else \", none counted\" end"; }
why_not() { of ".excluded[] | select(.verdict == \"$1\") | .why"; }
evidence() { of ".evidence[] | select(.id == \"$1\") | .text"; }

# the arm that raises the limit cures, the one that treats a rival cause does not
refused() { # PROGRAM
	verdict "$ZOO/$1"
	is "growth-refused confirmed" "$(of '.verdict + " " + .status')" || { told; return 1; }
	is "confirm limits=raise 0 bad" "$(arm raise)" || { told; return 1; }
	is "control serialize=growth 3 bad" "$(arm serialize)" || { told; return 1; }
	is 0 "$status"
	evidence refused | grep -q 'ENOMEM, .* before' || { told; return 1; }
}
not_refused() { # VERDICT WHY COMMAND…
	local want=$1 why=$2
	shift 2
	verdict "$@"
	is "$want" "$(of .verdict)" || { told; return 1; }
	why_not growth-refused | grep -q "$why" || { told; return 1; }
}

@test "NULL that nobody looks at" { refused refused_null; }
@test "in a thread, with RLIMIT_DATA" { refused refused_thread; }
@test "bad_alloc that nobody catches" {
	refused refused_bad_alloc
	evidence asked | grep -q 'called by main+' || { told; return 1; }
}
@test "a program that aborts when it gets no memory" { refused refused_abort; }
@test "no room for a thread's stack" { refused refused_stack; }
@test "NULL that is looked at later, after more growth" {
	refused refused_stored
	evidence asked | grep -q '^it was for main' || { told; return 1; }
}
@test "exit with a status that is not the expected one" {
	capture ex diagnose --runs 3 --expect-status 0 --json -- "$ZOO/refused_gives_up"
	cp out json
	is "growth-refused confirmed" "$(of '.verdict + " " + .status')" || { told; return 1; }
	is "confirm limits=raise 0 bad" "$(arm raise)" || { told; return 1; }
}
@test "a limit that cannot be raised: likely, and the arm does not count" {
	local drop=()
	if [ "$(id -u)" = 0 ]; then
		need setpriv
		drop=(setpriv --bounding-set=-sys_resource)
	fi
	LAST="${drop[*]} $EXEUNT_COMMAND diagnose --runs 3 -- bash -c 'ulimit -v 40000; exec refused_null'"
	"${drop[@]}" "$EXEUNT_COMMAND" diagnose --runs 3 --json -- bash -c "ulimit -v 40000; exec $ZOO/refused_null" >json 2>err
	is "growth-refused likely" "$(of '.verdict + " " + .status')" || { told; return 1; }
	is "confirm limits=raise 0 bad, none counted" "$(arm raise)" || { told; return 1; }
	evidence not-confirmed | grep -q 'refused with raised limits too' || { told; return 1; }
}

@test "a program that lives with less is healthy" {
	verdict "$ZOO/refused_survived"
	is healthy "$(of .verdict)" || { told; return 1; }
	is 1 "$(of '.arms | length')" "arms"
}
@test "refused, lived through, and a null pointer: the arm that raises the limit does not cure" {
	not_refused null-dereference 'raise should have cured it and did not: 3 of 3' "$ZOO/refused_probe" 100000
}
@test "a request that no limit would grant, lived through" {
	not_refused null-dereference 'only to see whether it can have it' "$ZOO/refused_probe" 1099511627776
	is "confirm limits=raise 0 bad, none counted" "$(arm raise)" || { told; return 1; }
}
@test "a null pointer, and nothing was refused" { not_refused null-dereference 'refused it no memory' "$ZOO/null_deref"; }
@test "refused by the setting fail=, not by the system" {
	capture ex diagnose --runs 2 -s fail=growth:ENOMEM@5+1000 --json -- "$ZOO/refused_null"
	cp out json
	is null-dereference "$(of .verdict)" || { told; return 1; }
	why_not growth-refused | grep -q 'by the setting fail=' || { told; return 1; }
}
@test "profile-after-teardown stays what it is when memory had been refused" {
	printf '#include <stdlib.h>\n__attribute__((constructor)) static void ask(void) { void *volatile p = malloc(1ul << 50); free(p); }\n' |
		gcc -O1 -shared -fPIC -x c - -o ask.so
	export MIMALLOC_DESTROY_ON_EXIT=1
	verdict env LD_PRELOAD="libmimalloc.so.2.0 $WORK/ask.so" "$ZOO/prof_app"
	confirmed_teardown
	# memory was refused in it
	babeltrace2 "$(of .trace)" | grep 'growth: ' | grep -q 'error = 12,' || { echo "nothing was refused"; return 1; }
}

# Whether threads that only compute meet at a lock is a matter of how busy the machine is. So the owner of the lock is made to
# sleep: delay= widens each growth, in all arms
contended() { # ARGUMENTS…
	capture ex diagnose --runs 3 -s delay=growth:1000 --json -- "$ZOO/contended" "$@"
	cp out json
}
@test "eight threads in one arena" {
	export MALLOC_ARENA_MAX=1
	contended
	is "arena-contention confirmed" "$(of '.verdict + " " + .status')" || { told; return 1; }
	is "confirm arenas=9 0 bad" "$(arm more)" || { told; return 1; }
	is "control arenas=1 3 bad" "$(arm same)" || { told; return 1; }
	is 0 "$status"
	evidence arenas | grep -q 'at most 9 threads at a time shared 1 arena$' || { told; return 1; }
}
@test "a program that limits its arenas itself: arenas= holds over it" {
	contended 1
	is "arena-contention confirmed" "$(of '.verdict + " " + .status')" || { told; return 1; }
	is "confirm arenas=9 0 bad" "$(arm more)" || { told; return 1; }
	is "control arenas=1 3 bad" "$(arm same)" || { told; return 1; }
}
@test "the same threads with an arena each are healthy" {
	contended 9
	is healthy "$(of .verdict)" || { told; return 1; }
}
@test "threads that wait for a mutex of the program's, or for a stream" {
	for program in contended_mutex contended_stdio; do
		verdict "$ZOO/$program"
		is healthy "$(of .verdict)" "$program" || { told; return 1; }
		is "" "$(evidence contention)" "$program"
	done
}
@test "ordinary programs with threads are healthy" {
	need xz
	export EX_DIAGNOSE_RUNS=2
	seq 400000 >numbers
	verdict xz -T4 --block-size=200KiB -1 -k -c numbers
	is healthy "$(of .verdict)" || { told; return 1; }
	verdict sort --parallel=4 -S 4M -R numbers
	is healthy "$(of .verdict)" || { told; return 1; }
}
@test "a bad end comes before contention" {
	export MALLOC_ARENA_MAX=1
	capture ex diagnose --runs 2 --expect-status 5 -s delay=growth:1000 --json -- "$ZOO/contended"
	cp out json
	is unknown "$(of .verdict)" || { told; return 1; }
	is 1 "$(of '.arms | length')" "arms"
}

@test "profile growth: what its trace holds" {
	MALLOC_ARENA_MAX=1 capture ex run -p growth -s delay=growth:1000 -o trace -- "$ZOO/contended"
	is 0 "$status"
	report trace >json
	is 1 "$(of '.growth.arenas | length')" "arenas"
	[ "$(of '.growth.arenas[0].waits')" -gt 0 ]
}
