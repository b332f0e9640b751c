# Every call by which libc changes the memory of a process is one event: as many as strace sees, call by call, process by
# process. tests/real/growth-exact.bats does the same with real programs.
load ../lib/zoo
load ../lib/growth
setup() { zoo_setup; }
teardown() { zoo_teardown; }

@test "eight threads, each in its own arena" {
	exact "$ZOO/grow_threads" 8 16
	at_least 3000 mprotect
}
@test "eight threads that give everything back" {
	exact "$ZOO/grow_threads" 8 16 free
	at_least 1 madvise
}
@test "eight threads in one arena" {
	exact env GLIBC_TUNABLES=glibc.malloc.arena_max=1 "$ZOO/grow_threads" 8 16
	at_least 100 brk
}
@test "the main thread alone" {
	exact "$ZOO/grow_brk"
	at_least 140 brk
}
@test "large blocks: mmap, mremap, munmap" {
	exact "$ZOO/grow_mmap"
	is 80 "$(grep -o 'mremap=[0-9]*' want | cut -d= -f2)"
}
@test "heaps that shrink and are deleted, malloc_trim" {
	exact "$ZOO/grow_trim"
	at_least 1000 madvise
}
@test "threads that end with full caches" { exact "$ZOO/grow_churn"; }
@test "threads that share an arena" { exact "$ZOO/grow_contend"; }
@test "all of it at once, and the program's own maps" {
	exact "$ZOO/grow_mix"
	at_least 200 mremap
}
@test "RLIMIT_AS used up: refused calls are events too, and what finds no room is counted as lost" { accounted "$ZOO/grow_limit"; }
@test "RLIMIT_DATA: arenas that cannot grow" { exact "$ZOO/grow_retry"; }
@test "a timer's signals in the midst of growth" { exact "$ZOO/grow_signals" 50; }
@test "a signal handler that maps memory itself" { accounted "$ZOO/grow_signals" 50 calls; }
@test "fork, vfork and exec, posix_spawn, raw clone3 while four threads grow" { exact "$ZOO/grow_forks" 5; }
@test "gcc: driver, compiler, assembler" {
	exact gcc -O2 -c "$ROOT/schema/meta.c" -o meta.o
	[ "$(wc -l <want)" -ge 3 ]
}
@test "bash: pipelines and subshells" {
	exact bash -c 'for i in 1 2 3; do seq 1000 | tr 1 2 | sort | uniq -c | wc -l; done; (echo a; (echo b)); echo $(echo c)'
	[ "$(wc -l <want)" -ge 15 ]
}
@test "other allocators in front: mimalloc, jemalloc" {
	for allocator in libmimalloc.so.2.0 libjemalloc.so.2; do
		need_file "$DEBIAN_LIB/$allocator"
		exact env LD_PRELOAD=$allocator "$ZOO/grow_threads" 8 16
		exact env LD_PRELOAD=$allocator "$ZOO/grow_mix"
	done
}
@test "treatments: what they change is counted as it is made" {
	for setting in grow-step=1M arenas=2 serialize=growth serialize=malloc log=counters delay=growth:20; do
		SETTINGS=(-s "$setting")
		exact "$ZOO/grow_threads" 8 8 free
		exact "$ZOO/grow_mix"
	done
}
@test "fail: what is refused without a system call is an event too" {
	SETTINGS=(-s fail=growth:ENOMEM@20+7)
	traced "$ZOO/grow_threads" 1 2
	sum() { tr ' ' '\n' | sed -n 's/.*=//p' | awk '{ n += $1 } END { print n }'; }
	is $(($("$PYTHON" "$ORACLE/strace.py" log | sum) + 7)) "$("$PYTHON" "$ORACLE/events.py" calls trace | sum)" "strace and 7 refused (left), events (right)"
}
